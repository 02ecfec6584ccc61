"""Golden file of package eval: coherence by gensim, diversity by OCTIS, over generated texts.

    pip install gensim==4.4.0; pip install --no-deps octis==1.14.0
    python coherence.py OUT.json.gz
"""
import gzip
import importlib.metadata
import json
import math
import random
import sys
import warnings

import gensim
import numpy as np
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel
from octis.evaluation_metrics.diversity_metrics import InvertedRBO, TopicDiversity

warnings.filterwarnings("ignore")
rng = random.Random(20251125)
WORDS = """topic model word cluster label text graph edge node tree spanning distance cosine vector matrix sparse dense kernel
loop worker block stream file line byte reader writer buffer channel mutex lock goroutine context error panic""".split()


def text(n, subject):
    """Words of a subject are near each other in the list; low ones are frequent, so that many come twice in a window."""
    out = []
    for _ in range(n):
        if rng.random() < 0.6:
            out.append(WORDS[(subject * 9 + int(rng.expovariate(0.5))) % len(WORDS)])
        else:
            out.append(WORDS[min(int(rng.expovariate(0.08)), len(WORDS) - 1)])
    return out


def corpus(n, low, high):
    return [text(rng.randint(low, high), rng.randint(0, 3)) for _ in range(n)]


CORPORA = {
    "short": corpus(60, 0, 12) + [[], []],
    "long": corpus(12, 30, 260),
    "mixed": corpus(25, 0, 40) + [["panic"] * 15, ["panic", "error"] * 9],
    "one text": [text(40, 1)],
    "one word": [["word"]],
    "always": [["topic", "model"], ["model", "topic", "word"], ["topic", "model", "model"]],
}


def topics_of(texts):
    known = sorted({w for t in texts for w in t})
    topics = [rng.sample(known, min(k, len(known))) for k in range(10, 0, -1)]
    topics += [WORDS[9 * s:9 * s + 9] for s in range(4)]
    topics.append((["absent"] + rng.sample(known, min(3, len(known))) + ["missing", known[0]])[:6])  # words that are nowhere
    topics.append([known[0], known[-1], known[0], known[len(known) // 2]])  # a word twice
    topics.append([known[0], known[0]])
    topics.append(["absent"])
    return topics


def value(v):
    return None if math.isnan(v) else float(v)


golden = {"versions": {m: importlib.metadata.version(m) for m in ("gensim", "octis", "numpy")}, "coherence": [], "diversity": []}
for name, texts in CORPORA.items():
    dictionary = Dictionary(texts)
    topics = topics_of(texts)
    case = {"name": name, "texts": texts, "topics": topics, "values": []}
    for measure, windows in (("c_npmi", (None, 1, 2, 5, 50)), ("c_uci", (None, 3)), ("c_v", (None, 1, 4, 10)), ("u_mass", (None,))):
        for window in windows:
            for topn in (20, 4, 2):
                # gensim looks at the length of the first topic alone, and takes none without known words.
                kept = [[w for w in t if w in dictionary.token2id][:topn] for t in topics]
                scored = [t for t in kept if t]
                m = CoherenceModel(topics=scored, texts=texts, dictionary=dictionary, coherence=measure, window_size=window, processes=1)
                per = iter(m.get_coherence_per_topic())
                case["values"].append({"measure": measure, "window": window or 0, "topn": topn,
                                       "topics": [value(next(per)) if t else None for t in kept]})
    golden["coherence"].append(case)

for lists in (
    [rng.sample(WORDS, 10) for _ in range(7)],
    [rng.sample(WORDS[:14], 10) for _ in range(5)],
    [WORDS[:10], WORDS[:10]],
    [WORDS[:10], WORDS[:10][::-1], WORDS[5:15]],
    [WORDS[:10], WORDS[10:20]],
    [rng.sample(WORDS[:16], k) for k in (10, 3, 1, 7, 10)],  # of different lengths
    [["word", "word", "topic"], ["topic", "word"], ["topic", "model", "topic"]],
):
    for topk in (10, 5, 3, 1):
        for weight in (0.9, 0.5, 0.99):
            if len(lists[0]) < topk:
                continue
            golden["diversity"].append({
                "topics": lists, "topn": topk, "weight": weight, "irbo": float(InvertedRBO(topk, weight).score({"topics": lists})),
                # OCTIS divides by topk for every topic, also for those of fewer words.
                "unique": TopicDiversity(topk).score({"topics": lists}) * topk * len(lists) / sum(min(topk, len(t)) for t in lists),
                "overlap": float(np.mean([len(set(a[:topk]) & set(b[:topk])) / len(set(a[:topk]) | set(b[:topk]))
                                          for i, a in enumerate(lists) for b in lists[:i]])),
            })

with gzip.GzipFile(sys.argv[1], "wb", 9, mtime=0) as f:
    f.write(json.dumps(golden).encode())
