"""Cluster points with one of the Python peers and print what it took as one JSON object.

    hdbscan_fit.py SYSTEM -points FILE.npy -runs N -size MIN_CLUSTER_SIZE -tasks fit,predict,…

SYSTEM is hdbscan, hdbscan-exact (approx_min_span_tree=False), fast_hdbscan or hdbscan-rs. Each task is run once to warm up
(numba compiles), unless N is 1, and then N times. Called by benchmarks/hdbscan.
"""
import json
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
system, rest = sys.argv[1], sys.argv[2:]
args = dict(zip((k.lstrip("-") for k in rest[::2]), rest[1::2]))
runs, size, tasks = int(args["runs"]), int(args["size"]), args["tasks"].split(",")


def resident(field):
    for line in open("/proc/self/status"):
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024 / 1e6


if system.startswith("hdbscan-rs"):
    import hdbscan_rs
elif system.startswith("hdbscan"):
    import hdbscan
else:
    import fast_hdbscan
x = np.load(args["points"])
base = resident("VmRSS")


def near(n):
    a = np.arange(n) * 7919 % len(x)
    return (x[a] * np.float32(0.98) + x[(a + 1) % len(x)] * np.float32(0.02)).astype(np.float32)


model = None


def fit(prediction_data=False):
    global model
    if system == "hdbscan-rs":
        model = hdbscan_rs.HDBSCAN(min_cluster_size=size)
        model.fit_predict(x.astype(np.float64))
    elif system == "fast_hdbscan":
        model = fast_hdbscan.HDBSCAN(min_cluster_size=size, min_samples=size).fit(x)
    else:
        model = hdbscan.HDBSCAN(min_cluster_size=size, prediction_data=prediction_data,
                                approx_min_span_tree=system == "hdbscan").fit(x)


todo = dict(fit=fit, data=lambda: fit(True))
if system.startswith("hdbscan") and system != "hdbscan-rs":
    todo["predict"] = lambda: hdbscan.approximate_predict(model, near(10_000))
    todo["membership"] = lambda: hdbscan.all_points_membership_vectors(model)
elif system == "hdbscan-rs":
    todo["predict"] = lambda: model.approximate_predict(near(10_000).astype(np.float64))

seconds = {}
for task in tasks:
    if task not in todo or task == "data" and system in ("fast_hdbscan", "hdbscan-rs"):
        continue
    if task in ("predict", "membership") and (model is None or system != "hdbscan-rs" and getattr(model, "prediction_data_", None) is None):
        fit(True)
    for run in range(runs + 1):
        began = time.perf_counter()
        todo[task]()
        if run or runs == 1:
            seconds.setdefault(task, []).append(time.perf_counter() - began)
        if runs == 1:
            break
labels = np.asarray(model.labels_)
print(json.dumps(dict(seconds=seconds, peak_mb=resident("VmHWM"), base_mb=base,
                      note=f"{labels.max() + 1} clusters, {(labels == -1).sum()} outliers")))
