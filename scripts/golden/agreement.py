"""Golden file of package eval: agreement of two labellings by scikit-learn.

    python agreement.py OUT.json.gz
"""
import gzip
import json
import sys

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.metrics.cluster import contingency_matrix

rng = np.random.RandomState(23)


def values(a, b):
    h, c, v = metrics.homogeneity_completeness_v_measure(a, b)
    m = contingency_matrix(a, b)
    return {
        "items": len(a), "classes": len(set(a)), "clusters": len(set(b)),
        "ari": metrics.adjusted_rand_score(a, b), "nmi": metrics.normalized_mutual_info_score(a, b),
        "ami": metrics.adjusted_mutual_info_score(a, b), "homogeneity": h, "completeness": c, "vmeasure": v,
        "fowlkesmallows": metrics.fowlkes_mallows_score(a, b),
        "purity": m.max(axis=0).sum() / len(a) if len(a) else 1, "inversepurity": m.max(axis=1).sum() / len(a) if len(a) else 1,
    }


def apart(a):
    a = a.copy()
    out = a == -1
    a[out] = 1000000 + np.arange(out.sum())
    return a


def noisy(a, groups, share):
    return np.where(rng.rand(len(a)) < share, rng.randint(-1, groups, len(a)), a)


ones, zeros, none = np.arange(50), np.zeros(50, int), np.array([], int)
a = rng.randint(-1, 6, 200)
big = np.minimum(rng.geometric(0.08, 1500), 60)
cases = [
    (a, noisy(a, 9, 0.4)), (a, a), (a, -3 * a), (a, np.zeros(200, int)), (np.zeros(200, int), a), (a, np.arange(200)), (np.arange(200), a),
    (ones, ones), (ones, zeros), (zeros, ones), (zeros, zeros), (zeros - 1, zeros - 1), (zeros - 1, ones), (none, none),
    (np.array([5]), np.array([-1])), (np.array([-1]), np.array([-1])), (np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])),
    (np.array([0, 1]), np.array([0, 0])), (np.array([0, 1]), np.array([1, 0])), (np.array([-1, -1, 0]), np.array([0, -1, -1])),
    (rng.randint(0, 3, 200), rng.randint(0, 3, 200)), (rng.randint(-1, 150, 300), rng.randint(-1, 40, 300)),
    (big, noisy(big, 80, 0.3)), (rng.randint(0, 20, 1500), np.where(rng.rand(1500) < 0.3, -1, rng.randint(0, 200, 1500))),
    (np.r_[zeros, 1], np.r_[1, zeros]), (np.r_[zeros, ones], np.r_[ones, zeros]),
]
golden = {"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "cases": []}
for u, v in cases:
    kept = (u != -1) & (v != -1)
    golden["cases"].append({"truth": u.tolist(), "found": v.tolist(), "group": values(u, v), "left": values(u[kept], v[kept]),
                            "apart": values(apart(u), apart(v))})


def plain(v):
    if isinstance(v, np.generic):
        return v.item()
    raise TypeError(type(v))


with gzip.GzipFile(sys.argv[1], "wb", 9, mtime=0) as f:
    f.write(json.dumps(golden, default=plain).encode())
