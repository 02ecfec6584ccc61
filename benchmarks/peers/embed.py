"""The Python side of benchmarks/embed: one embedder in one process, told over standard input what to do.

    embed.py prepare MODEL_DIR WORK [SECOND_DIR]     exports what the systems below need into WORK
    embed.py SYSTEM MODEL_DIR WORK THREADS TEXTS     loads one system, then reads commands

TEXTS is a JSON list. MODEL_DIR is all-MiniLM-L6-v2 for the systems st, torch-bf16, ort-fp32, ort-fp32-inorder and ort-int8; model2vec reads
WORK/static; second-st and fasttextembed read WORK/second, a model of bge-small's architecture. Each command is one line:

    time SECONDS    encodes all texts until SECONDS have passed; answers {"seconds": of one pass, "cpu_seconds": of one pass, "peak_mb": of the process}
    save PATH       writes the vectors of all texts to a .npy file, those of the last pass if there was one; answers {}
"""

import json
import os
import shutil
import struct
import sys
import time

BATCH = 32  # sentence-transformers' default


def peak_mb():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM:")) * 1024 / 1e6


def torch_system(model_dir, threads, dtype):
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(model_dir, device="cpu", model_kwargs={"dtype": getattr(torch, dtype)})
    model.eval()
    return lambda texts: model.encode(texts, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True)


def ort_system(model_dir, path, threads, in_order=False):
    """What sentence-transformers does, with the network in ONNX Runtime: texts sorted by length, batches padded to their
    longest, the mean over tokens, normalised. in_order leaves the texts in the order that they come in."""
    import numpy as np
    import onnxruntime as ort
    from tokenizers import Tokenizer

    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(f"{model_dir}/tokenizer.json")
    with open(f"{model_dir}/sentence_bert_config.json") as f:
        tokenizer.enable_truncation(json.load(f)["max_seq_length"])
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    names = {i.name for i in session.get_inputs()}

    def encode(texts):
        out = np.zeros((len(texts), 384), np.float32)
        order = range(len(texts)) if in_order else sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for lo in range(0, len(order), BATCH):
            part = order[lo : lo + BATCH]
            tokens = tokenizer.encode_batch([texts[i] for i in part])
            ids = np.array([t.ids for t in tokens], np.int64)
            mask = np.array([t.attention_mask for t in tokens], np.int64)
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            x = session.run(None, {k: v for k, v in feed.items() if k in names})[0]
            weight = mask[:, :, None].astype(np.float32)
            mean = (x * weight).sum(1) / weight.sum(1)
            out[part] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return out

    return encode


def model2vec_system(path):
    from model2vec import StaticModel

    return StaticModel.from_pretrained(path).encode


def fasttextembed_system(path, threads):
    import numpy as np
    from fasttextembed import TextEmbedding

    model = TextEmbedding(f"{path}/model.fte", f"{path}/vocab.tsv")
    return lambda texts: np.array(model.embed(texts, threads=threads), np.float32)


def load(system, model_dir, work, threads):
    if system in ("st", "torch-bf16"):
        return torch_system(model_dir, threads, "bfloat16" if system == "torch-bf16" else "float32")
    if system == "second-st":
        return torch_system(f"{work}/second", threads, "float32")
    if system in ("ort-fp32", "ort-int8", "ort-fp32-inorder"):
        return ort_system(model_dir, f"{work}/{system.removesuffix('-inorder')}.onnx", threads, system.endswith("-inorder"))
    if system == "model2vec":
        return model2vec_system(f"{work}/static")
    if system == "fasttextembed":
        return fasttextembed_system(f"{work}/second", threads)
    raise ValueError(f"no system {system}")


def serve(system, model_dir, work, threads, texts):
    with open(texts, encoding="utf-8") as f:
        texts = json.load(f)
    encode = load(system, model_dir, work, threads)
    encode(texts[:64])  # what is compiled or allocated at the first call does not count
    print(json.dumps({"ready": True}), flush=True)
    x = None
    for line in sys.stdin:
        verb, argument = line.rstrip("\n").split(" ", 1)
        answer = {}
        if verb == "time":
            passes, began, spent = 0, time.perf_counter(), time.process_time()
            while passes == 0 or time.perf_counter() - began < float(argument):
                x = encode(texts)
                passes += 1
            answer = {"seconds": (time.perf_counter() - began) / passes, "peak_mb": peak_mb()}
            answer["cpu_seconds"] = (time.process_time() - spent) / passes
        elif verb == "save":
            import numpy as np

            np.save(argument, np.asarray(encode(texts) if x is None else x, np.float32))
        print(json.dumps(answer), flush=True)


