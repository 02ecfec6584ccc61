"""Neighbours by pynndescent, with the settings that umap-learn gives it, and by umap-learn's exact way.

    python knn.py VECTORS.npy METRIC K THREADS OUT.npy [QUERIES]

It compiles on the first rows, then times the whole, writes the indices found to OUT.npy and prints one line of JSON. With
QUERIES, that many last rows are not indexed but searched for afterwards; their neighbours go to OUT.npy instead.
"""
import json
import resource
import sys
import time

import numba
import numpy as np
import pynndescent

path, metric, k, threads, out = sys.argv[1:6]
k, threads = int(k), int(threads)
numba.set_num_threads(threads)
x = np.load(path)
queries = int(sys.argv[6]) if len(sys.argv) > 6 else 0
x, q = x[: len(x) - queries], x[len(x) - queries :]


def index(x):
    n = x.shape[0]
    return pynndescent.NNDescent(
        x,
        n_neighbors=k,
        metric=metric,
        random_state=1,
        n_trees=min(64, 5 + int(round(n**0.5 / 20.0))),
        n_iters=max(5, int(round(np.log2(n)))),
        max_candidates=60,
        low_memory=True,
        n_jobs=threads,
        verbose=False,
        compressed=False,
    )


warm = index(x[:5000])
if queries:
    warm.prepare()
    warm.query(q[:50], k=k, epsilon=0.1)
began = time.perf_counter()
ix = index(x)
built = time.perf_counter() - began
found, result = 0.0, ix.neighbor_graph[0]
if queries:
    began = time.perf_counter()
    ix.prepare()
    prepared = time.perf_counter() - began
    began = time.perf_counter()
    result = ix.query(q, k=k, epsilon=0.1)[0]
    found = time.perf_counter() - began
np.save(out, result.astype(np.float32))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(dict(seconds=built, query_seconds=found, peak_mb=peak, version=pynndescent.__version__)))
