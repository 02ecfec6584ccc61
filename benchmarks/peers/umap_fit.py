"""Fit umap-learn on vectors and write the positions.

    umap_fit.py VECTORS.npy OUT_DIR SEED... [--transform ROWS.npy] [--unseeded N]

Each SEED is a fit with that random_state, which takes one thread; N fits without one take all threads. The settings are
those of BERTopic: 15 neighbours, 5 components, min_dist 0, cosine. Numba compiles before anything is timed: both kinds of
fit and a transform run on the first 5,000 vectors. Writes OUT_DIR/SEED.npy and OUT_DIR/unseeded-I.npy; prints one JSON
object: seconds of each fit, of the transform of ROWS by the first fit in one call and of its rows one by one (the first
20), and the peak memory in MB.
"""
import argparse
import json
import os
import resource
import time
import warnings

import numpy as np
import umap

warnings.filterwarnings("ignore")
p = argparse.ArgumentParser()
p.add_argument("vectors")
p.add_argument("out")
p.add_argument("seeds", nargs="*", type=int)
p.add_argument("--transform")
p.add_argument("--unseeded", type=int, default=0)
args = p.parse_args()
x = np.load(args.vectors)
os.makedirs(args.out, exist_ok=True)


def model(seed):
    return umap.UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)


for seed in ([1] if args.seeds else []) + ([None] if args.unseeded else []):
    model(seed).fit(x[:5000]).transform(x[5000:5050] + 0.001)

result = {"version": umap.__version__, "seeded": [], "unseeded": []}
first = None
for seed in args.seeds + [None] * args.unseeded:
    began = time.perf_counter()
    m = model(seed).fit(x)
    took = time.perf_counter() - began
    result["unseeded" if seed is None else "seeded"].append(took)
    name = f"unseeded-{len(result['unseeded'])}" if seed is None else str(seed)
    np.save(os.path.join(args.out, name + ".npy"), m.embedding_)
    if first is None:
        first = m
result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
if args.transform:
    q = np.load(args.transform)
    began = time.perf_counter()
    np.save(os.path.join(args.out, "transform.npy"), first.transform(q))
    result["transform"] = time.perf_counter() - began
    result["rows"] = []
    for i in range(20):
        began = time.perf_counter()
        first.transform(q[i : i + 1])
        result["rows"].append(time.perf_counter() - began)
print(json.dumps(result))
