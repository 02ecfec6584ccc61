"""Golden file of package hdbscan: what Python's hdbscan makes of small data sets.

    python hdbscan.py EMBEDDINGS.npy OUT.json.gz

EMBEDDINGS.npy holds sentence embeddings, one text per row, of Go's doc comments; the first 1500 rows are reduced to five
dimensions by umap-learn for a data set with real structure. The other sets are made here.

Mutual reachability has ties, and hdbscan breaks them by an unstable sort, so a plain fit is not defined by its input. Each
case therefore has two results. "plain" is the fit as it comes, with its single-linkage tree, so that the later stages can
be compared on that very tree. "ordered" comes from the same functions of hdbscan (label, condense_tree,
compute_stability, get_clusters, approximate_predict) on the minimum spanning tree for the total order (weight, distance,
i, j), which is found here by brute force.
"""
import base64
import gzip
import json
import sys
import warnings

sys.path.pop(0)  # this file has the package's name

import hdbscan
import numpy as np
import sklearn
import umap
from hdbscan import _hdbscan_linkage, _hdbscan_tree
from hdbscan.prediction import approximate_predict

warnings.filterwarnings("ignore")


strings, numbers = [], {}


def pack(a, dtype):
    """The number of an array, in base64, in the file's list: most arrays are in several cases."""
    s = base64.b64encode(np.ascontiguousarray(a, dtype=dtype).tobytes()).decode()
    if s not in numbers:
        numbers[s] = len(strings)
        strings.append(s)
    return numbers[s]


def blobs(rng, n, d, centres, noise):
    sizes = rng.multinomial(n - noise, rng.dirichlet(np.ones(centres) * 3))
    parts = [rng.normal(rng.uniform(-10, 10, d), rng.uniform(0.1, 1.2), (s, d)) for s in sizes]
    x = np.vstack(parts + [rng.uniform(-12, 12, (noise, d))])
    return x[rng.permutation(len(x))]


def datasets(embeddings):
    rng = np.random.default_rng(7)
    e = np.load(embeddings)[:1500]
    yield "umap5", umap.UMAP(n_components=5, min_dist=0.0, metric="cosine", random_state=42).fit_transform(e), True
    yield "blobs2", blobs(rng, 500, 2, 6, 60), True
    yield "blobs5", blobs(rng, 400, 5, 5, 40), True
    yield "blobs30", blobs(rng, 200, 30, 5, 20), True
    yield "blobs50", blobs(rng, 200, 50, 5, 20), True
    x = blobs(rng, 200, 2, 4, 20)
    yield "pairs", np.vstack([x, x[:60], x[:15]]), True  # up to three copies of a row
    yield "line", np.hstack([np.arange(40), np.arange(100, 130), [70]]).astype(float)[:, None], True
    grid = np.stack(np.meshgrid(np.arange(8), np.arange(8)), -1).reshape(-1, 2)
    yield "grid", np.vstack([grid, grid * 0.5 + 30]), True
    # Twenty copies at a place: distance 0 within a cluster that could be split.
    yield "copies", np.vstack([np.repeat(rng.normal(size=(4, 3)) * 9, 20, 0), rng.normal(size=(40, 3))]), False
    yield "tiny2", rng.normal(size=(2, 3)), False
    yield "tiny3", rng.normal(size=(3, 3)), False
    yield "tiny12", rng.normal(size=(12, 3)), False


CONFIGS = [
    dict(),
    dict(min_cluster_size=10),
    dict(min_cluster_size=50),
    dict(min_cluster_size=10, min_samples=1),
    dict(min_cluster_size=10, min_samples=5),
    dict(min_cluster_size=5, min_samples=20),
    dict(min_cluster_size=10, cluster_selection_method="leaf"),
    dict(min_cluster_size=5, cluster_selection_method="leaf", cluster_selection_epsilon=0.3),
    dict(min_cluster_size=5, cluster_selection_epsilon=0.2),
    dict(min_cluster_size=10, cluster_selection_epsilon=2.0, allow_single_cluster=True),
    dict(min_cluster_size=10, cluster_selection_epsilon=1000.0, allow_single_cluster=True),
    dict(min_cluster_size=50, allow_single_cluster=True),
    dict(min_cluster_size=5, max_cluster_size=60),
    dict(min_cluster_size=10, max_cluster_size=100, allow_single_cluster=True),
    dict(min_cluster_size=10, alpha=1.3),
    dict(min_cluster_size=10, alpha=0.7),
]


