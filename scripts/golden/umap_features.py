"""Golden file of package umap's features: what umap-learn makes of small data by each metric, of classes, targets, densities
and combined graphs.

    python umap_features.py OUTDIR

Everything in OUTDIR/features.json.gz follows from a matrix that is in it. Layouts are random in umap-learn and not here;
what is here is the deterministic part: neighbours' distances, rho, sigma, graphs and radii. As in umap.py neighbours are
found in float64 with 0 for the row itself, by umap-learn's own distances.
"""
import gzip
import json
import os
import sys
import warnings

sys.path.pop(0)  # the directory has a file of the package's name

import numpy as np
import umap
from umap import distances as dist
from umap.umap_ import (
    discrete_metric_simplicial_set_intersection,
    fuzzy_simplicial_set,
    general_simplicial_set_intersection,
    general_simplicial_set_union,
    reset_local_connectivity,
    smooth_knn_dist,
)

warnings.filterwarnings("ignore")
out = sys.argv[1]
rng = np.random.RandomState(5)


def numbers(a, digits=9):
    return [float(f"%.{digits}g" % v) for v in np.asarray(a).ravel()]


def packed(g):
    g = g.tocsr()
    g.eliminate_zeros()
    g.sort_indices()
    return {"start": g.indptr.tolist(), "index": g.indices.tolist(), "weight": numbers(g.data)}


def neighbours(d, k, disconnection):
    d = d.copy()
    np.fill_diagonal(d, 0)
    order = np.argsort(d, axis=1, kind="stable")
    order = np.array([np.r_[i, row[row != i]] for i, row in enumerate(order)])[:, :k]
    nd = np.take_along_axis(d, order, 1).astype(np.float32)
    index = order.astype(np.int32)
    index[nd >= disconnection] = -1
    nd[nd >= disconnection] = np.inf
    return index, nd


def graph(x, index, nd, k):
    return fuzzy_simplicial_set(x, k, None, "euclidean", knn_indices=index, knn_dists=nd, return_dists=True)


n, k = 90, 8
centres = rng.uniform(0, 1, (5, 6))
x = (centres[np.arange(n) % 5] + rng.uniform(0, 0.6, (n, 6))).astype(np.float32)
x[rng.uniform(size=x.shape) < 0.2] = 0  # for the metrics that count zeros
x[:, :2] *= 0.7  # latitudes and longitudes
golden = {
    "versions": {"umap-learn": umap.__version__, "numpy": np.__version__, "python": sys.version.split()[0]},
    "rows": n, "cols": 6, "k": k, "x": numbers(x), "metrics": [],
}
limits = {"cosine": 2, "correlation": 2, "hellinger": 1, "jaccard": 1, "dice": 1}
for name, params in (
    ("euclidean", {}), ("cosine", {}), ("correlation", {}), ("manhattan", {}), ("chebyshev", {}), ("minkowski", {"p": 3.0}),
    ("canberra", {}), ("braycurtis", {}), ("hamming", {}), ("jaccard", {}), ("dice", {}), ("hellinger", {}), ("haversine", {}),
):
    rows = x[:, :2] if name == "haversine" else x
    f = dist.named_distances[name].py_func
    d = np.array([[f(a.astype(np.float64), b.astype(np.float64), *params.values()) for b in rows] for a in rows])
    index, nd = neighbours(d, k, limits.get(name, np.inf))
    sigma, rho = smooth_knn_dist(nd, float(k))
    g = graph(rows, index, nd, k)[0]
    golden["metrics"].append({
        "metric": name, "p": params.get("p", 0), "index": index.ravel().tolist(),
        "distance": [-1 if np.isinf(v) else v for v in numbers(nd)], "rho": numbers(rho), "sigma": numbers(sigma), "graph": packed(g),
    })

d = np.sqrt(((x[:, None].astype(np.float64) - x[None]) ** 2).sum(-1))
index, nd = neighbours(d, k, np.inf)
g, _, _, dists = graph(x, index, nd, k)
golden["graph"] = packed(g)

classes = np.arange(n) % 5
classes[rng.uniform(size=n) < 0.3] = -1
golden["classes"] = classes.tolist()
golden["supervised"] = []
for weight in (0.0, 0.5, 0.9, 1.0):
    far = 2.5 / (1 - weight) if weight < 1 else 1e12
    golden["supervised"].append({"weight": weight, "graph": packed(discrete_metric_simplicial_set_intersection(g.copy(), classes, far_dist=far))})

target = (classes[:, None] * 0.5 + rng.uniform(0, 1, (n, 2))).astype(np.float32)
golden["target"] = numbers(target)
td = np.sqrt(((target[:, None].astype(np.float64) - target[None]) ** 2).sum(-1))
ti, tn = neighbours(td, k, np.inf)
h = graph(target, ti, tn, k)[0]
golden["targetGraph"] = packed(h)
# As UMAP.fit uses it for continuous targets: not made symmetric.
directed = fuzzy_simplicial_set(target, k, None, "euclidean", knn_indices=ti, knn_dists=tn, apply_set_operations=False)[0]
golden["continuous"] = []
for weight in (0.2, 0.5, 0.8):
    golden["continuous"].append({"weight": weight, "graph": packed(reset_local_connectivity(general_simplicial_set_intersection(g, directed, weight)))})
golden["union"] = packed(reset_local_connectivity(general_simplicial_set_union(g, h), True))
golden["product"] = packed(reset_local_connectivity(general_simplicial_set_intersection(g, h, 0.5), True))
golden["difference"] = packed(reset_local_connectivity(general_simplicial_set_intersection(g.copy(), h, weight=0.5, right_complement=True), False))

# The radii, as simplicial_set_embedding computes them for densMAP.
p = g.copy().tocoo()
p.data[p.data < p.data.max() / 700] = 0
p.eliminate_zeros()
ro, mu = np.zeros(n), np.zeros(n)
for i, j, w in zip(p.row, p.col, p.data):
    for v in (i, j):
        ro[v] += w * dists[i, j] ** 2
        mu[v] += w
golden["radii"] = numbers(np.log(1e-8 + ro / mu))

with gzip.GzipFile(os.path.join(out, "features.json.gz"), "wb", 9, mtime=0) as f:
    f.write(json.dumps(golden).encode())
