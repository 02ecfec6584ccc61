"""Writes the archives that corpus/sevenzip is tested with, of a Posts.xml and others that it makes up.

    ~/gobertopic-peers/bin/python scripts/golden/archives.py corpus/sevenzip/testdata

Versions: Python 3.11, py7zr 1.1.4 (with pyppmd 1.3.1). py7zr writes seven bytes of properties for PPMd, 7-Zip five, of
which the two more are zero: they are cut off here. Archives hold the times of their making, so that each run writes others.
"""

import hashlib
import json
import random
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import py7zr
import py7zr.compressor

long_properties = py7zr.compressor.PpmdCompressor.encode_filter_properties
py7zr.compressor.PpmdCompressor.encode_filter_properties = staticmethod(lambda f: long_properties(f)[:5])
read_properties = py7zr.compressor.PpmdCompressor._decode_property
py7zr.compressor.PpmdCompressor._decode_property = lambda self, b: read_properties(self, b + b"\0\0")

WORDS = "model token prompt agent index vector answer error stream chain memory tool".split()


def posts(rng, rows):
    out = ['\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<posts>\r\n']
    for i in range(1, rows + 1):
        body = "&lt;p&gt;" + " ".join(rng.choice(WORDS) for _ in range(rng.randint(5, 30))) + " é&lt;/p&gt;&#xA;"
        stamp = f"2024-01-{1 + i // 100:02d}T{i // 60 % 24:02d}:{i % 60:02d}:00.000"
        if i % 3 == 1:
            accepted = f' AcceptedAnswerId="{i + 1}"' if rng.random() < 0.4 else ""
            out.append(f'  <row Id="{i}" PostTypeId="1"{accepted} CreationDate="{stamp}" Score="{rng.randint(-2, 9)}" ViewCount="{rng.randint(0, 999)}" '
                       f'Body="{body}" Title="{rng.choice(WORDS)} {i}" Tags="|llm|{rng.choice(WORDS)}|" AnswerCount="2" />\r\n')
        else:
            out.append(f'  <row Id="{i}" PostTypeId="2" ParentId="{i - (i - 1) % 3}" CreationDate="{stamp}" Score="{rng.randint(-2, 9)}" Body="{body}" />\r\n')
    return "".join(out) + "</posts>"


def main(to):
    rng = random.Random(7)
    text = posts(rng, 600)
    others = {
        "Badges.xml": "<badges>" + "".join(f'<row Id="{i}" Name="{rng.choice(WORDS)}" />' for i in range(9000)) + "</badges>",
        "Comments.xml": " " * 300_000_000,  # seconds of decoding
        "Users.xml": '<users><row Id="1" /></users>',
        "Votes.xml": "<votes>" + "".join(f'<row Id="{i}" VoteTypeId="{rng.randint(1, 9)}" />' for i in range(300)) + "</votes>",
    }
    root = ET.fromstring(text)
    questions = [row for row in root if row.get("PostTypeId") == "1"]
    expected = {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "bytes": len(text.encode()),
        "questions": len(questions),
        "accepted": sum(1 for q in questions if q.get("AcceptedAnswerId")),
        "views": sum(int(q.get("ViewCount")) for q in questions),
        "answers": len(root) - len(questions),
    }
    (to / "expected.json").write_text(json.dumps(expected) + "\n")
    bzip2 = [{"id": py7zr.FILTER_BZIP2}]
    archives = {
        "bzip2": (bzip2, ["Posts.xml"], None),
        "lzma": ([{"id": py7zr.FILTER_LZMA}], ["Posts.xml"], None),
        "lzma2": ([{"id": py7zr.FILTER_LZMA2, "preset": 6}], ["Posts.xml"], None),
        "ppmd": ([{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 16}], ["Posts.xml"], None),
        "zstd": ([{"id": py7zr.FILTER_ZSTD, "level": 19}], ["Posts.xml"], None),
        "site": (bzip2, ["Badges.xml", "Posts.xml", "Users.xml", "Votes.xml"], None),
        "long": (bzip2, ["Comments.xml", "Posts.xml"], None),
        "without": (bzip2, ["Users.xml", "Votes.xml"], None),
        "encrypted": ([{"id": py7zr.FILTER_LZMA2, "preset": 6}, {"id": py7zr.FILTER_CRYPTO_AES256_SHA256}], ["Posts.xml"], "secret"),
        "hidden": ([{"id": py7zr.FILTER_LZMA2, "preset": 6}, {"id": py7zr.FILTER_CRYPTO_AES256_SHA256}], ["Users.xml"], "secret"),
        "nested": (bzip2, ["ai/Posts.xml", "ai/Users.xml"], None),
        "two": (bzip2, ["ai/Posts.xml", "go/Posts.xml"], None),
    }
    for name, (filters, members, password) in archives.items():
        with tempfile.TemporaryDirectory() as tmp:
            path = to / f"{name}.7z"
            with py7zr.SevenZipFile(path, "w", filters=filters, password=password, header_encryption=name == "hidden") as z:
                for member in members:
                    data = others.get(Path(member).name, text)
                    if name == "two":
                        data = "<posts></posts>"
                    source = Path(tmp) / "file"
                    source.write_bytes(data.encode())
                    z.write(source, member)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
