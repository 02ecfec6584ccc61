"""Writes the golden files of internal/wordpiece: what the Hugging Face tokenizers library makes of many texts under many
settings, and of every code point there is.

settings.json.gz: {"versions", "texts", "settings": [{"name", "config", "vocab": "bert" or "wide", "added", "limit", "ids"}]}
    with the ids of each text, special tokens included. "wide" is the vocabulary of wide() below, which the Go test builds by the
    same rule; it makes visible what a normaliser did to nearly every character.
dirs.json.gz: {"versions", "texts", "dirs": [{"name", "files", "ids"}]}: model directories, file by file, and the ids that
    transformers.AutoTokenizer gives from them.
sweep.bin: 8 bytes for each block of 256 code points, the beginning of a SHA-256 over the lines of sweep() below.

usage: wordpiece.py VOCAB.txt OUTDIR
"""

import gzip
import hashlib
import json
import os
import sys
import tempfile

import tokenizers
import transformers
from hostile import mixtures
from hostile import texts as hostile
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# Both ends included. The Go test has the same list.
WIDE = [
    (0x21, 0x24F), (0x2B0, 0x36F), (0x370, 0x52F), (0x590, 0x5FF), (0x621, 0x64A), (0x8D0, 0x8FF), (0xE01, 0xE4E), (0x1100, 0x11FF), (0x1BA0, 0x1BAF), (0x1C80, 0x1C8F),
    (0x1DC0, 0x1DFF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20D0, 0x22FF), (0x2E40, 0x2E5F), (0x3001, 0x30FF), (0x4E00, 0x4E1F), (0xA7C0, 0xA7DF), (0xAC00, 0xAC3F), (0xF900, 0xF91F),
    (0xFB00, 0xFB4F), (0xFE00, 0xFE2F), (0xFF01, 0xFF5E), (0xFFFD, 0xFFFD), (0x10400, 0x1044F), (0x11930, 0x1193F), (0x1D15E, 0x1D172), (0x1F600, 0x1F60F),
]  # fmt: skip


def wide():
    chars = [chr(cp) for lo, hi in WIDE for cp in range(lo, hi + 1)]
    return SPECIALS + chars + ["##" + c for c in chars] + ["hello", "Hello", "##ing", "wor", "##ld", "##LD", "你好", "##e\u0301", "e\u0301"]


def make(vocab, clean=True, chinese=True, strip=None, lower=True, max_chars=100, added=()):
    t = Tokenizer(models.WordPiece({s: i for i, s in enumerate(vocab)}, unk_token="[UNK]", max_input_chars_per_word=max_chars))
    t.normalizer = normalizers.BertNormalizer(clean_text=clean, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lower)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    cls, sep = t.token_to_id("[CLS]"), t.token_to_id("[SEP]")
    t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    t.add_special_tokens(SPECIALS)
    t.add_tokens([AddedToken(a["content"], single_word=a["single_word"], lstrip=a["lstrip"], rstrip=a["rstrip"], normalized=a["normalized"]) for a in added])
    return t


def token(content, **flags):
    return {**dict(content=content, single_word=False, lstrip=False, rstrip=False, normalized=True), **flags}


ADDED = [
    token("New York"), token("ÀB"), token("cat", single_word=True, normalized=False), token("<x>", lstrip=True, rstrip=True, normalized=False),
    token("<x>y", normalized=False), token("Zoo", single_word=True), token("|l", lstrip=True), token("|r", rstrip=True), token("你们", normalized=True), token("e\u0301f", normalized=False),
]  # fmt: skip

ADDED_TEXTS = [
    "I love New York and new york, NEW  YORK", "newyork New Yorkers", "àb ÀB A\u0300B aB Ab", "cat cats bobcat cat. CAT _cat cat1 catécat cat\u200dcat", "a  <x>  b", "a<x>b", "a <x>y b", "<x><x>  <x>",
    " <x> <x>y <x> ", "zoo Zoo zoos éZoo Zoo2 Zoo\u0301", "a |l b |r c", "|l|r  |l |r", "x  |l  |r  y", "你们好 我你们", "e\u0301f éf E\u0301F", "[MASK]cat[SEP]", "cat\ncat\tcat", "New\u00a0York", "new\u200b york",
]  # fmt: skip


