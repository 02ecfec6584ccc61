"""Golden files of package umap: what umap-learn makes of sentence embeddings.

    python umap.py EMBEDDINGS.npy OUTDIR

EMBEDDINGS.npy holds sentence embeddings, one text per row, of Go's doc comments. Every twelfth row is taken, rounded to
float16, and written to OUTDIR/embeddings.f16 (little-endian, row-major); the rest goes to OUTDIR/golden.json.gz.

umap-learn finds the neighbours of fewer than 4096 rows from a full matrix of distances, in which the distance of a row to
itself may be 1e-16 instead of 0 and then counts as its nearest neighbour. So the neighbours are found here, in float64,
with 0 for the row itself, and given to umap-learn's functions.
"""
import gzip
import json
import os
import sys
import warnings

sys.path.pop(0)  # this file has the package's name

import numpy as np
import scipy
import sklearn
import umap
from scipy.sparse.csgraph import connected_components
from sklearn.manifold import trustworthiness
from umap.spectral import component_layout, spectral_layout
from umap.umap_ import find_ab_params, fuzzy_simplicial_set, smooth_knn_dist

warnings.filterwarnings("ignore")


def numbers(a, digits=9):
    return [float(f"%.{digits}g" % v) for v in np.asarray(a).ravel()]


def distances(x, metric):
    x = x.astype(np.float64)
    if metric == "cosine":
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
    d = np.sqrt(np.maximum(((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2), 0))
    if metric == "cosine":
        d = d**2 / 2
    np.fill_diagonal(d, 0)
    return d


def neighbours(x, k, metric):
    d = distances(x, metric)
    order = np.argsort(d, axis=1, kind="stable")[:, :k]
    assert (order[:, 0] == np.arange(len(x))).all()
    return order.astype(np.int32), np.take_along_axis(d, order, 1).astype(np.float32)


def graph_of(x, k, metric, mix=1.0, local=1.0):
    index, dist = neighbours(x, k, metric)
    sigma, rho = smooth_knn_dist(dist, float(k), local_connectivity=local)
    g, _, _ = fuzzy_simplicial_set(
        x, k, None, metric, knn_indices=index, knn_dists=dist, set_op_mix_ratio=mix, local_connectivity=local
    )
    g = g.tocsr()
    g.eliminate_zeros()
    g.sort_indices()
    return index, dist, rho, sigma, g


def packed(g):
    return {"start": g.indptr.tolist(), "index": g.indices.tolist(), "weight": numbers(g.data)}


def pruned(g, epochs):
    g = g.tocoo()
    g.data[g.data < g.data.max() / epochs] = 0
    g.eliminate_zeros()
    return g.tocsr()


emb, out = sys.argv[1], sys.argv[2]
x = np.unique(np.load(emb)[::12].astype(np.float16), axis=0).astype(np.float32)
x.astype("<f2").tofile(os.path.join(out, "embeddings.f16"))
golden = {
    "versions": {
        "umap-learn": umap.__version__, "numpy": np.__version__, "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__, "python": sys.version.split()[0],
    },
    "rows": x.shape[0], "cols": x.shape[1], "k": 15, "graphs": [], "ab": [], "components": [],
}

for metric, mix, local in (("cosine", 1.0, 1.0), ("euclidean", 1.0, 1.0), ("cosine", 0.3, 2.5)):
    index, dist, rho, sigma, g = graph_of(x, 15, metric, mix, local)
    case = {"metric": metric, "mix": mix, "local": local, "rho": numbers(rho), "sigma": numbers(sigma), "graph": packed(g)}
    if mix == 1:
        p = pruned(g, 500)
        assert connected_components(p)[0] == 1
        root = np.sqrt(np.asarray(p.sum(axis=0)).ravel().astype(np.float64))
        laplacian = np.eye(len(x)) - p.toarray().astype(np.float64) / np.outer(root, root)
        case["eigenvalues"] = numbers(np.linalg.eigvalsh(laplacian)[:8])
        case["spectral"] = numbers(spectral_layout(x, p, 5, np.random.RandomState(1), tol=1e-10))
        case["layouts"] = []
        for dim, min_dist in ((2, 0.1), (5, 0.0)):
            trust = []
            for seed in (1, 2, 3):
                y = umap.UMAP(n_components=dim, min_dist=min_dist, metric=metric, random_state=seed,
                              precomputed_knn=(index, dist), force_approximation_algorithm=True).fit_transform(x)
                trust.append(trustworthiness(x, y, n_neighbors=15, metric=metric))
            case["layouts"].append({"dim": dim, "min_dist": min_dist, "trustworthiness": trust})
            print(metric, dim, trust)
    golden["graphs"].append(case)

for min_dist, spread in ((0.0, 1.0), (0.1, 1.0), (0.15, 1.0), (0.25, 1.0), (0.5, 1.0), (0.99, 1.0), (0.1, 0.5), (0.5, 2.0), (0.0, 3.0)):
    a, b = find_ab_params(spread, min_dist)
    golden["ab"].append({"min_dist": min_dist, "spread": spread, "a": a, "b": b})

# Groups far from each other: row i is row i of the embeddings, cut to 16 columns, moved by 4 along axis i modulo the groups.
for groups in (3, 7):
    n, k, dim = 30 * groups, 8, 2
    xs = x[:n, :16].copy()
    xs[np.arange(n), np.arange(n) % groups] += 4
    g = pruned(graph_of(xs, k, "euclidean")[-1], 500)
    count, label = connected_components(g)
    assert count == groups and (np.bincount(label) >= 2 * dim).all()
    case = {"groups": groups, "k": k, "dim": dim, "label": label.tolist()}
    case["spectral"] = numbers(spectral_layout(xs, g, dim, np.random.RandomState(1), metric="euclidean"))
    if groups > 2 * dim:
        case["centres"] = numbers(component_layout(xs, count, label, dim, np.random.RandomState(1), metric="euclidean"))
    golden["components"].append(case)

with gzip.GzipFile(os.path.join(out, "golden.json.gz"), "wb", 9, mtime=0) as f:
    f.write(json.dumps(golden).encode())
