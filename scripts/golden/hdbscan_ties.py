"""Golden file of package hdbscan: what Python's hdbscan makes of integer grids, whose rows come in several orders.

    python hdbscan_ties.py OUT.json.gz

Distances of integer coordinates have ties everywhere. The exact mode of hdbscan (approx_min_span_tree=False) breaks them by
the order of the rows: each grid is fitted in ORDERS orders, and all partitions that come out are kept, without repetition,
with the rows in the order of the file. A partition is a label for each row, numbered by first appearance, −1 for outliers.
"""
import base64
import gzip
import json
import sys
import warnings

sys.path.pop(0)  # this directory has a file of the package's name

import hdbscan
import numpy as np

warnings.filterwarnings("ignore")
GRIDS, ORDERS = 200, 12


def renumbered(labels):
    number = {-1: -1}
    return [number.setdefault(l, len(number) - 1) for l in labels]


def main(out):
    rng = np.random.default_rng(11)
    grids = []
    for _ in range(GRIDS):
        d = int(rng.integers(1, 4))
        n = int(rng.integers(12, 90))
        # Two to four clumps of integers and a few rows anywhere.
        centers = rng.integers(0, 14, (int(rng.integers(2, 5)), d))
        x = centers[rng.integers(0, len(centers), n)] + np.rint(rng.normal(0, 1.1, (n, d))).astype(int)
        x[: n // 8] = rng.integers(-3, 17, (n // 8, d))
        x = x[rng.permutation(n)].astype(np.float64)
        size = int(rng.choice([2, 3, 5, 8]))
        samples = int(rng.choice([1, 2, 3, 5, size]))
        method = str(rng.choice(["eom", "eom", "leaf"]))
        found = []
        for o in range(ORDERS):
            order = np.arange(n) if o == 0 else rng.permutation(n)
            m = hdbscan.HDBSCAN(
                min_cluster_size=size, min_samples=samples, cluster_selection_method=method,
                approx_min_span_tree=False, algorithm="boruvka_kdtree" if o % 2 else "prims_kdtree",
            ).fit(x[order])
            labels = np.empty(n, int)
            labels[order] = m.labels_
            p = renumbered(labels.tolist())
            if p not in found:
                found.append(p)
        grids.append({
            "dims": d, "rows": base64.b64encode(x.astype("<f4").tobytes()).decode(), "size": size, "samples": samples,
            "leaf": method == "leaf", "partitions": found,
        })
    print("one partition:", sum(len(g["partitions"]) == 1 for g in grids), "of", GRIDS)
    with gzip.GzipFile(out, "wb", mtime=0) as f:
        f.write(json.dumps({"versions": {"hdbscan": "0.8.44", "numpy": np.__version__}, "grids": grids}).encode())


main(sys.argv[1])
