"""Golden files of package hdbscan and of eval.DBCV: what the Python packages make of many small data sets.

    python hdbscan_more.py OUT_DIR

Writes OUT_DIR/selection.json.gz (20 data sets of 5 shapes, every combination of the options that select clusters),
OUT_DIR/more.json.gz (everything that is computed from a fitted model, with other metrics, by layers and by classes) and
OUT_DIR/dbcv.json.gz.

As in hdbscan.py, the functions of the packages run on the minimum spanning tree for the total order (weight, distance, i,
j), which is found here by brute force: the packages' own fits break ties by an unstable sort. Data sets without
duplicates are fitted plainly too (approx_min_span_tree=False), and their own trees and labels are kept.
"""
import base64
import gzip
import itertools
import json
import os
import sys
import warnings

sys.path.pop(0)
os.environ["NUMBA_DISABLE_JIT"] = "1"  # extract_clusters_bcubed of fast_hdbscan 0.3.4 does not compile

import hdbscan
import numpy as np
from fast_hdbscan import cluster_trees as fast_trees
from fast_hdbscan import layer_clusters as fast_layers
from hdbscan import _hdbscan_linkage, _hdbscan_tree, branches, flat
from hdbscan.hdbscan_ import _tree_to_labels
from hdbscan.validity import validity_index
from scipy.spatial.distance import cdist
from sklearn.datasets import make_moons

warnings.filterwarnings("ignore")


class Packer:
    def __init__(self):
        self.strings, self.numbers = [], {}

    def __call__(self, a, dtype):
        s = base64.b64encode(np.ascontiguousarray(a, dtype=dtype).tobytes()).decode()
        if s not in self.numbers:
            self.numbers[s] = len(self.strings)
            self.strings.append(s)
        return self.numbers[s]


