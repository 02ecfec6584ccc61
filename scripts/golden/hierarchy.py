"""Golden file for ReduceTopics and ReduceTopicsAuto of package topic and HierarchicalTopics of topic/analysis: BERTopic 0.17.4's reduce_topics,
hierarchical_topics and get_topic_tree on made-up documents with given topics. Usage: hierarchy.py OUT.json.gz"""
import copy, gzip, json, sys
import numpy as np, bertopic
import scipy.cluster.hierarchy as sch
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.cluster import BaseCluster
from bertopic.dimensionality import BaseDimensionalityReduction

rng = np.random.default_rng(23)
n = 14
kinds = rng.normal(size=(5, 12)) * 2
centres = np.array([kinds[t % 5] + rng.normal(size=12) * (0.3 + 0.1 * t) for t in range(n)])
docs, y, x = [], [], []
for t in range(-1, n):
    for i in range(40 - 2 * t):  # no two topics are of one size
        own, kind = [f"t{t + 1}{c}" for c in "abcdefghij"], [f"k{t % 5}{c}" for c in "abcdef"]
        picked = list(rng.choice(own, 4)) + list(rng.choice(kind, 3)) + list(rng.choice(["some", "very", "other"], 2))
        docs.append(" ".join(picked))
        y.append(t)
        centre = centres[t] if t >= 0 else np.zeros(12)
        x.append([float(np.float32(round(v, 3))) for v in centre + rng.normal(size=12)])


class Nothing(BaseEmbedder):
    pass


def fitted():
    m = BERTopic(embedding_model=Nothing(), umap_model=BaseDimensionalityReduction(), hdbscan_model=BaseCluster())
    m.fit_transform(docs, embeddings=np.array(x, dtype=np.float32), y=y)
    return m


m = fitted()
assert m.topics_ == y
hierarchies = []
for method in ["ward", "average", "complete", "single"]:
    for ctfidf in [True, False]:
        h = m.hierarchical_topics(docs, use_ctfidf=ctfidf,
                                  linkage_function=lambda d: sch.linkage(d, method, optimal_ordering=True))
        rows = [dict(Parent=int(r.Parent_ID), ParentName=r.Parent_Name, Topics=[int(t) for t in r.Topics],
                     Left=int(r.Child_Left_ID), LeftName=r.Child_Left_Name, Right=int(r.Child_Right_ID),
                     RightName=r.Child_Right_Name, Distance=float(r.Distance)) for r in h.itertuples()]
        hierarchies.append(dict(method=method, embeddings=not ctfidf, rows=rows, tree=m.get_topic_tree(h),
                                tight=m.get_topic_tree(h, max_distance=rows[4]["Distance"], tight_layout=True)))
reductions = []
for to in [1, 3, 5, 9, "auto"]:
    for ctfidf in [True, False]:
        r = fitted()
        r.reduce_topics(docs, nr_topics=to if to == "auto" else to + 1, use_ctfidf=ctfidf)
        reductions.append(dict(to=0 if to == "auto" else to, words=ctfidf, topics=[int(t) for t in r.topics_]))
        print(to, ctfidf, len(set(r.topics_)) - 1)
with gzip.GzipFile(sys.argv[1], "w", mtime=0) as f:
    f.write(json.dumps(dict(version=bertopic.__version__, docs=docs, y=y, x=x, hierarchies=hierarchies, reductions=reductions)).encode())
