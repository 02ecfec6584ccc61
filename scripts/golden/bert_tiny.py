"""Writes embed/bert/testdata/tiny.json.gz: what sentence-transformers makes of small models of many kinds.

A model is its JSON and text files, which the golden file holds, and weights by rule, which it does not: see weights().
Each case has the token ids of every text and the embedding, float32, one text at a time on one thread. prompt and
prompt_name are the arguments of encode, null where they are not given.

usage: bert_tiny.py OUTDIR
"""

import gzip
import json
import os
import sys
import tempfile

import numpy as np
import safetensors.numpy
import sentence_transformers
import tokenizers
import torch
import transformers

HIDDEN, LAYERS, HEADS, INNER, POSITIONS, TYPES = 36, 2, 3, 44, 24, 2

VOCAB = (
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    + list("abcdefghijklmnopqrstuvwxyz0123456789.,!?-")
    + ["##" + c for c in "abcdefghijklmnopqrstuvwxyz0123456789"]
    + ["the", "and", "error", "func", "##ing", "##ed", "Go", "A", "é", "##é", "read", "write", "file", "map", "##s"]
)

TEXTS = [
    "",
    "   \t\n",
    "a",
    "the map",
    "Reading files and writing maps!",
    "Café ÉTÉ café",
    "Go. A go, a GO?",
    "你好 unknown ☃ words",
    "the error [MASK] func [SEP] map",
    "the file and the map and the func and the error and the file and the map, and then more of them all",
    "0123456789 abcdefghijklmnopqrstuvwxyz",
]


def weights(name, shape):
    """Value i of a tensor: with u from −128 to 127, the top 8 bits of SplitMix64 at FNV-1a(name) + i, u/128 for words,
    positions and token types, 1 + ⌊u/4⌋/128 for the gains of layer norms, u/1024 for other vectors and u/512 for other
    matrices. All are exact in bfloat16 and float16."""
    h = 0xCBF29CE484222325
    for b in name.encode():
        h = (h ^ b) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = (np.uint64(h) + np.arange(np.prod(shape), dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    u = (z >> np.uint64(56)).astype(np.int64) - 128
    if name.startswith("embeddings.") and "LayerNorm" not in name:
        v = u / 128
    elif name.endswith("LayerNorm.weight"):
        v = 1 + (u >> 2) / 128
    else:
        v = u / (512 if len(shape) == 2 else 1024)
    return v.astype(np.float32).reshape(shape)


def tensors(words):
    h = HIDDEN
    shapes = {
        "embeddings.word_embeddings.weight": (words, h),
        "embeddings.position_embeddings.weight": (POSITIONS, h),
        "embeddings.token_type_embeddings.weight": (TYPES, h),
        "embeddings.LayerNorm.weight": (h,),
        "embeddings.LayerNorm.bias": (h,),
        "pooler.dense.weight": (h, h),
        "pooler.dense.bias": (h,),
    }
    for i in range(LAYERS):
        p = f"encoder.layer.{i}."
        for part in "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense":
            shapes |= {p + part + ".weight": (h, h), p + part + ".bias": (h,)}
        shapes |= {p + "intermediate.dense.weight": (INNER, h), p + "intermediate.dense.bias": (INNER,)}
        shapes |= {p + "output.dense.weight": (h, INNER), p + "output.dense.bias": (h,)}
        for part in "attention.output", "output":
            shapes |= {p + part + ".LayerNorm.weight": (h,), p + part + ".LayerNorm.bias": (h,)}
    return {name: weights(name, shape) for name, shape in shapes.items()}


def modules(normalize=True):
    kinds = ["Transformer", "Pooling"] + ["Normalize"] * normalize
    paths = ["", "1_Pooling", "2_Normalize"]
    return [{"idx": i, "name": str(i), "path": paths[i], "type": "sentence_transformers.models." + k} for i, k in enumerate(kinds)]


def old_pooling(mode):
    modes = {f"pooling_mode_{m}_tokens" if m != "cls" else "pooling_mode_cls_token": m == mode for m in ("cls", "mean", "max")}
    return {"word_embedding_dimension": HIDDEN} | modes


def base(config=None, tokenizer=None, pooling=None, normalize=True, sbert=None, listed=True, prompts=None):
    """The files of a directory; those with vocab.txt alone have transformers make the tokenizer of it."""
    files = {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
            "intermediate_size": INNER, "hidden_act": "gelu", "max_position_embeddings": POSITIONS, "type_vocab_size": TYPES, "vocab_size": len(VOCAB),
            "layer_norm_eps": 1e-12, "pad_token_id": 0,
        } | (config or {}),
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "do_lower_case": True} | (tokenizer or {}),
    }  # fmt: skip
    if listed:
        files["modules.json"] = modules(normalize)
        files["1_Pooling/config.json"] = pooling or old_pooling("mean")
    if sbert:
        files["sentence_bert_config.json"] = sbert
    if prompts:
        files["config_sentence_transformers.json"] = prompts
    return {k: json.dumps(v, indent=1) for k, v in files.items()} | {"vocab.txt": "".join(w + "\n" for w in VOCAB)}


