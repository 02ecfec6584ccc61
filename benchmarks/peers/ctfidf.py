"""Count and weigh the terms of classes of documents with scikit-learn and BERTopic.

    ctfidf.py CORPUS NGRAMS REPEATS

CORPUS has one JSON array [class, text] per line. The documents of each class are joined before the clock starts, as
BERTopic gives them to its vectorizer. Prints one JSON object: the size of the result, sums that show whether another
program did the same work, the seconds of the fastest repeat, and the peak of memory in MB (on Linux).
"""
import json
import sys
import time

import numpy as np
from bertopic.vectorizers import ClassTfidfTransformer
from sklearn.feature_extraction.text import CountVectorizer


def peak_mb():
    # Not getrusage, whose peak begins with that of the process that started this one.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))


path, ngrams, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
classes = {}
documents = 0
with open(path, encoding="utf-8") as f:
    for line in f:
        label, text = json.loads(line)
        classes.setdefault(label, []).append(text)
        documents += 1
joined = [" ".join(classes[label]) for label in sorted(classes)]
del classes

seconds = []
for _ in range(repeats):
    began = time.perf_counter()
    counts = CountVectorizer(ngram_range=(1, ngrams)).fit_transform(joined)
    sizes, total = (counts.shape[1], counts.nnz), int(counts.sum())
    counted = time.perf_counter()
    weights = ClassTfidfTransformer().fit(counts).transform(counts)
    seconds.append(time.perf_counter() - began)
print(json.dumps({
    "documents": documents, "terms": sizes[0], "cells": sizes[1], "total": total, "weight": float(np.sum(weights.data)),
    "seconds": min(seconds), "peak_mb": peak_mb(),
}))
