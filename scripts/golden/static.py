"""Writes embed/static/testdata: what model2vec 0.10.0 makes of texts, and what its distillation makes of token vectors.

tokenizer.json        a WordPiece tokenizer with a part of all-MiniLM-L6-v2's vocabulary
golden.json.gz        texts, token ids, cases, and the vocabulary of a distillation
golden.npy            vectors of all texts for all cases, case by case
raw.npy, distilled.npy    vectors of tokens from all-MiniLM-L6-v2, and what apply_pca and compute_weights make of them in float64
words.npy             a whole distillation of all-MiniLM-L6-v2, float32, for the words in golden.json.gz

The tables of the cases are made by rule and not stored: see rule().

usage: static.py MODELDIR TEXTS.json.gz OUTDIR
TEXTS.json.gz is embed/bert/testdata/golden.json.gz.
"""

import gzip
import json
import os
import re
import sys
import tempfile

import model2vec
import numpy as np
import safetensors.numpy
import tokenizers
import torch
import transformers
from model2vec.distill import distill
from model2vec.distill.inference import apply_pca, compute_weights, create_embeddings
from model2vec.tokenizer import clean_and_create_vocabulary, turn_tokens_into_ids
from skeletoken import TokenizerModel

DIM = 16
EXTRA = ["[unused0]", "[unused12]"]
WORDS = ["Kubernetes", "goroutine", "the", "naïve", "tcp", "TCP", "zzyzx", "Ångström", "NAÏVE"]


def rule(seed, n):
    """Value i is u/128, where u from −128 to 127 is the top 8 bits of SplitMix64 at seed + i."""
    with np.errstate(over="ignore"):
        z = (np.uint64(seed) + np.arange(n, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(56)).astype(np.int64) - 128


CASES = [
    {"name": "float32", "dtype": "F32", "config": {"normalize": True}},
    {"name": "float32, not normalised, at most 7 tokens", "dtype": "F32", "config": {"normalize": False, "max_length": 7}},
    {"name": "float16", "dtype": "F16", "config": {"normalize": True, "max_length": None}},
    {"name": "int8", "dtype": "I8", "config": {"normalize": True, "max_length": 100}},
    {"name": "weights", "dtype": "F32", "weights": True, "config": {}},
    {"name": "weights and mapping", "dtype": "F32", "weights": True, "mapping": 40, "config": {"normalize": True, "max_length": 33}},
    {"name": "sentence-transformers", "dtype": "F32", "layout": "config_sentence_transformers.json", "config": {"normalize": True}},
]


def tensors(case, size):
    rows = case.get("mapping", size)
    u = rule(1, rows * DIM).reshape(rows, DIM)
    kinds = {"F32": (np.float32, 128), "F16": (np.float16, 128), "I8": (np.int8, 1)}
    dtype, scale = kinds[case["dtype"]]
    out = {"embedding.weight" if "layout" in case else "embeddings": (u / scale).astype(dtype)}
    if case.get("weights"):
        out["weights"] = (rule(2, size) + 200) / 128
    if "mapping" in case:
        out["mapping"] = (rule(3, size) + 128) % rows
    return out


def tokenizer_json(model, texts):
    """The tokenizer with the special tokens, letters, some unused tokens and words of the texts, in the old order."""
    with open(f"{model}/tokenizer.json") as f:
        doc = json.load(f)
    tok = tokenizers.Tokenizer.from_file(f"{model}/tokenizer.json")
    tok.no_truncation()
    tok.no_padding()
    used = {}
    for t in texts:
        for i in tok.encode(t, add_special_tokens=False).ids:
            used[i] = used.get(i, 0) + 1
    often = set(sorted(used, key=lambda i: (-used[i], i))[:700])
    keep = [t for t, i in sorted(doc["model"]["vocab"].items(), key=lambda e: e[1]) if i in often or t in EXTRA or re.match(r"\[[A-Z]+\]$", t) or len(t.removeprefix("##")) == 1 and t.isascii()]
    doc["model"]["vocab"] = {t: i for i, t in enumerate(keep)}
    for a in doc["added_tokens"]:
        a["id"] = keep.index(a["content"])
    for name, s in doc["post_processor"]["special_tokens"].items():
        s["ids"] = [keep.index(name)]
    doc["truncation"] = doc["padding"] = None
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":")), keep


