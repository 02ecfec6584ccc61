"""Golden file of package internal/assignment: scipy's linear_sum_assignment.

    python assignment.py OUT.json.gz
"""
import gzip
import json
import sys

import numpy as np
import scipy
from scipy.optimize import linear_sum_assignment

rng = np.random.RandomState(11)
cases = []


def add(cost, unique):
    cost = np.asarray(cost, float)
    for maximize in (False, True):  # what forbids a pair is +inf, or −inf where the sum is to be greatest
        c = np.where(np.isinf(cost), -cost, cost) if maximize else cost
        try:
            i, j = linear_sum_assignment(c, maximize=maximize)
        except ValueError:
            i = j = np.array([], int)
        cases.append({
            "rows": c.shape[0], "cols": c.shape[1], "maximize": maximize, "unique": unique,
            "cost": [None if np.isinf(v) else float(v) for v in c.ravel()], "i": i.tolist(), "j": j.tolist(),
        })


for n, m in ((1, 1), (2, 2), (3, 5), (5, 3), (8, 8), (13, 20), (20, 13), (30, 30), (1, 9), (9, 1), (40, 40)):
    add(np.round(rng.rand(n, m), 6), True)  # one optimum
    add(np.round(rng.normal(size=(n, m)), 6), True)
    add(rng.randint(0, 3, (n, m)), False)  # many
    add(np.zeros((n, m)), False)
    c = np.round(rng.rand(n, m), 6)
    c[rng.rand(n, m) < 0.5] = np.inf
    add(c, True)
add(np.outer(np.arange(1, 31), np.arange(1, 31)), False)  # needs long paths
with gzip.GzipFile(sys.argv[1], "wb", 9, mtime=0) as f:
    f.write(json.dumps({"versions": {"scipy": scipy.__version__, "numpy": np.__version__}, "cases": cases}).encode())
