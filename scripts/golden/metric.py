"""Golden file of package metric: distances by umap-learn.

    python metric.py OUTDIR

Writes OUTDIR/golden.json.gz: groups of rows of float32 values and, by each metric, the distances of all pairs of them, in
rows. The rows are given to umap.distances in float64, so that its results are good to the last digits, and without their
zeros to umap.sparse.
"""
import gzip
import json
import os
import sys

sys.path.pop(0)  # a file beside this one is named like a package

import numba
import numpy as np
import scipy
import umap
import umap.distances as dense
import umap.sparse as sparse


def rows(kind, n, d, rng):
    x = rng.normal(size=(n, d))
    if kind == "positive":
        x = np.abs(x)
    if kind == "counts":
        x = rng.poisson(0.6, size=(n, d))
    if kind == "sphere":
        x = np.stack([rng.uniform(-np.pi / 2, np.pi / 2, n), rng.uniform(-np.pi, np.pi, n)], 1)
        x[3] = [np.pi / 2, 0]
        x[4] = [0.3, -3.0]
        x[5] = [-0.3, 0.1415926535]  # nearly opposite
        x[6] = x[4] + 1e-4
    if kind == "large":
        x = x * 1e3
    if kind != "sphere":
        x[3] = 0
        x[4] = 0
        x[5] = 1.25  # of one value
        x[6] = 2.5
        x[8] = 3 * x[9]
    x[7] = x[1]
    return x.astype(np.float32)


def table(x, f):
    with np.errstate(all="ignore"):
        d = np.array([[f(a, b) for b in x] for a in x])
    # The square of a hellinger distance below 0 by rounding: no number in umap-learn.
    return [float("%.15g" % v) for v in np.nan_to_num(d).ravel()]


def main(out):
    rng = np.random.default_rng(7)
    weights = [float("%.3g" % v) for v in rng.uniform(0, 2, 11)]
    weights[4] = 0.0
    w = np.array(weights)
    groups = []
    for kind, n, d in ("normal", 12, 11), ("large", 10, 19), ("counts", 12, 11), ("positive", 11, 11), ("sphere", 11, 2):
        x = rows(kind, n, d, rng)
        y = x.astype(np.float64)
        found = []

        def add(name, f, **more):
            found.append(dict(metric=name, distances=table(y, f), **more))

        if kind == "sphere":
            add("haversine", dense.haversine)
        else:
            names = ["euclidean", "cosine", "correlation", "manhattan", "chebyshev", "canberra", "braycurtis", "hamming", "jaccard", "dice"]
            if kind in ("counts", "positive"):
                names.append("hellinger")
            for name in names:
                add(name, dense.named_distances[name])
            for p in 0.5, 1.0, 1.5, 2.0, 3.0, 4.7:
                add("minkowski", lambda a, b: dense.minkowski(a, b, p), p=p)
                if d == len(w):
                    add("minkowski", lambda a, b: dense.weighted_minkowski(a, b, w, p), p=p, weights=weights)
        if kind == "counts":
            def without(f):
                def g(a, b):
                    i, j = np.flatnonzero(a).astype(np.int32), np.flatnonzero(b).astype(np.int32)
                    return f(i, a[i].astype(np.float32), j, b[j].astype(np.float32))
                return g

            for name in "euclidean", "cosine", "hellinger", "jaccard", "dice":
                add(name, without(sparse.sparse_named_distances[name]), sparse=True)
        groups.append(dict(cols=d, rows=[[float(v) for v in r] for r in x], found=found))
    versions = dict(umap=umap.__version__, numba=numba.__version__, numpy=np.__version__, scipy=scipy.__version__)
    with open(os.path.join(out, "golden.json.gz"), "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as f:
            f.write(json.dumps(dict(versions=versions, groups=groups)).encode())


main(sys.argv[1])