def prepare(model_dir, work, second=None):
    if not os.path.exists(f"{work}/ort-int8.onnx"):
        export(model_dir, f"{work}/ort-fp32.onnx", f"{work}/ort-int8.onnx")
    if second and not os.path.exists(f"{work}/second/vocab.tsv"):
        as_fasttextembed(second, f"{work}/second")


def export(model_dir, fp32, int8):
    """The network with its last layer's vectors as the output, and its dynamic quantisation with a scale per output."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(model_dir, attn_implementation="eager").eval()
    tokens = dict(AutoTokenizer.from_pretrained(model_dir)(["one text", "another one, longer"], padding=True, return_tensors="pt"))

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state

    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "tokens"} for name in [*names, "last_hidden_state"]}
    torch.onnx.export(Network(), tuple(tokens[n] for n in names), fp32, input_names=names, output_names=["last_hidden_state"],
                      dynamic_axes=axes, opset_version=17, dynamo=False)  # fmt: skip
    quantize_dynamic(fp32, int8, per_channel=True, weight_type=QuantType.QInt8)


def as_fasttextembed(source, out):
    """A model of bge-small's architecture (12 layers of 384) as fasttextembed reads it: its flat file of matrices in half
    precision, and the vocabulary. The engine takes the vector of [CLS] and the GELU with tanh; out says the same to
    sentence-transformers, so that all compute the same function of the same weights."""
    import numpy as np
    from safetensors.numpy import load_file

    shutil.copytree(source, out, dirs_exist_ok=True)
    state = load_file(f"{source}/model.safetensors")
    tensors = {n: v for n, v in state.items() if n.startswith("embeddings.") or not n.endswith(".weight") or "LayerNorm" in n}
    first = 1536  # the names of the matrices are those that an exporter gave them
    for layer in range(12):
        p = f"encoder.layer.{layer}."
        parts = [state.pop(f"{p}attention.self.{n}.weight").T for n in ("query", "key", "value")]
        tensors[f"Attention_{layer}_qkv_weight"] = np.concatenate(parts, 1)
        tensors[f"Attention_{layer}_qkv_bias"] = np.concatenate([tensors.pop(f"{p}attention.self.{n}.bias") for n in ("query", "key", "value")])
        for k, name in enumerate(("attention.output.dense", "intermediate.dense", "output.dense")):
            tensors[f"onnx::MatMul_{first + 13 * layer + k}"] = state[f"{p}{name}.weight"].T
    entries, blob = [], bytearray()
    for name in sorted(tensors):
        v = np.ascontiguousarray(tensors[name], np.float16 if tensors[name].ndim == 2 else np.float32)
        blob += bytes(-len(blob) % 64)
        entries.append((name, v.shape, len(blob), v.nbytes, v.ndim - 1))
        blob += v.tobytes()
    header, entry = struct.Struct("<QQ11I"), struct.Struct("<QQ64s6i")
    table = header.size + -header.size % 64
    start = table + entry.size * len(entries)
    start += -start % 64
    with open(f"{out}/model.fte", "wb") as f:
        f.write(header.pack(table, start, 0x31455446, 2, 384, 12, 12, 1536, 30522, 512, 2, len(entries), 0).ljust(table, b"\0"))
        for name, shape, at, size, half in entries:
            f.write(entry.pack(start + at, size, name.encode(), len(shape), *(list(shape) + [0] * 4)[:4], half))
        f.write(bytes(start - f.tell()) + blob)
    with open(f"{out}/config.json") as f:
        config = json.load(f)
    with open(f"{out}/config.json", "w") as f:
        json.dump(config | {"hidden_act": "gelu_new"}, f)
    with open(f"{out}/1_Pooling/config.json", "w") as f:
        json.dump({"word_embedding_dimension": 384, "pooling_mode_cls_token": True}, f)
    with open(f"{out}/tokenizer.json", encoding="utf-8") as f:
        vocab = json.load(f)["model"]["vocab"]
    with open(f"{out}/vocab.tsv", "w", encoding="utf-8") as f:
        f.writelines(f"{token}\t{i}\n" for token, i in sorted(vocab.items(), key=lambda p: p[1]))


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(*sys.argv[2:])
    else:
        threads = int(sys.argv[4])
        for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[name] = str(threads)
        os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"
        serve(sys.argv[1], sys.argv[2], sys.argv[3], threads, sys.argv[5])
