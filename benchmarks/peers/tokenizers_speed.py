"""Time Hugging Face tokenizers on texts, one thread.

    tokenizers_speed.py TEXTS DIR REPEATS

TEXTS has one text per line, DIR a tokenizer.json. Prints one JSON object: the number of ids, their CRC-32, the least processor
time of encode_batch_fast in seconds, and that of loading.
"""

import json
import os
import sys
import time
import zlib

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import numpy as np
from tokenizers import Tokenizer

texts, folder, repeats = sys.argv[1:4]
with open(texts, encoding="utf-8", newline="\n") as f:
    lines = [line.removesuffix("\n") for line in f]
began = time.process_time()
t = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
load = time.process_time() - began
best = float("inf")
for _ in range(int(repeats)):
    began = time.process_time()
    encoded = t.encode_batch_fast(lines)
    best = min(best, time.process_time() - began)
ids = np.concatenate([np.array(e.ids, "<i4") for e in encoded])
print(json.dumps({"ids": len(ids), "sum": zlib.crc32(ids.tobytes()), "seconds": best, "load": load}))
