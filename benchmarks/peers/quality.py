"""Find topics with one of the Python peers, with its defaults, over several seeds, and compare them with known classes.

    quality.py SYSTEM EMBEDDINGS.npy TEXTS LABELS SEEDS [MODEL_DIR]

SYSTEM is bertopic, plscan (fast_hdbscan's, on umap-learn's points of 5 dimensions, min_samples 5), evoc or topeax (of
turftopic, which needs all-MiniLM-L6-v2 in MODEL_DIR for its words). TEXTS has a document and LABELS a class a line. The seeds are 1 to SEEDS. Prints a JSON object for each seed
(topics, share of outliers, ARI, NMI with outliers as a class of their own, seconds from embeddings to topics; the first has
compilation in it), and one with the mean ARI between seeds.
"""
import itertools
import json
import sys
import time
import warnings

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

warnings.filterwarnings("ignore")
system, embeddings, texts, labels, seeds = sys.argv[1:6]
x = np.load(embeddings)
docs = open(texts, encoding="utf-8").read().splitlines()
classes = open(labels, encoding="utf-8").read().split()
assert len(docs) == len(classes) == len(x)


def layout(seed):
    from umap import UMAP
    return UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)


def bertopic(seed):
    from bertopic import BERTopic
    return BERTopic(umap_model=layout(seed)).fit_transform(docs, x)[0]


def plscan(seed):
    from fast_hdbscan import PLSCAN
    return PLSCAN(min_samples=5).fit_predict(layout(seed).fit_transform(x))


def evoc(seed):
    from evoc import EVoC
    return EVoC(random_state=seed).fit_predict(x)


def topeax(seed):
    from sentence_transformers import SentenceTransformer
    from turftopic import Topeax
    model = Topeax(encoder=SentenceTransformer(sys.argv[6], device="cpu"), random_state=seed)
    model.fit_transform(docs, embeddings=x)
    return model.labels_


find = {"bertopic": bertopic, "plscan": plscan, "evoc": evoc, "topeax": topeax}[system]
runs = []
for seed in range(1, int(seeds) + 1):
    began = time.perf_counter()
    found = np.asarray(find(seed))
    seconds = time.perf_counter() - began
    runs.append(found)
    print(json.dumps({
        "system": system, "seed": seed, "topics": len(set(found.tolist()) - {-1}), "outliers": float((found == -1).mean()),
        "ari": adjusted_rand_score(classes, found), "nmi": normalized_mutual_info_score(classes, found),
        "seconds": seconds,
    }), flush=True)
if len(runs) > 1:
    between = [adjusted_rand_score(a, b) for a, b in itertools.combinations(runs, 2)]
    print(json.dumps({"system": system, "between_seeds": float(np.mean(between))}))
