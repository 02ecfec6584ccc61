"""Near-duplicates of short texts with datasketch: minhash.py FILE bands|compared prints JSON. See benchmarks/clean."""

import json
import resource
import sys
import time

from datasketch import MinHash, MinHashLSH

path, mode = sys.argv[1:]
with open(path, encoding="utf-8") as f:
    texts = f.read().split("\n")[:-1]

began = time.perf_counter()
sets = [{t[k : k + 5].encode() for k in range(max(len(t) - 4, 1))} for t in texts]
# "bands": the bands that datasketch chooses; "compared": those of package dedup, for the same recall.
lsh = MinHashLSH(threshold=0.8, num_perm=128, params=(21, 6) if mode == "compared" else None)
dropped = []
for i, m in enumerate(MinHash.generator(sets, num_perm=128, seed=42)):
    candidates = lsh.query(m)
    if mode == "compared":
        s = sets[i]
        candidates = [j for j in candidates if (b := len(s & sets[j])) / (len(s) + len(sets[j]) - b) >= 0.8]
    if candidates:
        dropped.append(i)
    else:
        lsh.insert(i, m, check_duplication=False)
seconds = time.perf_counter() - began
print(json.dumps({"system": f"datasketch, {mode}", "seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "dropped": dropped}))
