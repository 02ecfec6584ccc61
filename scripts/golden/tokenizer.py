"""Writes the golden files of internal/tokenizer: what the Hugging Face tokenizers library makes of many texts with tokenizers
of every kind, and of every code point there is.

golden.json.gz: {"versions", "texts", "shared": {name: part}, "kinds": [{"name", "file", "step", "ids"}], "scores": [[text,
    number]]}. "file" is a tokenizer.json in which "@name" stands for a shared part. ids are those of each text, or each second
    one where step is 2, special tokens included, at most LIMIT.
sweep.bin: 8 bytes for each block of 256 code points, the beginning of a SHA-256 over the lines of sweep() below.

The vocabularies are trained here, on texts of our own. The character map is SentencePiece's nmt_nfkc.

usage: tokenizer.py OUTDIR [golden]    the latter without sweep.bin, which takes minutes
"""

import base64
import hashlib
import io
import json
import random
import sys

import sentencepiece
import tokenizers
from hostile import mixtures
from hostile import texts as hostile
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from wordpiece import wide, write

LIMIT = 120

# Texts that reach the corners of the components.
MORE = [
    "▁", "▁▁", "a▁b", " ▁ a", "▁a ▁b▁", "a  b   c    d", "  two before", "two after  ", " \t mixed \n\n white  ", "\u00a0nbsp\u00a0", "a\u3000b", "\u2581\u2581x", "a\u200bb\u200b c", "\ufeffbom",
    "I'm you're we've they'll he'd she's it't", "'s 's' ''s 'S 'RE'", "don't   can't", "x1y22z333 ٣٤ ४५ ½Ⅷ②", "3.14, 1,000 and 10% of $5", "end.", "...", "a.b.c", "!!", "``quoted'' text", "\r\n\r\n", "a\rb", "\r", "\n\n  \n x",
    "<s>", "</s>", "<s>a</s>", "a <mask> b", "a<mask>b", "  <mask>  ", "<mask><mask> <mask>", "<unk>", "x<unk>y", "<unk><unk>", "€<unk>€", "<pad> <pad>", "<0x41>", "<0xE2><0x82>", "|||IP|||", "a|||IP|||b", "    code", "\tcode\t\tmore", "New York new york NEW YORK", "Newark Yorkshire",
    "e\u0301", "a\u0301b", "a\u0301\u0302b", "a\u0301\u0302\u0303b", "\u0301", "\u0600a", "\u0600\u0301", "\u00a9\u200d\u00a9", "\u00a9\u200d\u2764", "\u00a9\u0301\u200d\u00a9", "\u06dd\u1100\u1161", "\u1100\u0301\u1161", "\u1100\u1161\u11a8\u0301", "가\u11a8", "각\u11a8", "\u1161\u11a8", "\u0e01\u0e33", "\u0915\u094d\u0937", "\u0915\u093e\u0301", "\u0940", "\U0001f1e9\U0001f1ea\U0001f1eb", "x\u200d", "\u200d\u200d", "\u0600\u0600ab", "\u110bd\u0301",
    "ﬁ ﬀ ㍿ ℡ ｶﾞ ﾊﾟ ½ ² № ™ Å Ω", "ＡＢＣ　１２３", "\u1e9b\u0323", "\u1e0a\u0323", "\u0344", "\u0958\u0959", "\u2126\u212b", "\ufb1d\ufb2a", "\U0001d15e\U0001d165\U0001d16d", "\u3131\u314f", "q\u0307\u0323\u0308", "\u0f71\u0f72\u0f74", "\u09c7\u09be", "\u0b47\u0b56", "\u0cc6\u0cc2\u0cd5", "\u0dd9\u0dcf\u0dca", "\u1025\u102e", "\u30ab\u3099\u309a",
    "a" + "\u0300\u0315\u0334" * 30, "ab" * 2000, "aaaa" * 600, "abc" * 30, "你好世界" * 300, "\u0301" * 100, " " * 200 + "x", "x" + " " * 200, "1" * 500, "!" * 500, "\n" * 300 + "end", "▁" * 100, "<mask>" * 60, "<mask> " * 60, "مرحبا" * 50,
]  # fmt: skip


def corpus(top="\U0010ffff"):
    """Texts to train on: those above without characters beyond top, many times, in small pieces, so that pieces of every
    script are learned."""
    rnd = random.Random(11)
    base = [t for t in hostile() + MORE if 2 < len(t) < 400 and max(t) <= top]
    words = [w for t in base for w in t.split() if len(w) < 40]
    out = list(base)
    for _ in range(4000):
        out.append(" ".join(rnd.choice(words) for _ in range(rnd.randint(2, 9))))
    return out


