"""Golden file of package online: scikit-learn's IncrementalPCA and MiniBatchKMeans, River's DBSTREAM.

    python online.py OUT.json.gz

Rows are rounded to three digits, so that the file is small and both sides read the same numbers. For each case the state after
each batch. What depends on random numbers is there as a mean over seeds.
"""
import gzip
import json
import sys

import numpy as np
import river
import sklearn
from river.cluster import DBSTREAM
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import IncrementalPCA

rng = np.random.default_rng(9)


def rows(n, d, centres, spread):
    at = 10 * rng.uniform(size=(centres, d))
    return np.round(at[rng.integers(0, centres, n)] + spread * rng.normal(size=(n, d)), 3).astype(np.float32)


def lists(a):
    return np.asarray(a, dtype=np.float64).round(10).tolist()


def short(a):
    return [[float("%.9g" % v) for v in r] for r in a]


def pca(k, x, batches):
    p, steps, at = IncrementalPCA(n_components=k), [], 0
    for n in batches:
        p.partial_fit(x[at : at + n].astype(np.float64))
        at += n
        steps.append(
            dict(Rows=n, Mean=lists(p.mean_), Variance=lists(p.var_), Singular=lists(p.singular_values_), Explained=lists(p.explained_variance_), Components=lists(p.components_))
        )
    return dict(K=k, X=short(x), Steps=steps, Transformed=lists(p.transform(x[:5].astype(np.float64))))


def kmeans(k, x, init, batches, ratio):
    m, steps, at = MiniBatchKMeans(n_clusters=k, init=init.astype(np.float64), n_init=1, reassignment_ratio=ratio, random_state=0), [], 0
    for n in batches:
        b = x[at : at + n].astype(np.float64)
        m.partial_fit(b)
        at += n
        steps.append(dict(Rows=n, Centres=lists(m.cluster_centers_), Counts=lists(m._counts), Labels=m.predict(b).tolist()))
    return dict(K=k, Ratio=ratio, X=short(x), Init=short(init), Steps=steps)


def inertia(k, x, batch, seeds):
    found = []
    for seed in range(seeds):
        m = MiniBatchKMeans(n_clusters=k, random_state=seed)
        for at in range(0, len(x), batch):
            m.partial_fit(x[at : at + batch].astype(np.float64))
        found.append(-m.score(x.astype(np.float64)))
    return dict(K=k, Batch=batch, X=short(x), Mean=float(np.mean(found)), Deviation=float(np.std(found, ddof=1)))


def dbstream(x, radius, fading, gap, weight, intersection):
    m = DBSTREAM(clustering_threshold=radius, fading_factor=fading, cleanup_interval=gap, minimum_weight=weight, intersection_factor=intersection)
    for r in x.astype(np.float64):
        m.learn_one(dict(enumerate(r)))
    micro = []
    labels = m._generate_labels(m._generate_weighted_adjacency_matrix())
    for i, c in m._micro_clusters.items():
        shared = [[list(m._micro_clusters).index(j), v, m.s_t[i][j]] for j, v in sorted(m.s.get(i, {}).items()) if v > 0]
        micro.append(dict(Centre=lists([c.center[j] for j in range(x.shape[1])]), Weight=c.weight, Last=c.last_update, Shared=shared, Label=-1 if labels[i] is None else labels[i]))
    return dict(X=short(x), Radius=radius, Fading=fading, Gap=gap, MinWeight=weight, Intersection=intersection, Micro=micro)


line = np.round(np.outer(rng.normal(size=30), [1, 2, -1.37, 0.53]), 3).astype(np.float32)
x = rows(120, 4, 5, 1.5)
alike = np.repeat(rows(1, 3, 1, 0.3), 12, axis=0)
far = np.array([[5, 5, 5], [900, 0, 0], [0, 900, 0], [5, 0, 5], [0, 0, 900]], np.float32)
out = dict(
    sklearn=sklearn.__version__,
    river=river.__version__,
    pca=[
        pca(3, rows(90, 10, 4, 2), [30, 30, 5, 25]),
        pca(6, rows(50, 6, 3, 1), [25, 25]),
        pca(1, rows(40, 8, 2, 3), [2, 18, 20]),
        pca(3, line, [10, 20]),
        pca(5, np.round(100 + rows(60, 12, 6, 1), 2), [20, 40]),
    ],
    kmeans=[
        kmeans(4, x, x[:4], [40, 1, 39, 40], 0),
        kmeans(5, x, x[[0, 3, 9, 30, 31]], [60, 60], 0),
        # Centres that get no row go to rows that are all alike: which are drawn does not matter.
        kmeans(5, alike, far, [6, 6], 0.01),
    ],
    inertia=[inertia(8, rows(600, 3, 12, 1.0), 60, 40), inertia(15, rows(600, 5, 15, 0.4), 150, 40)],
    dbstream=[
        dbstream(rows(150, 2, 4, 0.5), 0.8, 0.0, 1000, 2.5, 0.3),
        dbstream(rows(150, 3, 3, 0.6), 1.5, 0.0, 1000, 1.5, 0.1),
        dbstream(rows(200, 2, 5, 0.5), 0.9, 0.01, 20, 2.5, 0.2),
        dbstream(rows(150, 2, 2, 1.0), 0.5, 0.05, 7, 1.5, 0.3),
    ],
)
with gzip.open(sys.argv[1], "wt", compresslevel=9) as f:
    json.dump(out, f)
