"""Time BERTopic's KeyBERTInspired and MaximalMarginalRelevance on given topics and embeddings.

    bertopic_represent.py MODEL_DIR TEXTS DOCS_CSV EMBEDDINGS OUT.json

TEXTS has one document per line, DOCS_CSV (id, topic, probability) their topics, EMBEDDINGS (.npy) a row for each. MODEL_DIR
is a local copy of all-MiniLM-L6-v2. Writes the words of each topic and prints one JSON object: seconds of each step.
"""
import csv
import json
import sys
import time

import numpy as np
import pandas as pd
from bertopic import BERTopic
from bertopic.representation import KeyBERTInspired, MaximalMarginalRelevance
from sentence_transformers import SentenceTransformer

model_dir, texts, assignments, embeddings, out = sys.argv[1:]
docs = [line.rstrip("\n") for line in open(texts, encoding="utf-8")]
topics = [int(row["topic"]) for row in csv.DictReader(open(assignments))]
embeddings = np.load(embeddings)
encoder = SentenceTransformer(model_dir, device="cpu")
encoder.encode(["the first call is slower"])

model = BERTopic(embedding_model=encoder)
from bertopic.backend._utils import select_backend  # noqa: E402

model.embedding_model = select_backend(encoder, language=None)
frame = pd.DataFrame({"Document": docs, "ID": range(len(docs)), "Topic": topics, "Image": None})
joined = frame.groupby(["Topic"], as_index=False).agg({"Document": " ".join})
model._update_topic_size(frame)
model.c_tf_idf_, words = model._c_tf_idf(joined)
model.top_n_words = 30
base = model._extract_words_per_topic(words, frame)
seconds, found = {}, {}
for name, representation in [("keybert", KeyBERTInspired()), ("mmr", MaximalMarginalRelevance(diversity=0.3))]:
    began = time.perf_counter()
    result = representation.extract_topics(model, frame, model.c_tf_idf_, base)
    seconds[name] = time.perf_counter() - began
    found[name] = {str(t): [w for w, _ in terms] for t, terms in result.items()}
began = time.perf_counter()
model._extract_representative_docs(model.c_tf_idf_, frame, base, 500, 4, 0.3)
seconds["typical"] = time.perf_counter() - began
json.dump(found, open(out, "w"))
print(json.dumps(seconds))
