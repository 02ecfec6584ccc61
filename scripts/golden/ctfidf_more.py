"""Golden files of package ctfidf for the options of vectorizers and for the ways to weigh beyond c-TF-IDF.

Usage: python ctfidf_more.py OUTPUT_DIRECTORY

options.json.gz      terms that CountVectorizer finds under each of its options, and binary counts
online.json.gz       counts of OnlineCountVectorizer after each of several batches
importance.json.gz   weights of turftopic's feature_importance, and BERTopic's with seed words and guided topics

turftopic is installed without its dependencies (pip install --no-deps turftopic==0.28.0); only one file of it is read.
"""

import importlib.metadata
import importlib.util
import itertools
import pathlib
import random
import sys
import warnings

import numpy as np
import pandas as pd
import scipy.sparse as sp
from bertopic import BERTopic
from bertopic.vectorizers import ClassTfidfTransformer, OnlineCountVectorizer
from sklearn.feature_extraction.text import CountVectorizer

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from ctfidf import HOSTILE, VERSIONS, WORDS, corpus, csr, random_strings, write

VERSIONS["turftopic"] = importlib.metadata.version("turftopic")
VERSIONS["scipy"] = importlib.metadata.version("scipy")


def feature_importance():
    """turftopic's module by its file, since importing the package needs all that it depends on."""
    path = pathlib.Path(importlib.metadata.distribution("turftopic").locate_file("turftopic/feature_importance.py"))
    spec = importlib.util.spec_from_file_location("feature_importance", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def option_goldens():
    rng = random.Random(21)
    texts = HOSTILE + list(random_strings(rng))[::3]
    settings = {
        "accents unicode": {"strip_accents": "unicode"},
        "accents ascii": {"strip_accents": "ascii"},
        "accents without lowercase": {"strip_accents": "unicode", "lowercase": False},
        "char": {"analyzer": "char", "ngram_range": (2, 3)},
        "char_wb": {"analyzer": "char_wb", "ngram_range": (1, 4)},
        "char with accents": {"analyzer": "char_wb", "ngram_range": (3, 3), "strip_accents": "unicode"},
        "pattern": {"token_pattern": r"[a-z]+-?[a-z]+", "ngram_range": (1, 2)},
        "group": {"token_pattern": r"(?:^| )([a-z0-9]+)", "stop_words": ["the", "ab"]},
    }
    terms = {name: [CountVectorizer(**s).build_analyzer()(t) for t in texts] for name, s in settings.items()}
    docs, labels = corpus(rng, 5, 90, 2.0)
    joined = pd.DataFrame({"d": docs, "t": labels}).groupby("t").agg({"d": " ".join}).d.tolist()
    by_class = CountVectorizer(binary=True, ngram_range=(1, 2)).fit(joined)
    by_document = CountVectorizer(binary=True, ngram_range=(1, 2)).fit(docs)
    rows = by_document.transform(docs)
    member = sp.csr_matrix((np.ones(len(docs)), (np.array(labels) + 1, np.arange(len(docs)))))
    return {
        "texts": texts, "terms": terms, "docs": docs, "labels": labels,
        "binary_joined": {"vocabulary": by_class.get_feature_names_out().tolist(), **csr(by_class.transform(joined))},
        "binary": {"vocabulary": by_document.get_feature_names_out().tolist(), **csr(sp.csr_matrix(member @ rows))},
    }


def online_goldens():
    rng = random.Random(22)
    batches = [corpus(rng, 4, n, 1.5) for n in (60, 40, 5, 50)]
    cases = []
    for decay, delete, ngrams in [(None, None, 1), (0.25, None, 1), (0.1, 3, 1), (0.5, 2, 2), (None, 4, 2)]:
        vectorizer = OnlineCountVectorizer(decay=decay, delete_min_df=delete, ngram_range=(1, ngrams))
        steps = []
        for texts, labels in batches:
            # A row for each of the four topics in every batch, as BERTopic gives them.
            joined = [" ".join(t for t, l in zip(texts, labels) if l == topic) for topic in range(-1, 3)]
            x = sp.csr_matrix(vectorizer.partial_fit(joined).update_bow(joined)).astype(float)
            # The columns lie in the order of a hash: sorted here.
            names = sorted(vectorizer.vocabulary_)
            x = x[:, [vectorizer.vocabulary_[name] for name in names]]
            x.eliminate_zeros()
            steps.append({"vocabulary": names, **csr(x)})
        cases.append({"decay": decay or 0, "delete": delete or 0, "ngrams": ngrams, "steps": steps})
    return {"batches": [{"texts": t, "labels": l} for t, l in batches], "cases": cases}


def importance_goldens():
    rng = random.Random(23)
    importance = feature_importance()
    texts, labels = corpus(rng, 6, 200, 2.0)
    labels = [label + 1 for label in labels]
    vectorizer = CountVectorizer().fit(texts)
    terms = vectorizer.transform(texts)
    hard = np.eye(6)[labels]
    numbers = np.random.default_rng(5)
    soft = numbers.dirichlet(np.full(6, 0.3), len(texts))
    soft[soft < 0.05] = 0  # rows that do not sum to 1, as those of HDBSCAN
    centroids = numbers.normal(size=(6, 12)).astype(np.float32)
    vocabulary = numbers.normal(size=(terms.shape[1], 12)).astype(np.float32)
    weights = {
        **{f"npmi {s}": importance.npmi(hard, terms, smoothing=s) for s in (5, 0.5)},
        "fighting corpus": importance.fighting_words(hard, terms),
        "fighting 0.01": importance.fighting_words(hard, terms, prior=0.01),
        "soft": importance.soft_ctf_idf(soft, terms),
        "soft hard": importance.soft_ctf_idf(hard, terms),
        "centroid": importance.cluster_centroid_distance(centroids.astype(float), vocabulary.astype(float)),
    }

    seeds = []
    joined = pd.DataFrame({"Document": texts, "Topic": labels}).groupby(["Topic"], as_index=False).agg({"Document": " ".join})
    for (seed_words, multiplier), guided, bm25 in itertools.product(
        [(None, 2), (list(WORDS[::5]), 2), (list(WORDS[::5]), 3.5)], [None, [WORDS[:12], WORDS[40:45]]], [False, True]
    ):
        model = BERTopic(
            language="multilingual", seed_topic_list=guided,
            ctfidf_model=ClassTfidfTransformer(bm25, False, seed_words, multiplier),
        )
        x, _ = model._c_tf_idf(joined)
        seeds.append({
            "seed_words": seed_words, "multiplier": multiplier, "guided": sum(guided, []) if guided else None, "bm25": bm25,
            "idf": model.ctfidf_model._idf_diag.diagonal().tolist(), "data": csr(x)["data"],
        })
    return {
        "texts": texts, "labels": labels, "soft": soft.tolist(), "vocabulary": vectorizer.get_feature_names_out().tolist(),
        "centroids": centroids.tolist(), "terms": vocabulary.tolist(),
        "soft_counts": np.asarray(soft.T @ terms).tolist(),
        "weights": {name: np.asarray(w).tolist() for name, w in weights.items()}, "seeds": seeds,
    }


def main():
    directory = sys.argv[1]
    warnings.simplefilter("ignore")
    write(f"{directory}/options.json.gz", option_goldens())
    write(f"{directory}/online.json.gz", online_goldens())
    write(f"{directory}/importance.json.gz", importance_goldens())


if __name__ == "__main__":
    main()
