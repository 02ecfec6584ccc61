"""Golden file of package internal/linkage: trees and leaf orders by SciPy, flat clusters by SciPy and scikit-learn.

    python linkage.py OUT.json.gz

Distances are rounded to six digits, so that the file is small and both sides read the same numbers. For each case and
method: the rows of the linkage matrix, the leaves in the order of optimal_leaf_ordering, the flat clusters by
fcluster(criterion="distance") at some distances and, where scikit-learn takes distances, those of AgglomerativeClustering
for some numbers of clusters. Clusters are numbered by their first items.
"""
import gzip
import json
import sys

import numpy as np
import scipy
import sklearn
from scipy.cluster import hierarchy as sch
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import AgglomerativeClustering

METHODS = ("single", "complete", "average", "weighted", "ward", "centroid", "median")


def cases():
    rng = np.random.default_rng(11)
    yield "two", np.array([0.25])
    yield "two at one place", np.array([0.0])
    yield "three", np.array([0.5, 0.25, 0.75])
    yield "three alike", np.ones(3)
    yield "plane", pdist(rng.normal(size=(25, 2)))
    yield "plane, more", pdist(rng.uniform(size=(60, 2)))
    yield "ten dimensions", pdist(rng.normal(size=(40, 10)))
    yield "no metric", rng.uniform(size=30 * 29 // 2)
    yield "cosine of topics", pdist(rng.normal(size=(8, 50))[rng.integers(0, 8, 45)] + 0.7 * rng.normal(size=(45, 50)), "cosine")
    yield "cosine of counts", pdist(rng.poisson(0.4, size=(35, 40)) + (np.arange(40) == 0), "cosine")
    yield "grid", pdist(np.array([(i, j) for i in range(6) for j in range(5)], float))
    yield "line", pdist(np.arange(24.0)[:, None])
    yield "chain", pdist(np.cumsum(1.3 ** np.arange(22.0))[:, None])
    yield "few values", rng.integers(1, 4, 28 * 27 // 2).astype(float)
    yield "zeros and ones", rng.integers(0, 2, 20 * 19 // 2).astype(float)
    yield "all alike", np.full(17 * 16 // 2, 0.7)
    yield "all at one place", np.zeros(12 * 11 // 2)
    places = rng.normal(size=(9, 3))
    yield "duplicates", pdist(places[rng.integers(0, 9, 30)])
    yield "large", 1e6 * pdist(rng.normal(size=(18, 3)))
    yield "tiny", 1e-9 * pdist(rng.normal(size=(18, 3)))
    hexagon = np.exp(2j * np.pi * np.arange(6) / 6)
    corners = np.concatenate([hexagon, hexagon + 5, [0, 5]])
    yield "inversions", pdist(np.stack([corners.real, corners.imag], 1))


def by_first(labels):
    number = {}
    return [number.setdefault(int(v), len(number)) for v in labels]


out = []
for name, d in cases():
    d = np.array([float("%.6g" % v) for v in d])
    n = squareform(d).shape[0]
    case = {"name": name, "n": n, "dist": d.tolist(), "methods": []}
    for method in METHODS:
        z = sch.linkage(d, method)
        heights = np.unique(z[:, 2])
        flat = [float(v) for v in {heights[0], heights[len(heights) // 2], heights[-1] * 0.7, heights[0] / 2}]
        flat.sort()
        got = {
            "method": method,
            "left": z[:, 0].astype(int).tolist(),
            "right": z[:, 1].astype(int).tolist(),
            "distance": z[:, 2].tolist(),
            "size": z[:, 3].astype(int).tolist(),
            "leaves": sch.leaves_list(sch.optimal_leaf_ordering(z, d)).tolist(),
            "at": flat,
            "flat": [by_first(sch.fcluster(z, t, "distance")) for t in flat],
        }
        if method in ("single", "complete", "average"):
            got["k"] = sorted({1, 2, 3, n // 3, n // 2, n - 1, n} - {0} - ({3} if n < 3 else set()))
            got["cut"] = []
            for k in got["k"]:
                model = AgglomerativeClustering(n_clusters=k, linkage=method, metric="precomputed").fit(squareform(d))
                got["cut"].append(by_first(model.labels_))
        case["methods"].append(got)
    out.append(case)

versions = {"scipy": scipy.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__}
with open(sys.argv[1], "wb") as raw:
    with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as f:
        f.write(json.dumps({"versions": versions, "cases": out}, separators=(",", ":")).encode())
