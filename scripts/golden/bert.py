"""Writes embed/bert/testdata/golden.json.gz and golden.npy: what sentence-transformers makes of natural and hostile texts.

golden.json.gz is one object: versions, model, max_seq_length, natural (how many of the texts, the first ones, are
natural), and texts: [{"text", "ids"}] with the ids after truncation, special tokens included. Row i of golden.npy is the
embedding of text i: float32, on one thread, each text in a batch of its own, so that nothing is padded.

The natural texts are doc comments of Go's standard library (BSD licence), given as JSON lines with the field text.

usage: bert.py MODELDIR GODOC.jsonl OUTDIR
"""

import gzip
import json
import sys

import numpy as np
import sentence_transformers
import tokenizers
import torch
import transformers
from hostile import texts as hostile

NATURAL = 380


def natural(path):
    """Texts of every length: evenly spaced ranks of the corpus sorted by length, and the longest ones."""
    with open(path) as f:
        texts = sorted({json.loads(line)["text"] for line in f}, key=lambda t: (len(t), t))
    longest = texts[-20:]
    rest = texts[:-20]
    step = len(rest) / (NATURAL - len(longest))
    return [rest[int(i * step)] for i in range(NATURAL - len(longest))] + longest


def main(model_dir, corpus, out):
    torch.set_num_threads(1)
    model = sentence_transformers.SentenceTransformer(model_dir, device="cpu")
    model.eval()
    first = natural(corpus)
    texts = first + hostile()
    rows, over = [], 0
    embeddings = np.zeros((len(texts), model.get_embedding_dimension()), np.float32)
    for i, text in enumerate(texts):
        ids = model.tokenize([text])["input_ids"][0].tolist()
        over += i < len(first) and len(ids) == model.max_seq_length
        rows.append({"text": text, "ids": ids})
        embeddings[i] = model.encode([text], batch_size=1, convert_to_numpy=True, show_progress_bar=False)[0]
    doc = {
        "versions": {m.__name__: m.__version__ for m in (sentence_transformers, transformers, tokenizers, torch, np)},
        "model": "all-MiniLM-L6-v2",
        "max_seq_length": model.max_seq_length,
        "natural": len(first),
        "texts": rows,
    }
    blob = json.dumps(doc, ensure_ascii=True, separators=(",", ":")).encode()
    with open(f"{out}/golden.json.gz", "wb") as f:
        f.write(gzip.compress(blob, 9, mtime=0))
    np.save(f"{out}/golden.npy", embeddings)
    norms = np.linalg.norm(embeddings, axis=1)
    print(f"{len(first)} natural texts ({over} cut), {len(texts) - len(first)} hostile; norms {norms.min():.7f} to {norms.max():.7f}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