PROMPTS = {"prompts": {"read": "read: ", "file": "the file: ", "none": ""}, "default_prompt_name": None}

CASES = {
    "mean normalize": base(),
    "cls": base(pooling=old_pooling("cls"), normalize=False),
    "max": base(pooling=old_pooling("max"), normalize=False),
    "pooling_mode cls, normalize": base(pooling={"embedding_dimension": HIDDEN, "pooling_mode": "cls", "include_prompt": True}),
    "pooling_mode max": base(pooling={"embedding_dimension": HIDDEN, "pooling_mode": "max", "include_prompt": True}, normalize=False),
    "no modules.json": base(listed=False),
    "gelu_new": base(config={"hidden_act": "gelu_new"}, normalize=False),
    "gelu_pytorch_tanh": base(config={"hidden_act": "gelu_pytorch_tanh"}),
    "relu": base(config={"hidden_act": "relu"}, normalize=False),
    "large layer_norm_eps": base(config={"layer_norm_eps": 0.25}),
    "max_seq_length 5": base(sbert={"max_seq_length": 5, "do_lower_case": False}),
    "max_seq_length 5, cls": base(sbert={"max_seq_length": 5, "do_lower_case": False}, pooling=old_pooling("cls")),
    "model_max_length 7": base(tokenizer={"model_max_length": 7}),
    "cased": base(tokenizer={"do_lower_case": False}),
    "cased, lowered first": base(tokenizer={"do_lower_case": False}, sbert={"max_seq_length": 24, "do_lower_case": True}),
    "accents kept": base(tokenizer={"strip_accents": False}),
    "prompt": base(),
    "prompt, cls, max_seq_length 9": base(sbert={"max_seq_length": 9, "do_lower_case": False}, pooling=old_pooling("cls")),
    "prompt of a name": base(prompts=PROMPTS),
    "prompt before its name": base(prompts=PROMPTS),
    "default prompt": base(prompts=PROMPTS | {"default_prompt_name": "file"}),
    "empty prompt before the default one": base(prompts=PROMPTS | {"default_prompt_name": "file"}),
}

# The arguments prompt and prompt_name of encode.
ARGUMENTS = {
    "prompt": ("read: ", None),
    "prompt, cls, max_seq_length 9": ("read the map: ", None),
    "prompt of a name": (None, "read"),
    "prompt before its name": ("A map, ", "read"),
    "empty prompt before the default one": (None, "none"),
}


def main(out):
    torch.set_num_threads(1)
    state = tensors(len(VOCAB))
    cases = []
    for name, files in CASES.items():
        with tempfile.TemporaryDirectory() as d:
            for path, text in files.items():
                os.makedirs(os.path.dirname(f"{d}/{path}"), exist_ok=True)
                with open(f"{d}/{path}", "w") as f:
                    f.write(text)
            safetensors.numpy.save_file(state, f"{d}/model.safetensors", metadata={"format": "pt"})
            model = sentence_transformers.SentenceTransformer(d, device="cpu")
            model.eval()
            prompt, prompt_name = ARGUMENTS.get(name, (None, None))
            given = {"prompt": prompt, "prompt_name": prompt_name}
            front = model._resolve_prompt(prompt, prompt_name)
            ids = [model.preprocess([t], prompt=front)["input_ids"][0].tolist() for t in TEXTS]
            rows = [model.encode([t], batch_size=1, convert_to_numpy=True, show_progress_bar=False, **given)[0] for t in TEXTS]
            assert all(r.dtype == np.float32 and np.isfinite(r).all() for r in rows)
            cases.append({"name": name, "files": files, **given, "ids": ids, "rows": [[float(v) for v in r] for r in rows]})
            print(f"{name}: {max(map(len, ids))} tokens at most")
    versions = {m.__name__: m.__version__ for m in (sentence_transformers, transformers, tokenizers, torch, np, safetensors)}
    doc = {"versions": versions, "hidden": HIDDEN, "layers": LAYERS, "inner": INNER, "positions": POSITIONS, "types": TYPES, "texts": TEXTS, "cases": cases}
    blob = json.dumps(doc, ensure_ascii=True, separators=(",", ":")).encode()
    with open(f"{out}/tiny.json.gz", "wb") as f:
        f.write(gzip.compress(blob, 9, mtime=0))
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main(sys.argv[1])
