"""Golden files of package ctfidf: what CPython, scikit-learn and BERTopic make of texts.

Usage: python ctfidf.py OUTPUT_DIRECTORY

unicode.json.gz   the character properties of this CPython, for every code point, as ranges
tokens.json.gz    hostile strings and the terms that CountVectorizer's analyzer finds in them
counts.json.gz    corpora, counts under several settings, weights under all settings, words and cosines
"""

import gzip
import itertools
import json
import random
import sys
import unicodedata
import warnings

import bertopic
import numpy as np
import pandas as pd
import sklearn
from bertopic import BERTopic
from bertopic.vectorizers import ClassTfidfTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics.pairwise import cosine_similarity

VERSIONS = {
    "python": sys.version.split()[0],
    "unicode": unicodedata.unidata_version,
    "scikit-learn": sklearn.__version__,
    "bertopic": bertopic.__version__,
    "numpy": np.__version__,
}
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def write(path, value):
    data = json.dumps({"versions": VERSIONS, **value}, ensure_ascii=True, separators=(",", ":")).encode()
    with open(path, "wb") as f, gzip.GzipFile(filename="", fileobj=f, mode="wb", mtime=0) as g:
        g.write(data)


def ranges(holds):
    out = []
    for c in CODE_POINTS:
        if not holds(chr(c)):
            continue
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def unicode_tables():
    return {
        "word": ranges(lambda c: c.isalnum() or c == "_"),
        # Whether a character before a sigma makes it final, alone and with a letter before it.
        "cased": ranges(lambda c: (c + "\u03a3").lower().endswith("\u03c2")),
        "seen_through": ranges(lambda c: ("a" + c + "\u03a3").lower().endswith("\u03c2")),
        # The same after the sigma.
        "breaks": ranges(lambda c: ("a\u03a3" + c).lower()[1] == "\u03c3"),
        "unassigned": ranges(lambda c: unicodedata.category(c) == "Cn"),
        "lower": [[c, chr(c).lower()] for c in CODE_POINTS if chr(c).lower() != chr(c)],
    }


HOSTILE = [
    "", " ", "\n\t\r", "a", "ab", "a b c", "_", "__", "a_b", "_a", "don't can't I'm o'clock", "e-mail e_mail", "C++ C# .NET",
    "x86-64 utf8 3.14 1,000 0x1F", "Straße STRASSE ẞ", "İstanbul İİ ıI Iİ", "ΑΣ ΣΑΣ Σ ΣΣ ΑΣ' ΑΣ'Α ΑΣ. Α'Σ 'Σ Α\u0301Σ\u0301 ΑΣ\u00adΑ",
    "ΟΔΥΣΣΕΥΣ ΟΔΥΣΣΕΎΣ, ὈΔΥΣΣΕΎΣ", "naïve café cafe\u0301 résumé", "日本語 テキスト 中文字符 한국어 텍스트", "हिन्दी में पाठ தமிழ்", "नमस्ते", "שלום עולם", "مرحبا بالعالم ١٢٣",
    "x² y³ ½ ¼ ⅷ ⅦⅧ ①② ⑴ ㊀ 〇一 ५६", "ǅ ǆ Ǆ ǅungla", "ﬁ ﬂ ﬀab ŉ ǰ ΐ", "😀😀 a😀b 👩‍👩‍👧 fa\u200dmily", "zero\u200bwidth no\u00a0break", "tab\tsep\nline\x0bvt\x0cff\x1cfs\u2028ls",
    "snow\u2603man", "\ufeffbom", "K Å Ω", "ªº", "ⓐⓑⒶⒷ", "𝐀𝐁 𝟎𝟏 𐐀𐐁 𞤀𞤁", "Ꭰ Ꭱ ꭰꭱ", "ა Ა აᲑ", "Ǆ\u0307 i̇ İ\u0307", "\u0345Σ Α\u0345Σ ͅ",
    "·Σ a·Σ aΣ·b a:Σ aΣ:b a.Σ aΣ.b", "ʰΣ aʰΣ aΣʰ aΣʰb ˆaΣˆ", "\ufffd a\ufffdb ab\ufffdcd", "x" * 300, "ab " * 50, "THE and Of to BE", "not NOT nothing",
]


def random_strings(rng):
    picks = "ab AB_09 .,:'’·\u0301\u0345\u00ad\u200dΣΣΣσςΑαİIıßẞéÉʰªⅧ½²日本कि😀\n\t-"
    assigned = [c for c in CODE_POINTS if unicodedata.category(chr(c)) not in ("Cn", "Co")]
    for _ in range(300):
        yield "".join(rng.choice(picks) for _ in range(rng.randint(1, 40)))
    for _ in range(60):
        yield "".join(chr(rng.choice(assigned)) if rng.random() < 0.6 else rng.choice("ab Σ'") for _ in range(60))


def token_goldens():
    rng = random.Random(7)
    texts = HOSTILE + list(random_strings(rng))
    settings = {
        "default": {},
        "case": {"lowercase": False},
        "stop": {"stop_words": "english"},
        "ngrams": {"ngram_range": (1, 3), "stop_words": ["ab", "the"]},
        "bigrams": {"ngram_range": (2, 2)},
    }
    topic = BERTopic(language="english")
    terms = {name: [CountVectorizer(**s).build_analyzer()(t) for t in texts] for name, s in settings.items()}
    analyze = CountVectorizer().build_analyzer()
    terms["clean"] = [analyze(topic._preprocess_text([t])[0]) for t in texts]
    return {"texts": texts, "lower": [t.lower() for t in texts], "terms": terms}


