"""Golden file of package umap: the deterministic steps of umap-learn beyond its plain fit, on generated rows.

    python umap_steps.py OUTDIR

writes OUTDIR/steps.json.gz. Rows are multiples of 1/1024, so that they are the same in float32 and float64. Distances
are those of umap-learn's own functions in float64, neighbours are sorted by (distance, index) after the row itself. Beside
the steps are figures of fits, of which umap-learn makes a different one for every seed.
"""
import gzip
import json
import os
import sys
import warnings

sys.path.pop(0)  # beside this file is one with the package's name

import numpy as np
import scipy
import sklearn
import umap
import umap.distances as dist
from numba.typed import List
from sklearn.manifold import trustworthiness
from umap.aligned_umap import build_neighborhood_similarities, expand_relations, procrustes_align
from umap.umap_ import (
    DISCONNECTION_DISTANCES,
    fuzzy_simplicial_set,
    general_simplicial_set_intersection,
    reset_local_connectivity,
    simplicial_set_embedding,
    smooth_knn_dist,
)

warnings.filterwarnings("ignore")
out = sys.argv[1]
random = np.random.RandomState(7)
K = 10


def rounded(x):
    return np.round(np.asarray(x, dtype=np.float64) * 1024) / 1024


def numbers(a, digits=9):
    """Rounded; −1 for what is not finite: rho and sigma of a row without neighbours."""
    return [float(f"%.{digits}g" % v) if np.isfinite(v) else -1 for v in np.asarray(a).ravel()]


def matrix(x):
    return {"rows": x.shape[0], "cols": x.shape[1], "data": [float(v) for v in x.ravel()]}


def packed(g):
    g = g.tocsr()
    g.sum_duplicates()
    g.eliminate_zeros()
    g.sort_indices()
    return {"start": g.indptr.tolist(), "index": g.indices.tolist(), "weight": numbers(g.data)}


def neighbours(x, k, metric, *args):
    f = dist.named_distances[metric]
    n = len(x)
    d = np.array([[f(x[i], x[j], *args) if i != j else 0.0 for j in range(n)] for i in range(n)])
    d = np.maximum(d, d.T)
    np.fill_diagonal(d, -1)
    index = np.argsort(d, axis=1, kind="stable")[:, :k].astype(np.int32)
    near = np.take_along_axis(d, index, 1)
    near[:, 0] = 0
    far = near >= DISCONNECTION_DISTANCES.get(metric, np.inf)
    index[far] = -1
    near[far] = np.inf
    return index, near.astype(np.float32)


def graph_of(x, index, near, directed=False):
    sigma, rho = smooth_knn_dist(near, float(index.shape[1]))
    g, _, _, d = fuzzy_simplicial_set(x, index.shape[1], None, "euclidean", knn_indices=index, knn_dists=near,
                                      apply_set_operations=not directed, return_dists=True)
    g = g.tocsr()
    g.eliminate_zeros()
    return rho, sigma, g, d


n = 120
blob = np.arange(n) % 6
positive = rounded(random.gamma(1.0, 1.0, (6, 8))[blob] + random.gamma(2.0, 0.1, (n, 8)))
weights = [1.0, 0.5, 2.0, 0.0, 1.0, 1.5, 0.25, 1.0]

golden = {
    "versions": {
        "umap-learn": umap.__version__, "numpy": np.__version__, "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__, "python": sys.version.split()[0],
    },
    "k": K,
    "rows": matrix(positive),
}
index, near = neighbours(positive, K, "euclidean")
_, _, g, d = graph_of(positive, index, near)
weighted, _ = neighbours(positive, K, "wminkowski", np.array(weights), 1.5)
golden["minkowski"] = {"p": 1.5, "weights": weights, "index": weighted.ravel().tolist()}

# Continuous targets, as UMAP.fit uses them: their graph is not made symmetric.
targets = rounded(np.column_stack([blob + random.rand(n), random.rand(n)]))
golden["targets"] = matrix(targets)
golden["continuous"] = []
for w, k, metric in ((0.2, 10, "euclidean"), (0.5, 6, "euclidean"), (0.8, 10, "manhattan"), (1.0, 10, "euclidean")):
    ti, tn = neighbours(targets, k, metric)
    tg = graph_of(targets, ti, tn, True)[2]
    r = reset_local_connectivity(general_simplicial_set_intersection(g.copy(), tg, w))
    golden["continuous"].append({"weight": w, "k": k, "metric": metric, "target": packed(tg), "graph": packed(r)})