def ordered_tree(x, min_samples, alpha):
    """Edges (i < j, weight) of the minimum spanning tree for the order (weight, distance, i, j), in that order."""
    n = len(x)
    d2 = np.zeros((n, n))
    for c in range(x.shape[1]):
        d = x[:, c][:, None] - x[:, c][None, :]
        d2 += d * d
    core = np.sort(d2 + np.where(np.eye(n) > 0, -1.0, 0.0), axis=1)[:, min_samples]  # column 0 is the row itself
    w2 = np.maximum(np.maximum(core[:, None], core[None, :]), d2 * (1 / (alpha * alpha)))
    rows = np.arange(n)
    outside = np.ones(n, bool)
    best = [None] * n
    edges, cur = [], 0
    outside[0] = False
    for _ in range(n - 1):
        for j in rows[outside]:
            key = (w2[cur, j], d2[cur, j], min(cur, j), max(cur, j))
            if best[j] is None or key < best[j]:
                best[j] = key
        cur = min(rows[outside], key=lambda j: best[j])
        outside[cur] = False
        edges.append(best[cur])
    edges.sort()
    return np.array([(a, b, np.sqrt(w)) for w, _, a, b in edges], dtype=np.float64), np.sqrt(core)


def tree_json(t):
    return dict(parent=pack(t["parent"], "<i4"), child=pack(t["child"], "<i4"), size=pack(t["child_size"], "<i4"),
                distance=pack(1 / t["lambda_val"], "<f8"))


def flat_json(labels, probabilities, persistence):
    return dict(labels=pack(labels, "<i4"), probabilities=pack(probabilities, "<f8"), persistence=pack(persistence, "<f8"))


def predict_json(m, new, config, n):
    if 2 * (config.get("min_samples") or config.get("min_cluster_size", 5)) > n:
        return None  # hdbscan fails
    m.generate_prediction_data()
    labels, strength = approximate_predict(m, new)
    return dict(labels=pack(labels, "<i4"), strength=pack(strength, "<f8"))


def run(x, new, config):
    n = len(x)
    alpha = config.get("alpha", 1.0)
    # boruvka_kdtree, the algorithm that is chosen by default, ignores alpha.
    algorithm = "best" if alpha == 1 else "prims_kdtree"
    if n < 4:
        algorithm = "prims_kdtree"
    m = hdbscan.HDBSCAN(approx_min_span_tree=False, algorithm=algorithm, **config).fit(x)
    s = m._single_linkage_tree
    out = dict(config=config)
    out["plain"] = dict(
        left=pack(s[:, 0], "<i4"), right=pack(s[:, 1], "<i4"), distance=pack(s[:, 2], "<f8"),
        tree=tree_json(m._condensed_tree), flat=flat_json(m.labels_, m.probabilities_, m.cluster_persistence_),
        predicted=predict_json(m, new, config, n))

    size = config.get("min_cluster_size", 5)
    edges, core = ordered_tree(x, max(1, min(n - 1, config.get("min_samples") or size)), alpha)
    assert np.allclose(edges[:, 2], np.sort(s[:, 2]), rtol=1e-12, atol=0), "not a minimum spanning tree"
    single = _hdbscan_linkage.label(edges)
    condensed = _hdbscan_tree.condense_tree(single, size)
    stability = _hdbscan_tree.compute_stability(condensed)
    labels, probabilities, persistence = _hdbscan_tree.get_clusters(
        condensed, stability, config.get("cluster_selection_method", "eom"), config.get("allow_single_cluster", False),
        False, config.get("cluster_selection_epsilon", 0.0), config.get("max_cluster_size", 0))
    m.labels_, m.probabilities_, m._condensed_tree, m._single_linkage_tree = labels, probabilities, condensed, single
    out["ordered"] = dict(
        a=pack(edges[:, 0], "<i4"), b=pack(edges[:, 1], "<i4"), weight=pack(edges[:, 2], "<f8"), core=pack(core, "<f8"),
        tree=tree_json(condensed), flat=flat_json(labels, probabilities, persistence),
        predicted=predict_json(m, new, config, n))
    return out


def main():
    embeddings, path = sys.argv[1:]
    rng = np.random.default_rng(8)
    sets = []
    for name, x, all_configs in datasets(embeddings):
        x = x.astype(np.float32)
        span = x.std(axis=0)
        near = x[rng.integers(0, len(x), 60)] + rng.normal(size=(60, x.shape[1])) * span * 0.05
        far = rng.uniform(x.min(0) - span, x.max(0) + span, (20, x.shape[1]))
        new = np.vstack([near, far]).astype(np.float32)
        configs = CONFIGS if all_configs else [c for c in CONFIGS if "cluster_selection_method" not in c]
        if name == "umap5":
            configs = [c for c in configs if "allow_single_cluster" not in c and c.get("min_samples") != 20]
        if x.shape[1] >= 30:
            configs = configs[::2]
        sets.append(dict(name=name, dims=x.shape[1], rows=pack(x, "<f4"), new=pack(new, "<f4"),
                         cases=[run(x.astype(np.float64), new.astype(np.float64), c) for c in configs]))
        print(name, x.shape, len(configs), file=sys.stderr)
    versions = dict(hdbscan="0.8.44", numpy=np.__version__, sklearn=sklearn.__version__, umap=umap.__version__,
                    python=sys.version.split()[0])
    from importlib.metadata import version
    assert version("hdbscan") == versions["hdbscan"]
    with open(path, "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
        z.write(json.dumps(dict(versions=versions, arrays=strings, sets=sets)).encode())


main()
