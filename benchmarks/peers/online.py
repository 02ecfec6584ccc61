"""BERTopic's partial_fit, and the parts beneath it alone, on documents in batches of 2,000.

    online.py TEXTS LABELS EMBEDDINGS.npy CLUSTERS SEEDS ROWS

TEXTS has one document per line, LABELS its class. Prints one JSON object: seconds of the batches in BERTopic, whose topics
are written down after each batch because it forgets them; seconds of scikit-learn's IncrementalPCA and MiniBatchKMeans alone;
the adjusted Rand index of scikit-learn's clusters by seed, as they were after each batch and as they would be in the end;
and seconds of River's DBSTREAM for the first ROWS points, with the radius that the 50th part of pairs are nearer than.
"""
import json
import sys
import time

import numpy as np
from bertopic import BERTopic
from bertopic.vectorizers import OnlineCountVectorizer
from river.cluster import DBSTREAM
from scipy.spatial.distance import pdist
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import IncrementalPCA
from sklearn.metrics import adjusted_rand_score

texts, labels, embeddings, clusters, seeds, rows = sys.argv[1:]
docs = [line.rstrip("\n") for line in open(texts, encoding="utf-8")]
classes = [line.strip() for line in open(labels)]
x, k, seeds, rows = np.load(embeddings).astype(np.float64), int(clusters), int(seeds), int(rows)
batches = range(0, len(docs), 2000)

model = BERTopic(
    umap_model=IncrementalPCA(n_components=5), hdbscan_model=MiniBatchKMeans(n_clusters=k, random_state=0), vectorizer_model=OnlineCountVectorizer()
)
topics, each = [], []
for at in batches:
    began = time.perf_counter()
    model.partial_fit(docs[at : at + 2000], x[at : at + 2000])
    each.append(time.perf_counter() - began)
    topics.extend(model.topics_)

assigned, final = [], []
began = time.perf_counter()
for seed in range(seeds):
    pca, means, found = IncrementalPCA(n_components=5), MiniBatchKMeans(n_clusters=k, random_state=seed), []
    for at in batches:
        points = pca.partial_fit(x[at : at + 2000]).transform(x[at : at + 2000])
        found.extend(means.partial_fit(points).labels_)
    assigned.append(adjusted_rand_score(classes, found))
    final.append(adjusted_rand_score(classes, means.predict(pca.transform(x))))
alone = (time.perf_counter() - began) / seeds

points = pca.transform(x[:rows])
radius = float(np.quantile(pdist(pca.transform(x[: 2000 : 2])), 0.02))
stream = DBSTREAM(clustering_threshold=radius, fading_factor=0, cleanup_interval=1000, minimum_weight=3)
began = time.perf_counter()
for r in points:
    stream.learn_one(dict(enumerate(map(float, r))))
river = time.perf_counter() - began
print(
    json.dumps(
        {
            "seconds": sum(each),
            "first": each[0],
            "last": each[-1],
            "remembered": len(model.topics_),
            "ari by hand": adjusted_rand_score(classes, topics),
            "parts": alone,
            "assigned": [round(v, 4) for v in assigned],
            "final": [round(v, 4) for v in final],
            "river": river,
            "river radius": radius,
            "river micro-clusters": len(stream._micro_clusters),
        }
    )
)
