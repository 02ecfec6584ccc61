"""Writes topic/testdata/merge_models.json.gz: what BERTopic.merge_models makes of models of given topics.

    python scripts/golden/merge_models.py

bertopic 0.17.4, numpy 2. Where the original compares outliers as if they were a topic it is not followed: no outlier here lies
near a topic.
"""
import gzip
import json
import os

import numpy as np
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.cluster import BaseCluster
from bertopic.dimensionality import BaseDimensionalityReduction

DIM = 16
rng = np.random.default_rng(7)
directions = np.linalg.qr(rng.normal(size=(DIM, DIM)))[0]  # of the themes, at right angles


class Silent(BaseEmbedder):
    def embed(self, documents, verbose=False):
        return np.zeros((len(documents), DIM), dtype=np.float32)


def theme(t, n, tilt=0.0):
    """n documents of theme t, tilted towards the theme after it."""
    centre = directions[t] + tilt * directions[(t + 1) % DIM]
    x = centre / np.linalg.norm(centre) + 0.05 * rng.normal(size=(n, DIM))
    words = [f"theme{t}{c}" for c in "abcdef"]
    docs = [" ".join(rng.choice(words, 4)) + f" doc{rng.integers(1e9)}" for _ in range(n)]
    return docs, x.astype(np.float32)


def model(parts, outliers):
    docs, x, y = [], [], []
    for k, (t, n, tilt) in enumerate(parts):
        d, e = theme(t, n, tilt)
        docs += d
        x.append(e)
        y += [k] * n
    if outliers:
        d, e = theme(DIM - 1 - outliers, 3)
        docs += d
        x.append(e)
        y += [-1] * 3
    x = np.vstack(x)
    m = BERTopic(embedding_model=Silent(), umap_model=BaseDimensionalityReduction(), hdbscan_model=BaseCluster())
    m.fit(docs, embeddings=x, y=y)
    return m, {"Docs": docs, "X": [[float(f"{v:.9g}") for v in r] for r in x], "Topics": [int(t) for t in m.topics_]}


models, cases = [], []
for outliers in (0, 1):
    made = [
        model([(0, 12, 0), (1, 10, 0), (2, 8, 0)], outliers),
        model([(2, 11, 0.3), (4, 9, 0), (0, 7, 0.6)], 2 * outliers),
        model([(4, 9, 0.1), (6, 8, 0), (1, 6, 0)], 0),
    ]
    first = len(models)
    models += [g for _, g in made]
    for n in (2, 3):
        for least in (0.7, 0.9, 0.99):
            merged = BERTopic.merge_models([m for m, _ in made[:n]], min_similarity=least)
            cases.append({"First": first, "N": n, "Least": least, "Topics": [int(t) for t in merged.topics_]})

path = os.path.join(os.path.dirname(__file__), "../../topic/testdata/merge_models.json.gz")
with gzip.GzipFile(path, "wb", mtime=0) as f:
    f.write(json.dumps({"Models": models, "Cases": cases}, separators=(",", ":")).encode())
print([sorted(set(c["Topics"])) for c in cases], os.path.getsize(path))