WORDS = """server client request response header body timeout retry cache buffer stream socket packet route handler
matrix vector tensor gradient kernel sparse dense norm rank eigenvalue cluster label density neighbour graph edge
garden flower soil water seed winter frost harvest apple pear plum tree leaf root branch bread butter cheese oven
naïve café Straße über señor λόγος Σίσυφος город река 数据 模型 सेवा x86 utf8 3d b2b don't e-mail a I the of and to in
is it for with""".split()


def corpus(rng, classes, docs, skew):
    """Documents of our own making: words drawn from one list, each class with favourites of its own."""
    texts, labels = [], []
    for _ in range(docs):
        label = rng.randrange(classes) - 1
        start = (label + 1) * len(WORDS) // classes
        words = []
        for _ in range(rng.randint(0, 14)):
            word = WORDS[(start + int(len(WORDS) * rng.random() ** skew)) % len(WORDS)]
            words.append(word.upper() if rng.random() < 0.1 else word)
        texts.append(rng.choice([" ", "  ", "\n", ", "]).join(words))
        labels.append(label)
    return texts, labels


def csr(x):
    x = x.tocsr()
    x.sort_indices()
    return {"indptr": x.indptr.tolist(), "indices": x.indices.tolist(), "data": x.data.tolist()}


def weightings(words):
    for bm25, reduce, seeds in itertools.product([False, True], [False, True], [None, 2, 3.5]):
        seed_words = list(words[::7]) + ["no such word"] if seeds else None
        yield {"bm25": bm25, "reduce": reduce, "seed_words": seed_words, "seed_multiplier": seeds or 2}


def case(texts, labels, name, language, settings):
    """BERTopic's own path: join the documents of a topic, clean, count, weigh, take the words."""
    frame = pd.DataFrame({"Document": texts, "Topic": labels})
    joined = frame.groupby(["Topic"], as_index=False).agg({"Document": " ".join})
    out = {"name": name, "language": language, "settings": settings, "weights": []}
    keywords = dict(settings)
    if "ngram_range" in keywords:
        keywords["ngram_range"] = tuple(keywords["ngram_range"])
    for w in weightings(WORDS):
        model = BERTopic(
            language=language,
            vectorizer_model=CountVectorizer(**keywords),
            ctfidf_model=ClassTfidfTransformer(w["bm25"], w["reduce"], w["seed_words"], w["seed_multiplier"]),
        )
        weights, words = model._c_tf_idf(joined)
        model.c_tf_idf_ = weights
        representations = model._extract_words_per_topic(words, frame)
        if "counts" not in out:
            out["vocabulary"] = words.tolist()
            out["classes"] = joined.Topic.tolist()
            out["counts"] = csr(model.vectorizer_model.transform(model._preprocess_text(joined.Document.values)))
            out["documents"] = csr(model.vectorizer_model.transform(texts))
        rows = model.ctfidf_model.transform(model.vectorizer_model.transform(texts))
        out["weights"].append(
            {
                **w,
                "idf": model.ctfidf_model._idf_diag.diagonal().tolist(),
                "data": csr(weights)["data"],
                "top": [[[word, float(s)] for word, s in representations[t]] for t in joined.Topic],
                "cosine": [float(v) for v in cosine_similarity(rows[:40], weights[1]).ravel()],
            }
        )
    return out


def count_goldens():
    rng = random.Random(11)
    small = corpus(rng, 4, 60, 2.5)
    wide = corpus(rng, 9, 260, 2.0)
    corpora = {"small": small, "wide": wide}
    plan = [
        ("small", "english", {}),
        ("small", "multilingual", {}),
        ("wide", "english", {"stop_words": "english", "min_df": 2}),
        ("wide", "multilingual", {"min_df": 0.4, "max_df": 0.9}),
        ("small", "english", {"ngram_range": [1, 2], "min_df": 2, "max_df": 3}),
        ("small", "multilingual", {"ngram_range": [2, 3], "min_df": 2, "stop_words": ["of", "and"]}),
        ("wide", "multilingual", {"lowercase": False, "max_df": 7}),
    ]
    cases = [case(*corpora[name], name, language, settings) for name, language, settings in plan]
    # A limit between two different counts, since scikit-learn leaves the order of equal counts open.
    texts, labels = wide
    joined = pd.DataFrame({"d": texts, "t": labels}).groupby("t").agg({"d": " ".join}).d.tolist()
    totals = np.sort(np.asarray(CountVectorizer().fit_transform(joined).sum(axis=0)).ravel())[::-1]
    limit = next(k for k in range(20, len(totals)) if totals[k - 1] > totals[k])
    cases.append(case(texts, labels, "wide", "multilingual", {"max_features": limit}))
    cases.append(case(texts, labels, "wide", "english", {"vocabulary": ["tree", "caf", "dont", "server", "matrix", "the"]}))
    return {"corpora": {k: {"texts": t, "labels": l} for k, (t, l) in corpora.items()}, "cases": cases}


def main():
    directory = sys.argv[1]
    warnings.simplefilter("ignore")
    write(f"{directory}/unicode.json.gz", unicode_tables())
    write(f"{directory}/tokens.json.gz", token_goldens())
    write(f"{directory}/counts.json.gz", count_goldens())


if __name__ == "__main__":
    main()
