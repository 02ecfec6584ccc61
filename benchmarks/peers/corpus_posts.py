"""Reads a Posts.xml with xml.etree.ElementTree.iterparse, in constant memory: python corpus_posts.py FILE TAG,TAG

One pass finds the questions with one of the tags and the dates of answers whose question has been met, a second pass those
of answers that stand before their question. Prints JSON.
"""

import datetime
import json
import sys
import time
import xml.etree.ElementTree as ET


def rows(path):
    events = ET.iterparse(path, events=("start", "end"))
    _, root = next(events)
    for event, e in events:
        if event == "end" and e.tag == "row":
            yield e.attrib
            root.clear()


def main(path, tags):
    with open(path, "rb") as f:  # the file is in the system's cache, as for the other sides
        while f.read(1 << 20):
            pass
    begin = time.perf_counter()
    tags = ["<" + t + ">" for t in tags]
    questions, by_answer = [], {}
    for row in rows(path):
        if row["PostTypeId"] == "1" and any(t in row["Tags"] for t in tags):
            q = {"created": datetime.datetime.fromisoformat(row["CreationDate"]), "bytes": len(row["Body"].encode()), "accepted": None}
            questions.append(q)
            if "AcceptedAnswerId" in row:
                by_answer[row["Id"], row["AcceptedAnswerId"]] = q
    for row in rows(path):
        if row["PostTypeId"] == "2" and (row["ParentId"], row["Id"]) in by_answer:
            by_answer[row["ParentId"], row["Id"]]["accepted"] = datetime.datetime.fromisoformat(row["CreationDate"])
    seconds = time.perf_counter() - begin
    waits = [(q["accepted"] - q["created"]).total_seconds() / 3600 for q in questions if q["accepted"]]
    with open("/proc/self/status") as f:
        peak = next(int(line.split()[1]) * 1024 / 1e6 for line in f if line.startswith("VmHWM:"))
    print(json.dumps({
        "questions": len(questions), "accepted": len(waits), "hours": sum(waits), "bytes": sum(q["bytes"] for q in questions),
        "seconds": seconds, "peak_mb": peak,
    }))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","))