def settings(bert_vocab):
    everything = hostile() + mixtures(500, 4) + ADDED_TEXTS
    cases = [
        ("uncased", "bert", {}, [], 512),
        ("uncased at most 8", "bert", {}, [], 8),
        ("uncased at most 2", "bert", {}, [], 2),
        ("wide uncased", "wide", {}, [], 256),
        ("wide cased", "wide", {"lower": False}, [], 256),
        ("wide uncased with accents", "wide", {"strip": False}, [], 256),
        ("wide cased without accents", "wide", {"lower": False, "strip": True}, [], 256),
        ("wide without Chinese words", "wide", {"chinese": False}, [], 256),
        ("wide unclean", "wide", {"clean": False}, [], 256),
        ("wide unclean cased with accents", "wide", {"clean": False, "lower": False}, [], 256),
        ("wide short words", "wide", {"max_chars": 5}, [], 256),
        ("wide added tokens", "wide", {}, ADDED, 256),
        ("wide cased added tokens", "wide", {"lower": False}, ADDED, 256),
        ("wide unclean added tokens", "wide", {"clean": False, "strip": False}, ADDED, 256),
    ]
    out = []
    for name, which, config, added, limit in cases:
        t = make(bert_vocab if which == "bert" else wide(), added=added, **config)
        t.enable_truncation(limit)
        ids = [t.encode(text).ids for text in everything]
        out.append({"name": name, "vocab": which, "config": config, "added": added, "limit": limit, "ids": ids})
    return {"versions": {"tokenizers": tokenizers.__version__}, "texts": everything, "settings": out}


SMALL = SPECIALS + list("abcdefghijklmnoprstuvwxyzABCHKMNWé.[]") + ["##" + c for c in "abcdefghijklmnoprstuvwxyzABCKé"]
SMALL += ["hello", "world", "foo", "bar", "new", "[NEW]", "你", "好", "<s>", "</s>", "<unk>", "<mask>", "<pad>"]
DIR_TEXTS = ["Hello WORLD", "hello world é É", "你好 foo[MASK]bar", "foo[NEW]bar [new]", "foobar" * 20, "<s> foo</s>  <mask> bar", "zzz q q [EXTRA] foo", ""]


def tokenizer_json(edit=None, **config):
    doc = json.loads(make(SMALL, **config).to_str())
    if edit:
        edit(doc)
    return json.dumps(doc, ensure_ascii=False)


def set_processor(doc):
    doc["post_processor"] = {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}


def no_processor(doc):
    doc["post_processor"] = None


def new_token(doc):
    doc["added_tokens"].append({"id": SMALL.index("[NEW]"), "special": False, **token("[NEW]", normalized=False)})


def beyond(doc):
    doc["added_tokens"].append({"id": len(SMALL), "special": True, **token("[EXTRA]", normalized=False)})


