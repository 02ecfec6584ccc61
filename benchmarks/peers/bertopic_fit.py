"""Fit BERTopic with its default settings and write what came out.

    bertopic_fit.py MODEL_DIR TEXTS SEED OUT_DIR

TEXTS has one document per line. MODEL_DIR is a local copy of all-MiniLM-L6-v2. BERTopic has no seed of its own: SEED is
given to UMAP, whose other settings are BERTopic's. Writes OUT_DIR/docs.csv (id, topic, probability) and prints one JSON
object: topics, outliers, seconds of each stage, peak memory in MB.
"""
import csv
import json
import os
import resource
import sys
import time

began = time.perf_counter()
import bertopic  # noqa: E402
from bertopic import BERTopic  # noqa: E402
from sentence_transformers import SentenceTransformer  # noqa: E402
from umap import UMAP  # noqa: E402

imported = time.perf_counter()

model_dir, texts, seed, out = sys.argv[1:]
docs = [line.rstrip("\n") for line in open(texts, encoding="utf-8")]
encoder = SentenceTransformer(model_dir, device="cpu")
embeddings = encoder.encode(docs, show_progress_bar=False)
embedded = time.perf_counter()

umap_model = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=int(seed))
model = BERTopic(embedding_model=encoder, umap_model=umap_model)
topics, probabilities = model.fit_transform(docs, embeddings)
fitted = time.perf_counter()

os.makedirs(out, exist_ok=True)
with open(os.path.join(out, "docs.csv"), "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["id", "topic", "probability"])
    for i, (t, p) in enumerate(zip(topics, probabilities)):
        w.writerow([i + 1, int(t), float(p)])
done = time.perf_counter()
print(json.dumps({
    "version": bertopic.__version__,
    "documents": len(docs),
    "topics": len(set(topics) - {-1}),
    "outliers": sum(t == -1 for t in topics),
    "stages": {"import": imported - began, "embed": embedded - imported, "fit": fitted - embedded},
    "seconds": done - began,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
}))
