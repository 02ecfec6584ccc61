"""Golden file of package eval: scikit-learn's values.

    python eval.py OUT.json.gz
"""
import gzip
import json
import sys

import numpy as np
import sklearn
from sklearn.manifold import trustworthiness
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

rng = np.random.RandomState(7)
golden = {"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "trustworthiness": [], "labels": []}

for n, cols, dim in ((40, 5, 2), (151, 8, 3)):
    x = np.round(rng.normal(size=(n, cols)), 3).astype(np.float32)
    y = np.round(x[:, :dim] + 0.5 * rng.normal(size=(n, dim)), 3).astype(np.float32)
    case = {"rows": n, "cols": cols, "dim": dim, "x": [float("%.9g" % v) for v in x.ravel()], "y": [float("%.9g" % v) for v in y.ravel()], "values": []}
    for metric in ("euclidean", "cosine"):
        for k in (1, 5, 15):
            case["values"].append({"k": k, "metric": metric, "value": trustworthiness(x, y, n_neighbors=k, metric=metric)})
    golden["trustworthiness"].append(case)

a = rng.randint(-1, 6, 200)
b = np.where(rng.rand(200) < 0.6, a, rng.randint(-1, 9, 200))
for u, v in (
    (a, b), (b, a), (a, a), (a, -a), (a, np.zeros(200, int)), (np.zeros(200, int), np.zeros(200, int)),
    (np.arange(200), np.arange(200)), (a, np.arange(200)), (rng.randint(0, 3, 200), rng.randint(0, 3, 200)),
    (np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])), (np.array([5]), np.array([-1])), (np.array([], int), np.array([], int)),
):
    golden["labels"].append({"a": u.tolist(), "b": v.tolist(), "ari": adjusted_rand_score(u, v), "nmi": normalized_mutual_info_score(u, v)})

with gzip.GzipFile(sys.argv[1], "wb", 9, mtime=0) as f:
    f.write(json.dumps(golden).encode())