def charsmap():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a small text", "another one"] * 20), model_writer=model, vocab_size=40, hard_vocab_limit=False, normalization_rule_name="nmt_nfkc", minloglevel=2
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def unigram(t, size, top="\U0010ffff", **kw):
    t.train_from_iterator(corpus(top), trainers.UnigramTrainer(vocab_size=size, show_progress=False, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], unk_token="<unk>", **kw))


def bpe(t, size, **kw):
    t.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=size, show_progress=False, **kw))


def template(t, cls="<s>", sep="</s>"):
    return processors.TemplateProcessing(single=f"{cls} $A {sep}", special_tokens=[(cls, t.token_to_id(cls)), (sep, t.token_to_id(sep))])


def kinds(cmap):
    """The tokenizers, by name."""
    N, P = normalizers, pre_tokenizers
    precompiled = N.Precompiled(cmap)
    out = {}

    t = Tokenizer(models.Unigram())
    t.normalizer, t.pre_tokenizer = precompiled, P.Sequence([P.WhitespaceSplit(), P.Metaspace()])
    unigram(t, 2000)
    t.post_processor = template(t)
    t.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)])
    out["Unigram, XLM-R"] = t

    t = Tokenizer.from_str(t.to_str())
    t.normalizer, t.pre_tokenizer = N.Sequence([precompiled, N.Strip(left=False), N.Replace(Regex(" {2,}"), "▁")]), P.Metaspace(prepend_scheme="first")
    t.add_tokens([AddedToken("New York"), AddedToken("|||IP|||", normalized=False), AddedToken("york", single_word=True)])
    out["Unigram, spaces kept and normalized added tokens"] = t

    t = Tokenizer(models.Unigram())
    t.normalizer = N.Sequence([N.Replace("``", '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(), precompiled, N.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer = P.Metaspace(prepend_scheme="always")
    unigram(t, 1500)
    t.post_processor = template(t)
    out["Unigram, ALBERT"] = t

    t = Tokenizer(models.Unigram())
    t.normalizer, t.pre_tokenizer = N.Sequence([N.Nmt(), N.NFKC(), N.Prepend("▁")]), P.Metaspace(prepend_scheme="never", split=False)
    unigram(t, 700, top="\u05ff")
    doc = json.loads(t.to_str())
    doc["model"]["byte_fallback"] = True
    doc["model"]["vocab"] += [[f"<0x{b:02X}>", -20.0] for b in range(256)]
    out["Unigram, bytes"] = Tokenizer.from_str(json.dumps(doc))
    doc["model"]["vocab"] = [p for p in doc["model"]["vocab"] if p[0] != "<0x82>"]
    out["Unigram, some bytes"] = Tokenizer.from_str(json.dumps(doc))

    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    t = Tokenizer(models.BPE())
    t.pre_tokenizer, t.decoder = P.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    bpe(t, 1200, special_tokens=special, initial_alphabet=P.ByteLevel.alphabet())
    t.post_processor = processors.RobertaProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")))
    t.add_special_tokens([*special[:4], AddedToken("<mask>", lstrip=True)])
    roberta = t.to_str()
    out["BPE, RoBERTa"] = t

    t = Tokenizer.from_str(roberta)
    t.normalizer = N.NFC()
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template(t)])
    t.add_tokens([AddedToken("|||IP|||", normalized=False)] + [AddedToken(" " * n) for n in range(24, 1, -1)] + [AddedToken("É"), AddedToken("\t", rstrip=True)])
    out["BPE, ModernBERT"] = t

    doc = json.loads(roberta)
    doc["model"]["ignore_merges"], doc["post_processor"] = True, None
    doc["model"]["merges"] = [m for i, m in enumerate(doc["model"]["merges"]) if i % 7 != 3]  # some tokens no merges reach
    t = Tokenizer.from_str(json.dumps(doc))
    t.pre_tokenizer = P.Sequence([P.Digits(individual_digits=True), P.Split(" ", "merged_with_previous"), P.ByteLevel(add_prefix_space=True, use_regex=False)])
    out["BPE, prefix, digits and whole words"] = t

    doc = json.loads(roberta)
    rnd = random.Random(5)
    rnd.shuffle(doc["model"]["merges"])  # so that a merge may make a pair of a lower rank
    doc["model"]["vocab"] = {s: i for i, s in enumerate(s for s in doc["model"]["vocab"] if s not in ("z", "Ġ", "Ã"))}
    doc["model"]["merges"] = [" ".join(m) for m in doc["model"]["merges"] if all(s in doc["model"]["vocab"] for s in (*m, "".join(m)))]
    doc["post_processor"], doc["added_tokens"] = None, []
    out["BPE, shuffled merges and missing bytes"] = Tokenizer.from_str(json.dumps(doc))

    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    t.normalizer, t.pre_tokenizer = N.Replace(" ", "▁"), P.Split(" ", "merged_with_previous")
    bpe(t, 1100, special_tokens=["<pad>", "</s>", "<s>", "<unk>", "<mask>"] + [f"<0x{b:02X}>" for b in range(256) if b != 0x9F], limit_alphabet=300)
    doc = json.loads(t.to_str())
    doc["model"]["byte_fallback"] = True
    doc["added_tokens"] = [a for a in doc["added_tokens"] if not a["content"].startswith("<0x")]
    t = Tokenizer.from_str(json.dumps(doc))
    t.post_processor = template(t)
    out["BPE, Gemma"] = t

    for fuse in (False, True):
        t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=fuse, end_of_word_suffix="</w>", **({"continuing_subword_prefix": "##"} if fuse else {})))
        t.normalizer, t.pre_tokenizer = N.Sequence([N.NFD(), N.Lowercase(), N.StripAccents()]), P.BertPreTokenizer()
        bpe(t, 700, special_tokens=["<unk>"], limit_alphabet=250, end_of_word_suffix="</w>", **({"continuing_subword_prefix": "##"} if fuse else {}))
        out[f"BPE, ends of words, {'prefix and fused unknown' if fuse else 'unknown'}"] = t

    chars = models.WordPiece({s: i for i, s in enumerate(wide())}, unk_token="[UNK]", max_input_chars_per_word=1000)
    splits = {
        "Whitespace": P.Whitespace(),
        "Punctuation": P.Sequence([P.WhitespaceSplit(), P.Punctuation("contiguous")]),
        "Punctuation with what follows": P.Sequence([P.WhitespaceSplit(), P.Punctuation("merged_with_next")]),
        "Digits together": P.Sequence([P.WhitespaceSplit(), P.Digits()]),
        "CharDelimiterSplit": P.Sequence([P.CharDelimiterSplit("a"), P.WhitespaceSplit()]),
        "Split by classes": P.Sequence([P.Split(Regex(r"\s+|[^\p{L}\p{N}]{2}|\P{L}{3,4}"), "isolated"), P.WhitespaceSplit()]),
        "Split inverted": P.Split(Regex(r"[a-zé]+"), "removed", invert=True),
        "Split with what precedes": P.Sequence([P.WhitespaceSplit(), P.Split("e", "merged_with_previous"), P.Split(Regex("[.,;]"), "merged_with_previous", invert=True)]),
        "FixedLength": P.Sequence([P.WhitespaceSplit(), P.FixedLength(3)]),
        "the pattern of GPT-2": P.Sequence([P.Split(Regex(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"), "removed", invert=True), P.WhitespaceSplit()]),
        "characters of bytes": P.Sequence([P.ByteLevel(add_prefix_space=True), P.Digits()]),
    }
    for name, split in splits.items():
        t = Tokenizer(chars)
        t.pre_tokenizer = split
        out["WordPiece, " + name] = t
    t = Tokenizer(chars)
    t.normalizer = N.Sequence([N.BertNormalizer(strip_accents=False), N.NFKC()])
    t.pre_tokenizer = P.Metaspace(replacement="_", prepend_scheme="first")
    t.add_tokens([AddedToken("[MASK]", normalized=False, rstrip=True), AddedToken("NEW", single_word=True)])
    out["WordPiece, BertNormalizer and Metaspace first"] = t
    t = Tokenizer(chars)
    t.normalizer, t.pre_tokenizer = N.ByteLevel(), P.Whitespace()
    out["WordPiece, ByteLevel as normalizer"] = t
    t = Tokenizer(chars)
    t.normalizer, t.pre_tokenizer = N.BertNormalizer(), P.BertPreTokenizer()
    t.post_processor = processors.RobertaProcessing(("[SEP]", 3), ("[CLS]", 2))
    t.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    out["WordPiece, MPNet"] = t

    t = Tokenizer(models.WordLevel(unk_token="<unk>"))
    t.normalizer, t.pre_tokenizer = N.Sequence([N.NFKD(), N.Strip(), N.Replace(Regex(r"\S"), "w")]), P.Split(Regex(r"\s"), "removed")
    t.train_from_iterator(["w ww www wwwww wwwwww"], trainers.WordLevelTrainer(special_tokens=["<unk>"], show_progress=False))
    out["WordLevel"] = t
    return out


def share(doc, shared):
    """Puts the parts that several files have in common into shared."""
    def visit(v):
        if isinstance(v, dict):
            for k, x in v.items():
                if k in ("vocab", "merges", "precompiled_charsmap") and x:
                    text = json.dumps(x)
                    name = next((n for n, y in shared.items() if json.dumps(y) == text), None)
                    if name is None:
                        shared[name := f"part {len(shared)}"] = x
                    v[k] = "@" + name
                else:
                    visit(x)
        elif isinstance(v, list):
            for x in v:
                visit(x)

    visit(doc)
    return doc


def scores():
    """Numbers as they are written and as the library reads them: not always the nearest float64."""
    rnd = random.Random(3)
    texts = [repr(-20 * rnd.random()) for _ in range(200)]
    texts += ["0", "-0.0", "-7", "1.5E+3", "-0.1e-3", "1e-310", "4.9e-324", "1e-400", "1e308", "-12345678901234567890.5", "-3.14159265358979323846264338", "123456789012345678901234567890", "18446744073709551616.25", "0.000000000000000000000000000001234567890123456789012"]
    doc = json.loads(Tokenizer(models.Unigram([("", 0.0)], 0, False)).to_str())
    doc["model"]["vocab"] = "@"
    vocab = "[" + ", ".join(f'["t{i}", {text}]' for i, text in enumerate(texts)) + "]"
    read = json.loads(Tokenizer.from_str(json.dumps(doc).replace('"@"', vocab)).to_str())["model"]["vocab"]
    return [[text, number] for text, (_, number) in zip(texts, read)]


def sweep(cmap):
    """A line per code point and component: what normalizers make of the character in four surroundings, and where
    pre-tokenizers split it from its neighbors."""
    N, P = normalizers, pre_tokenizers
    norms = [N.NFC(), N.NFD(), N.NFKC(), N.NFKD(), N.StripAccents(), N.Lowercase(), N.Nmt(), N.Strip(), N.Precompiled(cmap)]
    splits = [P.ByteLevel(add_prefix_space=False), P.Whitespace(), P.Digits(), P.BertPreTokenizer()]
    out = bytearray()
    for block in range(0, 0x110000, 256):
        h = hashlib.sha256()
        for cp in range(block, block + 256):
            if 0xD800 <= cp < 0xE000:
                continue
            c = chr(cp)
            lines = [n.normalize_str(s) for n in norms for s in (c, "a" + c + "\u0301", "\u0345" + c + "\u0334", "\u1100" + c)]
            lines += [" ".join(f"{lo}-{hi}" for _, (lo, hi) in p.pre_tokenize_str(s)) for p in splits for s in ("a" + c + "b", "1" + c + "!", " " + c + " ")]
            h.update("".join(line + "\n" for line in lines).encode())
        out += h.digest()[:8]
    return out


def main(out, *only):
    cmap = charsmap()
    everything = hostile() + MORE + mixtures(700, 27)
    shared, goldens = {}, []
    for name, t in kinds(cmap).items():
        t.no_truncation()
        t.no_padding()
        text = t.to_str()
        t = Tokenizer.from_str(text)  # as a user has it
        step = 2 if name.startswith("WordPiece, ") else 1  # the pre-tokenizers, over one model
        ids = [t.encode(s).ids[:LIMIT] for s in everything[::step]]
        goldens.append({"name": name, "file": share(json.loads(text), shared), "step": step, "ids": ids})
        print(name, sum(map(len, ids)), "ids")
    write(f"{out}/golden.json.gz", {"versions": {"tokenizers": tokenizers.__version__, "sentencepiece": sentencepiece.__version__}, "limit": LIMIT, "texts": everything, "shared": shared, "kinds": goldens, "scores": scores()})
    if not only:
        with open(f"{out}/sweep.bin", "wb") as f:
            f.write(sweep(cmap))


if __name__ == "__main__":
    main(*sys.argv[1:])
