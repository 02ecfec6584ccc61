"""Measure the coherence of topics with gensim and the agreement of labels with scikit-learn.

    coherence.py TASK.json

TASK.json has texts (lists of tokens), topics (lists of words), truth and found (labels). Prints one JSON object: the value
and the seconds of each measure, for gensim with one process and with one for each processor, whichever is faster.
"""
import json
import os
import sys
import time

from gensim.corpora import Dictionary
from gensim.models import CoherenceModel
from sklearn.metrics import (
    adjusted_mutual_info_score, adjusted_rand_score, fowlkes_mallows_score, homogeneity_completeness_v_measure, normalized_mutual_info_score,
)

with open(sys.argv[1], encoding="utf-8") as f:
    task = json.load(f)
out = {}
for measure in ("c_npmi", "c_uci", "c_v", "u_mass"):
    for processes in {1, len(os.sched_getaffinity(0))} if measure != "u_mass" else {1}:
        began = time.perf_counter()
        model = CoherenceModel(topics=task["topics"], texts=task["texts"], dictionary=Dictionary(task["texts"]), coherence=measure, processes=processes)
        value = float(model.get_coherence())
        seconds = time.perf_counter() - began
        if measure not in out or seconds < out[measure]["seconds"]:
            out[measure] = {"value": value, "seconds": seconds}
seconds = []
for _ in range(5):
    began = time.perf_counter()
    value = adjusted_mutual_info_score(task["truth"], task["found"])
    for score in (adjusted_rand_score, normalized_mutual_info_score, fowlkes_mallows_score, homogeneity_completeness_v_measure):
        score(task["truth"], task["found"])
    seconds.append(time.perf_counter() - began)
out["ami"] = {"value": value, "seconds": min(seconds)}
print(json.dumps(out))
