"""Writes embed/bert/testdata/modules.json.gz: what sentence-transformers makes of small models with the modules and arguments
that come after the layers: ways of pooling, Dense modules, truncate_dim.

The models are those of bert_tiny.py; the tensors of the Dense module in folder F have its rule's values under the names
F.linear.weight and F.linear.bias. Rows that are truncated are normalised again where the model normalises
(normalize_embeddings).

usage: bert_modules.py OUTDIR
"""

import gzip
import json
import os
import sys
import tempfile

import numpy as np
import safetensors.numpy
import sentence_transformers
import torch
import transformers
from bert_tiny import HIDDEN, TEXTS, VOCAB, base, tensors, weights


def pooling(mode):
    return {"embedding_dimension": HIDDEN, "pooling_mode": mode, "include_prompt": True}


def old(field):
    return {"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": False, field: True}


def dense(*sizes, normalize=False, pool="mean"):
    """A directory with Dense modules of (out, bias, activation)."""
    files = base(pooling=pooling(pool), normalize=False)
    kinds, shapes, columns = json.loads(files["modules.json"]), {}, HIDDEN
    for out, bias, activation in sizes:
        folder = f"{len(kinds)}_Dense"
        kinds.append({"idx": len(kinds), "name": str(len(kinds)), "path": folder, "type": "sentence_transformers.models.Dense"})
        files[f"{folder}/config.json"] = json.dumps({"in_features": columns, "out_features": out, "bias": bias, "activation_function": "torch.nn.modules." + activation})
        shapes[folder] = {"linear.weight": [out, columns]} | ({"linear.bias": [out]} if bias else {})
        columns = out
    if normalize:
        kinds.append({"idx": len(kinds), "name": str(len(kinds)), "path": f"{len(kinds)}_Normalize", "type": "sentence_transformers.models.Normalize"})
    files["modules.json"] = json.dumps(kinds, indent=1)
    return files, shapes, None


TANH, RELU, NONE = "activation.Tanh", "activation.ReLU", "linear.Identity"
CASES = {
    "weightedmean": (base(pooling=pooling("weightedmean")), {}, None),
    "weightedmean, old field": (base(pooling=old("pooling_mode_weightedmean_tokens"), normalize=False), {}, None),
    "lasttoken": (base(pooling=pooling("lasttoken")), {}, None),
    "lasttoken, old field": (base(pooling=old("pooling_mode_lasttoken"), normalize=False), {}, None),
    "mean_sqrt_len_tokens": (base(pooling=pooling("mean_sqrt_len_tokens"), normalize=False), {}, None),
    "mean_sqrt_len_tokens, old field": (base(pooling=old("pooling_mode_mean_sqrt_len_tokens"), normalize=False), {}, None),
    "Dense, tanh": dense((20, True, TANH)),
    "Dense wider, no bias": dense((50, False, NONE), pool="cls"),
    "two Dense, normalize": dense((50, True, RELU), (24, False, NONE), normalize=True),
    "truncated": (base(), {}, 10),
    "truncated, not normalized": (base(normalize=False), {}, 17),
    "two Dense, normalize, truncated": (*dense((50, True, RELU), (24, False, NONE), normalize=True)[:2], 8),
}


def main(out):
    torch.set_num_threads(1)
    state, cases = tensors(len(VOCAB)), []
    for name, (files, modules, truncate) in CASES.items():
        with tempfile.TemporaryDirectory() as d:
            for path, text in files.items():
                os.makedirs(os.path.dirname(f"{d}/{path}"), exist_ok=True)
                with open(f"{d}/{path}", "w") as f:
                    f.write(text)
            safetensors.numpy.save_file(state, f"{d}/model.safetensors", metadata={"format": "pt"})
            for folder, shapes in modules.items():
                safetensors.numpy.save_file({k: weights(f"{folder}.{k}", s) for k, s in shapes.items()}, f"{d}/{folder}/model.safetensors", metadata={"format": "pt"})
            model = sentence_transformers.SentenceTransformer(d, device="cpu", truncate_dim=truncate)
            model.eval()
            again = truncate is not None and "Normalize" in files["modules.json"]
            rows = [model.encode([t], batch_size=1, convert_to_numpy=True, show_progress_bar=False, normalize_embeddings=again)[0] for t in TEXTS]
            assert all(r.dtype == np.float32 and np.isfinite(r).all() for r in rows)
            cases.append({"name": name, "files": files, "modules": modules, "truncate": truncate or 0, "rows": [[float(v) for v in r] for r in rows]})
            print(f"{name}: {[type(m).__name__ for m in model]}, {len(rows[0])} columns")
    versions = {m.__name__: m.__version__ for m in (sentence_transformers, transformers, torch, np, safetensors)}
    blob = json.dumps({"versions": versions, "texts": TEXTS, "cases": cases}, separators=(",", ":")).encode()
    with open(f"{out}/modules.json.gz", "wb") as f:
        f.write(gzip.compress(blob, 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