def main(model, source, out):
    torch.set_num_threads(1)
    with gzip.open(source) as f:
        texts = [t["text"] for t in json.load(f)["texts"]]
    texts = texts[:380:2] + texts[380:] + [" ".join(texts[:60]), "word " * 700, "x" * 5000, "[PAD] [UNK] [CLS] a", "\u2603 \u4f60\u597d", ""]
    text, keep = tokenizer_json(model, texts)
    with open(f"{out}/tokenizer.json", "w") as f:
        f.write(text)
    cases, rows = [], []
    for case in CASES:
        with tempfile.TemporaryDirectory() as d:
            with open(f"{d}/tokenizer.json", "w") as f:
                f.write(text)
            with open(f"{d}/{case.get('layout', 'config.json')}", "w") as f:
                json.dump(case["config"], f)
            safetensors.numpy.save_file(tensors(case, len(keep)), f"{d}/model.safetensors")
            m = model2vec.StaticModel.from_pretrained(d)
        if m.embedding.dtype == np.float16:  # its results would be rounded to half precision
            m.embedding = m.embedding.astype(np.float32)
        if m.weights is not None:
            m.weights = m.weights.astype(np.float32)
        cut = texts if m.max_length is None else [t[: m.max_length * m.median_token_length] for t in texts]
        cases.append(case | {"config": json.dumps(case["config"]), "ids": m.tokenize(cut)})
        rows.append(m.encode(texts).astype(np.float32))
        assert rows[-1].shape == (len(texts), DIM)
    np.save(f"{out}/golden.npy", np.concatenate(rows))

    # The vocabulary of a distillation.
    original = TokenizerModel.model_validate_json(text)
    original.pad_token = "[PAD]"  # as from_transformers_tokenizer does
    original = original.prune_added_tokens()
    new = clean_and_create_vocabulary(original.deep_copy(), WORDS, re.compile(r"\[unused\d+\]"))
    tokens = new.sorted_vocabulary
    pieces = original.sorted_vocabulary
    ids = [[keep.index(pieces[i]) for i in seq] for seq in turn_tokens_into_ids(tokens, original)]

    # Real vectors, in the dimensions 0 to 47, which are enough to have something to reduce.
    net = transformers.AutoModel.from_pretrained(model)
    auto = transformers.AutoTokenizer.from_pretrained(model)
    plain = [w for w in keep if re.match(r"[a-z]{2,}$", w)][:300]
    seqs = [auto(w)["input_ids"] for w in plain]
    assert all(len(s) == 3 for s in seqs)
    raw = create_embeddings(net, seqs, "cpu", 0)
    part = raw[:200, :48]
    np.save(f"{out}/raw.npy", part)
    want = apply_pca(part.astype(np.float64), 20) * compute_weights(len(part), 1e-4)[:, None]
    np.save(f"{out}/distilled.npy", want.astype(np.float32))

    # The whole of it, for the words that are tokens of the model.
    pattern = r"(?!(?:" + "|".join(plain) + r"|\[PAD\])$)"
    m = distill(model, token_remove_pattern=pattern, pca_dims=32, quantize_to="float32")
    np.save(f"{out}/words.npy", m.embedding)

    versions = {x.__name__: x.__version__ for x in (transformers, tokenizers, torch, np)} | {"model2vec": model2vec.version.__version__}
    doc = {
        "versions": versions, "dim": DIM, "texts": texts, "cases": cases, "words": WORDS, "vocabulary": tokens, "sequences": ids,
        "distilled": list(m.tokens),
    }  # fmt: skip
    with open(f"{out}/golden.json.gz", "wb") as f:
        f.write(gzip.compress(json.dumps(doc, ensure_ascii=True, separators=(",", ":")).encode(), 9, mtime=0))
    print(versions, len(texts), "texts", len(keep), "tokens", len(tokens), "distilled", m.embedding.shape)


if __name__ == "__main__":
    main(*sys.argv[1:])
