"""Time BERTopic's approximate_distribution and topics_over_time on given topics.

    bertopic_distribution.py TEXTS DOCS_CSV [COPIES]

TEXTS has one document per line, DOCS_CSV (id, topic, probability) their topics. Prints one JSON object: seconds of each step
and the number of entries of the distribution. With COPIES it makes the distribution of that many copies of the texts alone
and prints the most memory of the process too.
"""
import csv
import json
import resource
import sys
import time

import numpy as np
import pandas as pd
from bertopic import BERTopic

texts, assignments, *copies = sys.argv[1:]
docs = [line.rstrip("\n") for line in open(texts, encoding="utf-8")]
topics = [int(row["topic"]) for row in csv.DictReader(open(assignments))]
model = BERTopic(language="multilingual")
frame = pd.DataFrame({"Document": docs, "ID": range(len(docs)), "Topic": topics, "Image": None})
model._update_topic_size(frame)
model.c_tf_idf_, _ = model._c_tf_idf(frame.groupby(["Topic"], as_index=False).agg({"Document": " ".join}))
seconds = {}
if copies:
    seconds["before_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    docs *= int(copies[0])
began = time.perf_counter()
rows, _ = model.approximate_distribution(docs)
seconds["distribution"] = time.perf_counter() - began
seconds["entries"] = int(np.count_nonzero(rows))
if copies:
    seconds["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(seconds))
    sys.exit()
stamps = pd.to_datetime([1_700_000_000 + i * 7919 % len(docs) * 432 for i in range(len(docs))], unit="s")
began = time.perf_counter()
model.topics_over_time(docs, stamps, nr_bins=100)
seconds["over time"] = time.perf_counter() - began
print(json.dumps(seconds))
