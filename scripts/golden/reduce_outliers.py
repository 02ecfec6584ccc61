"""Golden file for topic.Model.ReduceOutliers: BERTopic 0.17.4's reduce_outliers on made-up documents with given topics."""
import gzip, json, sys
import numpy as np, bertopic
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.cluster import BaseCluster
from bertopic.dimensionality import BaseDimensionalityReduction

rng = np.random.default_rng(11)
words = [[f"w{t}{c}" for c in "abcdefgh"] for t in range(5)]
common = ["the", "and", "some", "very"]
docs, y, x = [], [], []
centres = rng.normal(size=(5, 16))
for i in range(240):
    t = i % 5
    other = int(rng.integers(5))
    picked = list(rng.choice(words[t], 4)) + list(rng.choice(words[other], 2)) + list(rng.choice(common, 2))
    docs.append(" ".join(picked))
    y.append(-1 if i % 3 == 0 else t)
    x.append((centres[t] + 0.8 * centres[other] + rng.normal(size=16)).astype(np.float32))
docs[6], docs[9] = "nothing known here", "w0a"
x = np.array(x)


class Nothing(BaseEmbedder):
    pass


m = BERTopic(embedding_model=Nothing(), umap_model=BaseDimensionalityReduction(), hdbscan_model=BaseCluster())
topics, _ = m.fit_transform(docs, embeddings=x, y=y)
topics = [int(t) for t in topics]
out = []
for strategy in ["c-tf-idf", "embeddings", "distributions"]:
    for threshold in [0, 0.3, 0.6]:
        got = m.reduce_outliers(docs, topics, strategy=strategy, threshold=threshold, embeddings=x)
        out.append(dict(strategy=strategy, threshold=threshold, topics=[int(t) for t in got]))
with gzip.GzipFile(sys.argv[1], "w", mtime=0) as f:
    f.write(json.dumps(dict(version=bertopic.__version__, docs=docs, y=y, x=x.tolist(), topics=topics, cases=out)).encode())