# Local radii, in the data and in a layout that is not optimised.
layout = rounded(np.column_stack([blob + random.rand(n), blob**2 / 3 + random.rand(n)]))
layout[:, :] -= layout.min(0)
aux = simplicial_set_embedding(positive, g.copy(), 2, 1.0, 1.577, 0.895, 1.0, 5, 0, layout, np.random.RandomState(1), "euclidean", {},
                               False, {"n_neighbors": K, "graph_dists": d}, True)
golden["radii"] = {"layout": matrix(aux[0].astype(np.float64)), "original": numbers(aux[1]["rad_orig"]), "embedded": numbers(aux[1]["rad_emb"])}

# Alignment of three data sets.
relations = [{i: (i + 7) % 60 for i in range(0, 60, 2)}, {i: i // 2 for i in range(0, 60, 3)}]
parts = [positive[:60], positive[30:90], positive[60:]]
sets = [graph_of(p, *neighbours(p, 6, "euclidean"))[2] for p in parts]
ptr, ind = List(), List()
for s in sets:
    s.sort_indices()
    ptr.append(s.indptr)
    ind.append(s.indices)
expanded = expand_relations(relations, 2)
anchors = np.array([[i for i in range(60) if i % 2], [(i * 3) % 60 for i in range(60) if i % 2]])
turned = procrustes_align(layout[:60].copy(), np.ascontiguousarray(layout[60:] @ np.array([[0.6, 0.8], [0.8, -0.6]])), anchors)
golden["aligned"] = {
    "relations": [[d.get(i, -1) for i in range(60)] for d in relations], "window": 2, "k": 6,
    "expanded": expanded.tolist(), "similarity": [[numbers(r) for r in m] for m in build_neighborhood_similarities(ptr, ind, expanded)],
    "base": matrix(layout[:60]), "turn": matrix(layout[60:] @ np.array([[0.6, 0.8], [0.8, -0.6]])),
    "anchors": anchors.tolist(), "turned": numbers(turned),
}

# What is random there: densMAP on groups of three sizes, the rows for their positions, slices that share rows.
sizes = np.repeat([[0.1], [0.4], [1.6]], 100, axis=0)
groups = rounded(np.repeat([[0.0], [6.0], [12.0]], 100, axis=0) * (np.arange(5) % 2) + sizes * (random.rand(300, 5) + random.rand(300, 5) - 1))
golden["groups"] = matrix(groups)
golden["densmap"] = []
for seed in range(1, 6):
    y, ro, re = umap.UMAP(densmap=True, output_dens=True, random_state=seed).fit_transform(groups)
    golden["densmap"].append({"correlation": float(np.corrcoef(ro, re)[0, 1]), "trustworthiness": float(trustworthiness(groups, y, n_neighbors=15))})
print(golden["densmap"])
golden["inverse"] = []  # the median distance between a row and the inverse of its position
for seed in range(1, 6):
    mapper = umap.UMAP(random_state=seed).fit(groups)
    back = mapper.inverse_transform(mapper.embedding_[::5])
    away = float(np.median(np.linalg.norm(back - groups[::5], axis=1)))
    golden["inverse"].append({"away": away, "positions": numbers(mapper.embedding_, 6)})
    print(away)
shared = {i: i - 50 for i in range(50, 150)}
slices = [groups[order] for order in (np.random.RandomState(2).permutation(300)[lo:lo + 150] for lo in (0, 50, 100))]
golden["slices"] = [matrix(p) for p in slices]
golden["alignedFit"] = []
for seed in range(1, 6):
    ys = umap.AlignedUMAP(random_state=seed, transform_seed=seed).fit_transform(slices, relations=[shared, shared])
    keys, values = list(shared.keys()), list(shared.values())
    gap = np.mean([np.linalg.norm(ys[m][keys] - ys[m + 1][values], axis=1).mean() / ys[m].std() for m in range(2)])
    golden["alignedFit"].append({"gap": float(gap), "trustworthiness": float(np.mean([trustworthiness(p, y, n_neighbors=15) for p, y in zip(slices, ys)]))})
print(golden["alignedFit"])

with gzip.GzipFile(os.path.join(out, "steps.json.gz"), "wb", 9, mtime=0) as f:
    f.write(json.dumps(golden).encode())