def shapes(rng, k):
    """The k-th set of each of five shapes."""
    d = [2, 3, 5, 8][k]
    n = 90 + 20 * k
    centres = rng.uniform(-8, 8, (4 + k, d))
    blobs = np.vstack([rng.normal(c, rng.uniform(0.2, 1.2), (n // (4 + k), d)) for c in centres] + [rng.uniform(-9, 9, (12, d))])
    moons = make_moons(n, noise=0.05 + 0.02 * k, random_state=k)[0]
    moons = np.hstack([moons, rng.normal(size=(n, d - 2)) * 0.05])
    steps = rng.normal(size=(n, d)) * rng.choice([0.02, 0.3], n)[:, None]
    chains = np.cumsum(steps, axis=0) + np.repeat(rng.uniform(-3, 3, (3, d)), -(-n // 3), axis=0)[:n]
    uniform = rng.uniform(size=(n, d))
    some = rng.normal(size=(n // 2, d)) * rng.choice([0.2, 2], n // 2)[:, None]
    duplicates = np.vstack([some, some[: n // 4], some[: n // 8], rng.integers(0, 3, (n // 6, d))])
    for name, x in dict(blobs=blobs, moons=moons, chains=chains, uniform=uniform, duplicates=duplicates).items():
        yield f"{name}{k}", x.astype(np.float32)


def ordered_tree(d, min_samples, alpha=1.0, order=None):
    """Edges (i, j, weight), i < j, of the minimum spanning tree of the distances d for the order (weight, distance, i, j)."""
    n = len(d)
    core = np.sort(d + np.where(np.eye(n) > 0, -1.0, 0.0), axis=1)[:, min_samples]
    w = np.maximum(np.maximum(core[:, None], core[None, :]), d / alpha)
    i, j = np.triu_indices(n, 1)
    rank = np.lexsort((j, i, d[i, j], w[i, j]))
    parent = np.arange(n)

    def find(a):
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        return a

    edges = []
    for e in rank:
        a, b = find(i[e]), find(j[e])
        if a != b:
            parent[b] = a
            edges.append((i[e], j[e], w[i[e], j[e]]))
    return np.array(edges, dtype=np.float64), core


def distances(x):
    d2 = np.zeros((len(x), len(x)))
    for c in range(x.shape[1]):
        d = x[:, c][:, None] - x[:, c][None, :]
        d2 += d * d
    return np.sqrt(d2)


def selection(path):
    rng = np.random.default_rng(11)
    pack, sets = Packer(), []
    same = different = 0
    for k in range(4):
        for name, x in shapes(rng, k):
            x64 = x.astype(np.float64)
            d = distances(x64)
            cases = []
            for size, samples in ((5, 5), (5, 2), (12, 4)):
                edges, _ = ordered_tree(d, samples)
                single = _hdbscan_linkage.label(edges)
                condensed = _hdbscan_tree.condense_tree(single, size)
                clusters = condensed[condensed["child_size"] > 1]
                births = 1 / clusters["lambda_val"] if len(clusters) else np.array([0.5])
                lambdas = clusters["lambda_val"] if len(clusters) else np.array([1.0])
                # Thresholds between the values that they are compared with, not on them.
                eps = float(np.quantile(births, 0.4) * 1.001)
                eps_max = float(np.quantile(births, 0.8) * 1.001)
                persistence = float(np.quantile(lambdas, 0.5) * 0.137) if len(clusters) else 0.0  # hdbscan fails without a split
                for method, e, em, p, most, one in itertools.product(
                        ("eom", "leaf"), (0.0, eps), (0.0, eps_max), (0.0, persistence), (0, len(x) // 4), (False, True)):
                    if method == "leaf" and (em or most):
                        continue
                    labels, probabilities, stabilities, tree, _ = _tree_to_labels(
                        None, single.copy(), size, method, one, False, e, p, most, em or float("inf"))
                    cases.append(dict(size=size, samples=samples, leaf=method == "leaf", epsilon=e, epsilon_max=em, persistence=p,
                                      max_size=most, single=one, labels=pack(labels, "i1"), probabilities=pack(np.round(probabilities, 6), "<f4"),
                                      rows=len(tree)))
                    if not name.startswith("duplicates"):
                        try:
                            m = hdbscan.HDBSCAN(
                                min_cluster_size=size, min_samples=samples, cluster_selection_method=method, cluster_selection_epsilon=e,
                                cluster_selection_persistence=p, max_cluster_size=most, allow_single_cluster=one, approx_min_span_tree=False,
                                cluster_selection_epsilon_max=em or float("inf")).fit(x64)
                        except IndexError:  # its tree has no split, ours has
                            continue
                        plain = (m.labels_ == labels).all()
                        same += plain
                        different += not plain
                        tree = m._single_linkage_tree
                        cases[-1]["plain"] = dict(left=pack(tree[:, 0], "<i2"), right=pack(tree[:, 1], "<i2"), distance=pack(tree[:, 2], "<f8"),
                                                  labels=pack(m.labels_, "i1"))
            sets.append(dict(name=name, dims=x.shape[1], rows=pack(x, "<f4"), cases=cases))
            print(name, len(cases), file=sys.stderr)
    print("plain fits that are the same:", same, "different:", different, file=sys.stderr)
    write(path, dict(arrays=pack.strings, sets=sets))


def fitted(x, d, size, samples, **options):
    """A fit of hdbscan with the trees of the ordered edges."""
    m = hdbscan.HDBSCAN(min_cluster_size=size, min_samples=samples, approx_min_span_tree=False, gen_min_span_tree=True,
                        branch_detection_data=True, prediction_data=True, **options).fit(x)
    edges, _ = ordered_tree(d, samples)
    m.labels_, m.probabilities_, m.cluster_persistence_, m._condensed_tree, m._single_linkage_tree = _tree_to_labels(
        None, _hdbscan_linkage.label(edges), size, allow_single_cluster=options.get("allow_single_cluster", False))
    m._min_spanning_tree = edges
    m.generate_prediction_data()
    m.generate_branch_detection_data()
    return m


def stars(rng, n):
    """Three arms and a blob."""
    t = rng.uniform(0, 4, n)
    arm = rng.integers(0, 3, n) * (2 * np.pi / 3)
    x = np.stack([t * np.cos(arm), t * np.sin(arm)], 1) + rng.normal(size=(n, 2)) * 0.12
    return np.vstack([x, rng.normal(size=(n // 3, 2)) * 0.3 + 8])


def more(path):
    rng = np.random.default_rng(12)
    pack, sets = Packer(), []
    data = {k: v for k, v in list(shapes(rng, 1)) + list(shapes(rng, 2)) if k[:-1] in ("blobs", "chains", "moons")}
    data["stars"] = stars(rng, 240).astype(np.float32)
    for name, x in data.items():
        x64, size, samples = x.astype(np.float64), 8, 4
        d = distances(x64)
        m = fitted(x64, d, size, samples)
        new = (x64[rng.integers(0, len(x), 40)] + rng.normal(size=(40, x.shape[1])) * 0.1).astype(np.float32)
        s = dict(name=name, dims=x.shape[1], rows=pack(x, "<f4"), new=pack(new, "<f4"), size=size, samples=samples,
                 labels=pack(m.labels_, "<i4"), outlier_scores=pack(m.outlier_scores_, "<f8"), relative_validity=m.relative_validity_)
        new = new.astype(np.float64)
        s["new_scores"] = pack(hdbscan.prediction.approximate_predict_scores(m, new), "<f8")
        s["memberships"] = pack(hdbscan.all_points_membership_vectors(m), "<f8")
        s["new_memberships"] = pack(hdbscan.membership_vector(m, new), "<f8")
        s["exemplars"] = [sorted(np.nonzero((x64[:, None] == e[None]).all(2).any(1))[0].tolist()) for e in m.prediction_data_.exemplars]
        k = m.labels_.max() + 1
        s["centroids"] = pack([m.weighted_cluster_centroid(i) for i in range(k)], "<f8")
        s["medoids"] = [int(np.nonzero((x64 == m.weighted_cluster_medoid(i)).all(1))[0][0]) for i in range(k)]
        s["cuts"] = []
        for q in (0.2, 0.5, 0.8):
            cut = float(np.quantile(m._single_linkage_tree[:, 2], q) * 1.0001)
            s["cuts"].append(dict(distance=cut, size=5, labels=pack(_hdbscan_tree.labelling_at_cut(m._single_linkage_tree, cut, 5), "<i4")))
        s["flat"] = []
        for n in range(2, 2 * k + 3):
            method = "eom" if n <= len(flat._new_select_clusters(m.condensed_tree_, "eom", False)) else "leaf"
            leaves = int((m._condensed_tree["child_size"] > 1).sum() // 2 + 1)
            if n > leaves:
                break
            try:
                eps = flat.select_epsilon(m.condensed_tree_, method, n)
            except RuntimeError:
                continue
            labels = _tree_to_labels(None, m._single_linkage_tree, size, method, cluster_selection_epsilon=float(eps))[0]
            if labels.max() + 1 == n:
                s["flat"].append(dict(n=n, labels=pack(labels, "<i4")))
        s["branches"] = []
        for sides in (False, True):
            for method in ("eom", "leaf"):
                b = branches.detect_branches_in_clusters(m, min_cluster_size=6, cluster_selection_method=method, label_sides_as_branches=sides)
                s["branches"].append(dict(sides=sides, leaf=method == "leaf", labels=pack(b[0], "<i4"), probabilities=pack(b[1], "<f8"),
                                          branch=pack(b[4], "<i4"), centrality=pack(b[10], "<f8")))
        s["layers"] = layers(x64, d, samples, pack)
        s["classes"] = classes(rng, x64, d, size, samples, pack)
        s["metrics"] = []
        for metric, options in (("cityblock", {}), ("chebyshev", {}), ("minkowski", dict(p=3)), ("cosine", {}), ("correlation", {}), ("canberra", {})):
            if metric == "correlation" and x.shape[1] < 3:
                continue
            dm = cdist(x64, x64, metric, **options)
            dm = np.maximum((dm + dm.T) / 2, 0)
            np.fill_diagonal(dm, 0)
            edges, core = ordered_tree(dm, samples)
            labels, probabilities, *_ = _tree_to_labels(None, _hdbscan_linkage.label(edges), size)
            s["metrics"].append(dict(metric=metric, p=options.get("p", 0), labels=pack(labels, "<i4"), probabilities=pack(probabilities, "<f8"),
                                     weight=float(edges[:, 2].sum()), core=pack(core, "<f8")))
        sets.append(s)
        print(name, len(x), k, "clusters", len(s["layers"]["layers"]), "layers", [b["labels"] for b in s["branches"]], file=sys.stderr)
    write(path, dict(arrays=pack.strings, sets=sets))


def layers(x, d, samples, pack):
    """What build_cluster_layers does, on the ordered edges in float64 where its types allow."""
    size = 4
    edges, core = ordered_tree(d, samples)
    scaled = edges.copy()
    scaled[:, 2] = (scaled[:, 2] - core.min()) / (core.mean() - core.min())
    n = len(x)
    tree = fast_trees.condense_tree(fast_trees.mst_to_linkage_tree(scaled), size, lambda_method="plscan")
    clusters = fast_trees.mask_condensed_tree(tree, tree.child >= n)
    births, deaths, _, lambdas = fast_layers.min_cluster_size_barcode(clusters, n, size)
    sizes, total = fast_layers.compute_total_persistence(births, deaths, lambdas)
    peaks = fast_layers.find_peaks(total)
    chosen = fast_layers.select_diverse_peaks(peaks, total, sizes, births, deaths, min_similarity_threshold=0.2, max_layers=9)
    out = dict(size=size, sizes=pack(sizes, "<f8"), persistence=pack(total, "<f8"), layers=[])
    leaves = fast_trees.extract_leaves(tree)
    base = fast_trees.get_cluster_label_vector(tree, leaves, 0.0, n)
    out["layers"].append(dict(size=size, labels=pack(base, "<i4")))
    for p in chosen:
        ids = np.where((births <= sizes[p]) & (deaths > sizes[p]))[0] + n
        labels, _ = fast_layers.extract_clusters_by_id(tree, ids)
        out["layers"].append(dict(size=float(sizes[p]), labels=pack(labels, "<i4")))
    return out


def classes(rng, x, d, size, samples, pack):
    edges, _ = ordered_tree(d, samples)
    tree = fast_trees.condense_tree(fast_trees.mst_to_linkage_tree(edges), size)
    cluster_tree = fast_trees.cluster_tree_from_condensed_tree(tree)
    out = []
    if len(cluster_tree.parent) == 0:
        return out
    for share in (0.05, 0.1, 0.2, 0.3):
        y = np.where(rng.uniform(size=len(x)) < share, (x[:, 0] > np.median(x[:, 0])) + 2 * (x[:, 1] > np.median(x[:, 1])), -1).astype(np.int64)
        ids = fast_trees.extract_clusters_bcubed(tree, cluster_tree, y, allow_virtual_nodes=True)
        labels = fast_trees.get_cluster_label_vector(tree, ids, 0.0, len(x))
        out.append(dict(y=pack(y, "<i4"), labels=pack(labels, "<i4")))
    return out


def dbcv(path):
    rng = np.random.default_rng(13)
    pack, sets = Packer(), []
    for k in (0, 2):
        for name, x in shapes(rng, k):
            for metric in ("euclidean", "cosine"):
                labels = hdbscan.HDBSCAN(min_cluster_size=6, min_samples=3).fit(x).labels_
                if labels.max() < 1:
                    labels = rng.integers(-1, 4, len(x))
                value, per = validity_index(x.astype(np.float64), labels, metric=metric, per_cluster_scores=True)
                sets.append(dict(name=name, dims=x.shape[1], rows=pack(x, "<f4"), labels=pack(labels, "<i4"), metric=metric, value=value, per=list(per)))
    write(path, dict(arrays=pack.strings, sets=sets))


def write(path, content):
    from importlib.metadata import version
    content["versions"] = {p: version(p) for p in ("hdbscan", "fast_hdbscan", "numpy", "scipy", "scikit-learn")}
    with open(path, "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
        z.write(json.dumps(content).encode())


out = sys.argv[1]
what = sys.argv[2:] or ["selection", "more", "dbcv"]
for w in what:
    dict(selection=selection, more=more, dbcv=dbcv)[w](f"{out}/{w}.json.gz")
