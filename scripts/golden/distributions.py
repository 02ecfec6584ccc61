"""Golden file of package topic/analysis: BERTopic's distributions, topics over time and topics per class.

Usage: python distributions.py OUTPUT_DIRECTORY

distributions.json.gz   a corpus with topics, times and classes; under several settings of the vectorizer and of c-TF-IDF
                        approximate_distribution of the corpus and of other texts, topics_over_time and topics_per_class.
                        Evolution tuning, which has no effect in BERTopic 0.17.4, is computed with numpy as the paper
                        (arXiv:2203.05794, section 3.4) describes it.
"""

import os
import random
import sys
import warnings

import numpy as np
import pandas as pd
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.cluster import BaseCluster
from bertopic.dimensionality import BaseDimensionalityReduction
from bertopic.vectorizers import ClassTfidfTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctfidf import VERSIONS, corpus, write  # noqa: E402

VERSIONS["pandas"] = pd.__version__
WINDOWS = [  # window, stride, min_similarity, padding, tokens
    (4, 1, 0.1, False, True),
    (4, 1, 0.1, True, True),
    (3, 2, 0.0, True, True),
    (5, 3, 0.05, True, True),
    (8, 4, 0.2, False, False),
    (1, 1, 0.3, False, True),
    (2, 5, 0.1, False, False),
    (100, 1, 0.1, True, True),
]
SETTINGS = {
    "plain": ({}, {}, "multilingual"),
    "english": ({"stop_words": "english"}, {}, "english"),
    "ngrams": ({"ngram_range": (1, 3), "stop_words": ["of", "and", "the"], "min_df": 2}, {}, "multilingual"),
    "accents": ({"strip_accents": "unicode", "binary": True}, {"reduce_frequent_words": True}, "multilingual"),
    "bm25": ({"lowercase": False}, {"bm25_weighting": True}, "multilingual"),
}
PROBE = ["", "the of and", "Naïve SERVER café, don't butter!", "nothing known at all here zzz", "server", "apple pear plum tree leaf root branch bread", "a I"]


def fit(texts, labels, name):
    vectorizer, weighting, language = SETTINGS[name]
    return BERTopic(
        language=language,
        embedding_model=BaseEmbedder(),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(**vectorizer),
        ctfidf_model=ClassTfidfTransformer(**weighting),
    ).fit(texts, embeddings=np.zeros((len(texts), 2)), y=labels)


def sparse(x):
    """Rows of [column, value, column, value, …]."""
    return [[v for j in np.flatnonzero(row) for v in (int(j), round(float(row[j]), 12))] for row in np.asarray(x)]


def distributions(model, docs):
    for window, stride, least, padding, tokens in WINDOWS:
        keywords = {"window": window, "stride": stride, "min_similarity": least, "padding": padding}
        rows, _ = model.approximate_distribution(docs, **keywords)
        out = {**keywords, "rows": sparse(rows)}
        if tokens:
            rows, by_token = model.approximate_distribution(docs[:15] + PROBE, calculate_tokens=True, **keywords)
            out["token_docs"] = sparse(rows)
            out["tokens"] = [sparse(t) for t in by_token]
        yield out


def over_time(model, docs, times, bins, global_tuning):
    frame = model.topics_over_time(docs, times, nr_bins=bins, global_tuning=global_tuning, evolution_tuning=False)
    return [
        [int(r.Topic), [w for w in r.Words.split(", ") if w], int(r.Frequency), int(pd.Timestamp(r.Timestamp).as_unit("ns").value)]
        for r in frame.itertuples()
    ]


def evolution(model, docs, times, bins, global_tuning):
    """Each row at t is the mean of the L1-normalised rows at t and t−1, where the topic is in both."""
    frame = pd.DataFrame({"doc": docs, "topic": model.topics_, "time": times})
    if bins:
        frame["time"] = pd.cut(frame.time, bins).map(lambda b: b.left).astype("datetime64[ns]")
    words = np.array(model.vectorizer_model.get_feature_names_out())
    everywhere = normalize(model.c_tf_idf_, norm="l1").toarray()
    before, out = {}, []
    for time in sorted(frame.time.unique()):
        at = frame[frame.time == time].groupby("topic").doc.agg([" ".join, "count"])
        bow = model.vectorizer_model.transform(model._preprocess_text(at["join"].values))
        rows = normalize(model.ctfidf_model.transform(bow), norm="l1").toarray()
        now = dict(zip(at.index, rows))
        for topic, row in now.items():
            if topic in before:
                row = (row + before[topic]) / 2
            if global_tuning:
                row = (row + everywhere[topic + model._outliers]) / 2
            order = np.argsort(-row, kind="stable")[:5]
            out.append([int(topic), [str(words[j]) for j in order if row[j] > 0], [float(row[j]) for j in order if row[j] > 0],
                        int(at["count"][topic]), int(pd.Timestamp(time).value)])
        before = now
    return out


def per_class(model, docs, classes, global_tuning):
    frame = model.topics_per_class(docs, classes, global_tuning=global_tuning)
    rows = [[int(r.Topic), [w for w in r.Words.split(", ") if w], int(r.Frequency), r.Class] for r in frame.itertuples()]
    return sorted(rows, key=lambda r: (r[3], r[0]))


def main():
    warnings.simplefilter("ignore")
    rng = random.Random(5)
    texts, labels = corpus(rng, 7, 150, 2.2)
    texts, labels = zip(*[(t, y) for t, y in zip(texts, labels) if t.strip()])
    texts = list(texts)
    times = pd.Series(pd.to_datetime([1_700_000_000 + rng.randrange(0, 40) * 43_200 + 7 for _ in texts], unit="s")).astype("datetime64[ns]")
    classes = [rng.choice(["zeta", "alpha", "Émile", "beta"]) for _ in texts]
    out = {"texts": texts, "times": [int(t.value) for t in times], "classes": classes, "probe": PROBE, "settings": {}}
    for name in SETTINGS:
        model = fit(texts, list(labels), name)
        entry = {"topics": [int(t) for t in model.topics_], "distributions": list(distributions(model, texts[:30] + PROBE))}
        entry["over_time"] = [
            {"bins": bins, "global": g, "rows": over_time(model, texts, times, bins, g)} for bins in (None, 6) for g in (False, True)
        ]
        model = fit(texts, list(labels), name)  # topics_over_time has changed the other
        entry["evolution"] = [
            {"bins": bins, "global": g, "rows": evolution(model, texts, times, bins, g)} for bins in (None, 6) for g in (False, True)
        ]
        entry["per_class"] = [{"global": g, "rows": per_class(fit(texts, list(labels), name), texts, classes, g)} for g in (False, True)]
        out["settings"][name] = entry
    write(f"{sys.argv[1]}/distributions.json.gz", out)


if __name__ == "__main__":
    main()