def dirs():
    vocab, bert = "\n".join(SMALL) + "\n", json.dumps({"model_type": "bert"})
    tc = lambda cls=None, **kv: json.dumps({**({"tokenizer_class": cls} if cls else {}), **kv})
    raw = "PreTrainedTokenizerFast"
    angle = dict(unk_token="<unk>", cls_token="<s>", sep_token="</s>", pad_token="<pad>", mask_token="<mask>")
    cases = {
        "tokenizer.json alone": {"tokenizer.json": tokenizer_json()},
        "cased file, no class": {"tokenizer.json": tokenizer_json(lower=False)},
        "cased file, BertTokenizer": {"tokenizer.json": tokenizer_json(lower=False), "tokenizer_config.json": tc("BertTokenizer")},
        "cased file, cased BertTokenizerFast": {"tokenizer.json": tokenizer_json(lower=False), "tokenizer_config.json": tc("BertTokenizerFast", do_lower_case=False)},
        "uncased file, cased DistilBertTokenizer": {"tokenizer.json": tokenizer_json(), "tokenizer_config.json": tc("DistilBertTokenizer", do_lower_case=False)},
        "cased file, plain class": {"tokenizer.json": tokenizer_json(lower=False), "tokenizer_config.json": tc(raw)},
        "accents and Chinese in the config": {"tokenizer.json": tokenizer_json(), "tokenizer_config.json": tc("BertTokenizer", strip_accents=False, tokenize_chinese_chars=False)},
        "accents and Chinese in the file": {"tokenizer.json": tokenizer_json(strip=False, chinese=False), "tokenizer_config.json": tc(raw)},
        "short words, BertTokenizer": {"tokenizer.json": tokenizer_json(max_chars=4), "tokenizer_config.json": tc("BertTokenizer")},
        "short words, plain class": {"tokenizer.json": tokenizer_json(max_chars=4), "tokenizer_config.json": tc(raw)},
        "BertProcessing": {"tokenizer.json": tokenizer_json(set_processor), "tokenizer_config.json": tc(raw)},
        "no processor, BertTokenizer": {"tokenizer.json": tokenizer_json(no_processor), "tokenizer_config.json": tc("BertTokenizer")},
        "added token": {"tokenizer.json": tokenizer_json(new_token), "tokenizer_config.json": tc("BertTokenizer")},
        "added token, plain class": {"tokenizer.json": tokenizer_json(new_token), "tokenizer_config.json": tc(raw)},
        "added token beyond the vocabulary": {"tokenizer.json": tokenizer_json(beyond), "tokenizer_config.json": tc("BertTokenizer")},
        "added tokens in the config": {
            "tokenizer.json": tokenizer_json(),
            "tokenizer_config.json": tc("BertTokenizer", added_tokens_decoder={str(SMALL.index("[NEW]")): {"special": False, **token("[NEW]", normalized=False, lstrip=True)}}),
        },
        "vocab.txt alone": {"vocab.txt": vocab},
        "cased vocab.txt": {"vocab.txt": vocab, "tokenizer_config.json": tc("BertTokenizer", do_lower_case=False)},
        "vocab.txt with accents": {"vocab.txt": vocab, "tokenizer_config.json": tc("BertTokenizer", strip_accents=False)},
        "vocab.txt with carriage returns": {"vocab.txt": vocab.replace("\n", "\r\n")},
        "other special tokens": {"vocab.txt": vocab, "tokenizer_config.json": tc("BertTokenizer", **angle)},
        "other special tokens, file": {"tokenizer.json": tokenizer_json(), "tokenizer_config.json": tc("BertTokenizer", **angle)},
        "special tokens map": {"vocab.txt": vocab, "tokenizer_config.json": tc("BertTokenizer"), "special_tokens_map.json": json.dumps(angle)},
        "special tokens as objects": {
            "vocab.txt": vocab,
            "tokenizer_config.json": tc("BertTokenizer"),
            "special_tokens_map.json": json.dumps({"mask_token": {"__type": "AddedToken", **token("<mask>", normalized=False, lstrip=True)}, "additional_special_tokens": ["[NEW]"]}),
        },
        "added_tokens.json": {"vocab.txt": vocab, "tokenizer_config.json": tc("BertTokenizer"), "added_tokens.json": json.dumps({"[EXTRA]": len(SMALL)})},
    }
    out = []
    for name, files in cases.items():
        with tempfile.TemporaryDirectory() as d:
            files = {"config.json": bert, **files}
            for file, text in files.items():
                with open(os.path.join(d, file), "w", newline="") as f:
                    f.write(text)
            t = transformers.AutoTokenizer.from_pretrained(d)
            out.append({"name": name, "files": files, "ids": [t(text).input_ids for text in DIR_TEXTS]})
            print(f"{name}: {type(t).__name__} {t.tokenize(' '.join(DIR_TEXTS[:4]))}")
    return {"versions": {m.__name__: m.__version__ for m in (transformers, tokenizers)}, "texts": DIR_TEXTS, "dirs": out}


def sweep(bert_vocab):
    """A line per code point: the ids of the character alone and between two letters, and the character under each of four
    normalisers."""
    t = make(bert_vocab)
    kinds = [(True, True, True, True), (True, True, False, False), (False, False, False, True), (False, False, True, False)]
    norms = [normalizers.BertNormalizer(clean_text=c, handle_chinese_chars=h, strip_accents=s, lowercase=w) for c, h, s, w in kinds]
    out = bytearray()
    for block in range(0, 0x110000, 256):
        h = hashlib.sha256()
        for cp in range(block, block + 256):
            if 0xD800 <= cp < 0xE000:
                continue
            c = chr(cp)
            for text in c, "a" + c + "b":
                h.update((" ".join(map(str, t.encode(text).ids)) + "\n").encode())
            for n in norms:
                h.update((n.normalize_str(c) + "\n").encode())
        out += h.digest()[:8]
    return out


def write(path, doc):
    with open(path, "wb") as f:
        f.write(gzip.compress(json.dumps(doc, ensure_ascii=True, separators=(",", ":")).encode(), 9, mtime=0))


def main(vocab_file, out):
    with open(vocab_file, encoding="utf-8") as f:
        vocab = f.read().splitlines()
    write(f"{out}/dirs.json.gz", dirs())
    write(f"{out}/settings.json.gz", settings(vocab))
    with open(f"{out}/sweep.bin", "wb") as f:
        f.write(sweep(vocab))


if __name__ == "__main__":
    main(*sys.argv[1:3])
