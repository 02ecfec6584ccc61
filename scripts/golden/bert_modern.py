"""Writes embed/bert/testdata/modern.json.gz: what sentence-transformers makes of small models of ModernBERT.

As bert_family.py. The weights are by the rule of bert_tiny.py under the names of the file, with LayerNorm for norm, so that
the rule takes them for norms. The texts reach beyond the local windows and beyond 1,024 tokens; the last case has no special
tokens, so that there are texts of one token. Each text alone and all together, with padding, must agree to 2e-6.

usage: bert_modern.py OUTDIR
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
from bert_family import MORE, bpe, unigram
from bert_tiny import HEADS, HIDDEN, INNER, TEXTS, modules, old_pooling, weights
from tokenizers import Tokenizer

LONG = "the map and the file of every reader, " * 90


def tensors(words, layers, attention=False, inner=False, norm=False, prefix=""):
    shapes = {"embeddings.tok_embeddings.weight": (words, HIDDEN)}

    def norms(name):
        shapes[name + ".weight"] = (HIDDEN,)
        if norm:
            shapes[name + ".bias"] = (HIDDEN,)

    def linear(name, rows, cols, biased):
        shapes[name + ".weight"] = (rows, cols)
        if biased:
            shapes[name + ".bias"] = (rows,)

    norms("embeddings.norm")
    norms("final_norm")
    for i in range(layers):
        p = f"layers.{i}."
        if i > 0:
            norms(p + "attn_norm")
        norms(p + "mlp_norm")
        linear(p + "attn.Wqkv", 3 * HIDDEN, HIDDEN, attention)
        linear(p + "attn.Wo", HIDDEN, HIDDEN, attention)
        linear(p + "mlp.Wi", 2 * INNER, HIDDEN, inner)
        linear(p + "mlp.Wo", HIDDEN, INNER, inner)
    return {prefix + n: weights(n.replace("norm.", "LayerNorm."), s) for n, s in shapes.items()}


def case(tokenizer, layers, places, pooling="mean", prefix="", attention=False, inner=False, norm=False, **config):
    words = max(Tokenizer.from_str(tokenizer).get_vocab().values()) + 3
    config = {
        "model_type": "modernbert", "architectures": ["ModernBertModel"], "hidden_size": HIDDEN, "num_hidden_layers": layers, "num_attention_heads": HEADS,
        "intermediate_size": INNER, "max_position_embeddings": places, "vocab_size": words, "pad_token_id": 1, "bos_token_id": 0, "cls_token_id": 0,
        "eos_token_id": 2, "sep_token_id": 2, "attention_bias": attention, "mlp_bias": inner, "norm_bias": norm,
    } | config  # fmt: skip
    files = {
        "config.json": config,
        "modules.json": modules(),
        "1_Pooling/config.json": old_pooling(pooling),
        "sentence_bert_config.json": {"max_seq_length": places, "do_lower_case": False},
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>"},
    }
    files = {k: json.dumps(v, indent=1) for k, v in files.items()} | {"tokenizer.json": tokenizer}
    return files, tensors(words, layers, attention, inner, norm, prefix)


def without_specials(text):
    doc = json.loads(text)
    doc["post_processor"] = None
    return json.dumps(doc)


def main(out):
    torch.set_num_threads(1)
    kinds = {
        "ModernBERT": case(bpe(), 5, 2048, local_attention=8, hidden_activation="gelu", norm_eps=1e-5),
        "ModernBERT, cls, all biases, saved with a head": case(
            unigram(), 3, 512, pooling="cls", prefix="model.", attention=True, inner=True, norm=True, local_attention=32, hidden_activation="gelu_new",
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            rope_parameters={"full_attention": {"rope_type": "default", "rope_theta": 5000.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 300.0}},
        ),  # fmt: skip
        "ModernBERT, no special tokens": case(
            without_specials(unigram()), 4, 128, local_attention=5, global_attn_every_n_layers=2, global_rope_theta=10000.0, local_rope_theta=10000.0, norm_eps=1e-3
        ),
    }
    texts, cases = [*TEXTS, *MORE, "the", LONG], []
    for name, (files, state) in kinds.items():
        with tempfile.TemporaryDirectory() as d:
            for path, text in files.items():
                os.makedirs(os.path.dirname(f"{d}/{path}"), exist_ok=True)
                with open(f"{d}/{path}", "w") as f:
                    f.write(text)
            safetensors.numpy.save_file(state, f"{d}/model.safetensors", metadata={"format": "pt"})
            model = sentence_transformers.SentenceTransformer(d, device="cpu")
            model.eval()
            loaded = model[0].auto_model.state_dict()
            assert {k.removeprefix("model.") for k in state} == set(loaded), set(loaded) ^ set(state)
            for k, v in state.items():
                assert np.array_equal(loaded[k.removeprefix("model.")].numpy(), v), k
            ids = [model.preprocess([t])["input_ids"][0].tolist() for t in texts]
            some = [i for i, t in enumerate(ids) if t]
            rows = [model.encode([t], batch_size=1, convert_to_numpy=True, show_progress_bar=False)[0] if i in some else np.zeros(HIDDEN, "f4") for i, t in enumerate(texts)]
            together = model.encode([texts[i] for i in some], batch_size=len(some), convert_to_numpy=True, show_progress_bar=False)
            assert all(r.dtype == np.float32 and np.isfinite(r).all() for r in rows)
            off = np.abs(together - np.stack([rows[i] for i in some])).max()
            assert off < 2e-6, off
            cases.append({"name": name, "files": files, "tensors": {k: list(v.shape) for k, v in state.items()}, "ids": ids, "rows": [[float(v) for v in r] for r in rows]})
            sizes = sorted(map(len, ids))
            print(f"{name}: {type(model[0].auto_model).__name__}, {sizes[0]} to {sizes[-1]} tokens, padding moves by {off:.1e}")
    versions = {m.__name__: m.__version__ for m in (sentence_transformers, transformers, tokenizers, torch, np, safetensors)}
    doc = {"versions": versions, "texts": texts, "cases": cases}
    with open(f"{out}/modern.json.gz", "wb") as f:
        f.write(gzip.compress(json.dumps(doc, separators=(",", ":")).encode(), 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
