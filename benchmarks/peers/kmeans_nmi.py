"""How well k-means of vectors agrees with classes: for each .npy file the NMI of 20 clusters, from five starts.

    kmeans_nmi.py LABELS FILE.npy …

LABELS has one class per line. Prints one JSON object per file: {"nmi": [five values]}.
"""

import json
import sys

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score

with open(sys.argv[1], encoding="utf-8") as f:
    labels = f.read().split()
for path in sys.argv[2:]:
    x = np.load(path)
    found = [KMeans(20, n_init=1, random_state=seed).fit_predict(x) for seed in range(5)]
    print(json.dumps({"nmi": [normalized_mutual_info_score(labels, y) for y in found]}), flush=True)
