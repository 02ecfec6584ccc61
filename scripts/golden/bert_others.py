"""Writes embed/bert/testdata/others.json.gz: what sentence-transformers makes of some of the texts of golden.json.gz with
models other than all-MiniLM-L6-v2, as onnx_dir.py makes their directories.

The file is one object: versions, and models: [{"env", "sha256", "prompt_name", "places", "ids", "rows"}]. env is the
environment variable that names the directory to the test, sha256 that of its model.safetensors, places the places of the
texts in golden.json.gz, ids their token ids, rows their embeddings as the base64 of little-endian float32, each text in a
batch of its own on one thread.

usage: bert_others.py E5DIR PARAPHRASEDIR TESTDATADIR
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

STEP = 13


def main(e5, paraphrase, out):
    torch.set_num_threads(1)
    with gzip.open(f"{out}/golden.json.gz") as f:
        texts = [t["text"] for t in json.load(f)["texts"]]
    models = []
    for env, path, prompt_name in [
        ("GOBERTOPIC_E5_DIR", e5, "query"),
        ("GOBERTOPIC_E5_DIR", e5, "passage"),
        ("GOBERTOPIC_PARAPHRASE_DIR", paraphrase, None),
    ]:
        model = sentence_transformers.SentenceTransformer(path, device="cpu")
        model.eval()
        places = list(range(len(models), len(texts), STEP))
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
    main(*sys.argv[1:4])
