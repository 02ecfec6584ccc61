"""Run BERTopic's operations on given topics, one at a time, for benchmarks/operations.

    operations.py TEXTS EMBEDDINGS.npy MOVED.npy DOCS_CSV CLASSES

TEXTS has one document per line, DOCS_CSV (id, topic, probability) their topics, CLASSES a class per line, MOVED.npy
embeddings of the first documents that are not quite the fitted ones. Reads names of operations from standard input and
prints one JSON object for each: seconds, and what came out. The fit of a model of its own, with UMAP and HDBSCAN, comes
before the first operation that needs it and is not timed.
"""
import copy
import csv
import json
import sys
import time

import hdbscan
import numpy as np
import pandas as pd
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.cluster import BaseCluster
from bertopic.dimensionality import BaseDimensionalityReduction
from sklearn.feature_extraction.text import CountVectorizer
from umap import UMAP

out, sys.stdout = sys.stdout, sys.stderr
pd.options.mode.chained_assignment = None
texts, npy, moved, assignments, classes = sys.argv[1:]
docs = [line.rstrip("\n") for line in open(texts, encoding="utf-8")]
embeddings, moved = np.load(npy), np.load(moved)
topics = [int(row["topic"]) for row in csv.DictReader(open(assignments))]
classes = [line.rstrip("\n") for line in open(classes, encoding="utf-8")]


class Known(BaseEmbedder):
    """The embeddings of the documents, found by their texts."""

    def embed(self, documents, verbose=False):
        return np.array([rows[d] for d in documents])


rows = {d: e for d, e in zip(docs, embeddings)}
given = BERTopic(embedding_model=Known(), umap_model=BaseDimensionalityReduction(), hdbscan_model=BaseCluster())
given.fit_transform(docs, embeddings, y=topics)
# The numbers that BERTopic gave them, by the given ones.
renamed = dict(zip(topics, given.topics_))
back = {int(v): k for k, v in renamed.items()}
if len(back) != len(renamed):
    sys.exit("topics are not kept apart")
stamps = pd.to_datetime([1_700_000_000 + i * 7919 % len(docs) * 432 for i in range(len(docs))], unit="s")
own = None
first = 1000


def fitted():
    global own
    if own is None:
        own = BERTopic(embedding_model=Known(), umap_model=UMAP(
            n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=42))
        own.fit_transform(docs, embeddings)
    return own


def labels(found):
    return [back[int(t)] for t in found]


def words(model):
    return {str(t): [w for w, _ in terms] for t, terms in model.topic_representations_.items()}


def row_of(r, part):
    listed = [w for w in r.Words.split(", ") if w]
    return {"key": f"{back[int(r.Topic)]} in {part}", "words": listed, "count": int(r.Frequency)}


def hierarchy(m):
    table = m.hierarchical_topics(docs)
    return lambda: [{"topics": sorted(back[int(t)] for t in r.Topics), "distance": r.Distance, "name": r.Parent_Name} for r in table.itertuples()]


def over_time(m):
    table = m.topics_over_time(docs, stamps, nr_bins=100)
    return lambda: [row_of(r, pd.Timestamp(r.Timestamp).value // 1000) for r in table.itertuples()]


def per_class(m):
    table = m.topics_per_class(docs, classes)
    return lambda: [row_of(r, r.Class) for r in table.itertuples()]


def distribution(m):
    found, _ = m.approximate_distribution(docs)
    return lambda: [[int(i), back[int(j)], float(found[i, j])] for i, j in np.argwhere(found > 0)]


def tokens(m):
    found, parts = m.approximate_distribution(docs, calculate_tokens=True)
    return lambda: [[int(i), back[int(j)], float(found[i, j])] for i, j in np.argwhere(found > 0)]


def reduce(m):
    m.reduce_topics(docs, nr_topics=20 + m._outliers)
    return lambda: [int(t) for t in m.topics_]


def merge(m):
    m.merge_topics(docs, [[renamed[0], renamed[1]], [renamed[5], renamed[9], renamed[30]]])
    return lambda: {"labels": [int(t) for t in m.topics_], "words": words(m)}


def update(m):
    m.update_topics(docs, vectorizer_model=CountVectorizer(ngram_range=(1, 2), stop_words="english"))
    return lambda: {str(back[int(t)]): w for t, w in words(m).items()}


def find(m):
    found, similar = m.find_topics(docs[0], top_n=5)
    return lambda: labels(found)


def outliers(strategy, name=labels, **more):
    """The list of topics, and the words that follow from it."""
    def run(m):
        began = time.perf_counter()
        if strategy == "probabilities":
            more["probabilities"] = hdbscan.all_points_membership_vectors(m.hdbscan_model)
        found = m.reduce_outliers(docs, m.topics_, strategy=strategy, **more)
        alone = time.perf_counter() - began
        m.update_topics(docs, topics=found)
        return lambda: {"labels": name(found), "alone": alone}
    return run


def transform(m):
    found, _ = m.transform(docs[:first], moved)
    return lambda: float(np.mean(np.array(found) == np.array(m.topics_[:first])))


def again(m):
    found, _ = m.transform(docs, embeddings)
    return lambda: float(np.mean(np.array(found) == np.array(m.topics_)))


def in_thousands(m):
    found = []
    for lo in range(0, len(docs), first):
        found += list(m.transform(docs[lo:lo + first], embeddings[lo:lo + first])[0])
    return lambda: float(np.mean(np.array(found) == np.array(m.topics_)))


operations = {
    "hierarchical topics": hierarchy, "topics over time": over_time, "topics per class": per_class,
    "approximate distribution": distribution, "approximate distribution of tokens": tokens, "reduce to 20": reduce, "merge": merge,
    "update": update, "find": find, "outliers by embeddings": outliers("embeddings", embeddings=embeddings),
    "outliers by words": outliers("c-tf-idf"), "outliers by distributions": outliers("distributions"),
    "outliers by probabilities": outliers("probabilities", lambda found: [int(t) for t in found]), "transform 1,000": transform, "transform all": again,
    "transform all, 1,000 at a time": in_thousands,
}
needs_own = {"outliers by probabilities", "transform 1,000", "transform all", "transform all, 1,000 at a time"}
print(json.dumps({"topics": len(set(topics) - {-1})}), file=out, flush=True)
for line in sys.stdin:
    name = line.strip()
    model = copy.deepcopy(given) if name not in needs_own else copy.deepcopy(fitted()) if name.startswith("outliers") else fitted()
    began = time.perf_counter()
    result = operations[name](model)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "result": result()}), file=out, flush=True)
