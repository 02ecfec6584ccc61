"""Writes embed/bert/testdata/family.json.gz: what sentence-transformers makes of small models that are near to BERT.

As bert_tiny.py, with tokenizers of other kinds. The weights are by its rule under BERT's names; the file has them under those
of the architecture, which names() gives.

usage: bert_family.py OUTDIR
"""

import gzip
import json
import os
import sys
import tempfile

import numpy as np
import safetensors.numpy
import sentence_transformers
import tokenizers
import torch
import transformers
from bert_tiny import HEADS, HIDDEN, INNER, LAYERS, POSITIONS, TEXTS, VOCAB, modules, old_pooling, tensors, weights
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

MORE = ["the <mask> map", "<pad> the <pad><pad> map", "<s>the</s>", "Привет, мир! 你好", "naïve ﬁle ½", " two  spaces\n", "a" * 200, "the map and the file " * 60]

SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def corpus():
    return [t for t in TEXTS + MORE[3:6] if t.strip()] * 5


def finish(t):
    t.add_special_tokens([*SPECIALS[:4], AddedToken("<mask>", lstrip=True)])
    return t.to_str()


def unigram():
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    t.train_from_iterator(corpus(), trainers.UnigramTrainer(vocab_size=150, show_progress=False, special_tokens=SPECIALS, unk_token="<unk>"))
    t.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return finish(t)


def bpe():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=300, show_progress=False, special_tokens=SPECIALS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return finish(t)


def wordpiece():
    vocab = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "[UNK]", *VOCAB[5:]]
    t = Tokenizer(models.WordPiece({s: i for i, s in enumerate(vocab)}, unk_token="[UNK]"))
    t.normalizer, t.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    t.add_special_tokens(["[UNK]"])
    return finish(t)


def names(kind, state):
    if kind not in ("distilbert", "mpnet"):
        return state
    out = {}
    for name, v in state.items():
        if "token_type" in name or name.startswith("pooler") and kind == "distilbert":
            continue
        for bert, distil in (
            ("attention.self.query", "attention.attn.q"), ("attention.self.key", "attention.attn.k"), ("attention.self.value", "attention.attn.v"),
            ("attention.output.dense", "attention.attn.o"), ("attention.output.LayerNorm", "attention.LayerNorm"),
        ) if kind == "mpnet" else (
            ("encoder.layer.", "transformer.layer."), ("attention.self.query", "attention.q_lin"), ("attention.self.key", "attention.k_lin"),
            ("attention.self.value", "attention.v_lin"), ("attention.output.dense", "attention.out_lin"), ("attention.output.LayerNorm", "sa_layer_norm"),
            ("intermediate.dense", "ffn.lin1"), ("output.dense", "ffn.lin2"), ("output.LayerNorm", "output_layer_norm"),
        ):  # fmt: skip
            name = name.replace(bert, distil)
        out[name] = v
    return out


def case(kind, words, tokenizer, types=1, pooling="mean", pad=1, prefix="", places=POSITIONS, **config):
    plain = {"hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": INNER, "hidden_act": "gelu", "layer_norm_eps": 1e-5, "type_vocab_size": types}
    if kind == "distilbert":
        plain = {"dim": HIDDEN, "n_layers": LAYERS, "n_heads": HEADS, "hidden_dim": INNER, "activation": "gelu"}
        pad = -1
    positions = places + pad + 1
    state = tensors(words)
    for name in ("embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight"):
        state[name] = weights(name, (positions if "position" in name else types, HIDDEN))
    if kind == "mpnet":
        state["encoder.relative_attention_bias.weight"] = 4 * weights("encoder.relative_attention_bias.weight", (32, HEADS))
    files = {
        "config.json": {"model_type": kind, "max_position_embeddings": positions, "vocab_size": words, "pad_token_id": max(pad, 0)} | plain | config,
        "modules.json": modules(),
        "1_Pooling/config.json": old_pooling(pooling),
        "sentence_bert_config.json": {"max_seq_length": places, "do_lower_case": False},
    }
    files = {k: json.dumps(v, indent=1) for k, v in files.items()} | tokenizer
    return files, {prefix + k: v for k, v in names(kind, state).items()}, {"positions": positions, "types": types, "words": words, "prefix": prefix}


def main(out):
    torch.set_num_threads(1)
    roberta = {"tokenizer.json": bpe(), "tokenizer_config.json": json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>"})}
    xlm = {"tokenizer.json": unigram(), "tokenizer_config.json": json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>"})}
    bert = {"vocab.txt": "".join(w + "\n" for w in VOCAB), "tokenizer_config.json": json.dumps({"tokenizer_class": "DistilBertTokenizer", "do_lower_case": True})}
    mpnet = {"tokenizer.json": wordpiece(), "tokenizer_config.json": json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "unk_token": "[UNK]", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"})}
    size = lambda t: max(Tokenizer.from_str(t["tokenizer.json"]).get_vocab().values()) + 1
    kinds = {
        "DistilBERT": case("distilbert", len(VOCAB), bert),
        "DistilBERT, cls, saved with a head": case("distilbert", len(VOCAB), bert, pooling="cls", prefix="distilbert."),
        "RoBERTa": case("roberta", size(roberta), roberta),
        "RoBERTa, saved with a head": case("roberta", size(roberta), roberta, pooling="cls", prefix="roberta."),
        "XLM-RoBERTa": case("xlm-roberta", size(xlm) + 3, xlm),
        "MPNet": case("mpnet", size(mpnet), mpnet, places=130),
        "MPNet, saved with a head": case("mpnet", size(xlm), xlm, places=130, pooling="cls", prefix="mpnet."),
        "CamemBERT, two types": case("camembert", size(xlm), xlm, types=2),
    }
    texts, cases = TEXTS + MORE, []
    for name, (files, state, rest) in kinds.items():
        with tempfile.TemporaryDirectory() as d:
            for path, text in files.items():
                os.makedirs(os.path.dirname(f"{d}/{path}"), exist_ok=True)
                with open(f"{d}/{path}", "w") as f:
                    f.write(text)
            safetensors.numpy.save_file(state, f"{d}/model.safetensors", metadata={"format": "pt"})
            model = sentence_transformers.SentenceTransformer(d, device="cpu")
            model.eval()
            ids = [model.preprocess([t])["input_ids"][0].tolist() for t in texts]
            rows = [model.encode([t], batch_size=1, convert_to_numpy=True, show_progress_bar=False)[0] for t in texts]
            assert all(r.dtype == np.float32 and np.isfinite(r).all() for r in rows)
            cases.append({"name": name, "files": files, **rest, "ids": ids, "rows": [[float(v) for v in r] for r in rows]})
            print(f"{name}: {type(model[0].auto_model).__name__}, {max(map(len, ids))} tokens at most")
    versions = {m.__name__: m.__version__ for m in (sentence_transformers, transformers, tokenizers, torch, np, safetensors)}
    doc = {"versions": versions, "texts": texts, "cases": cases}
    with open(f"{out}/family.json.gz", "wb") as f:
        f.write(gzip.compress(json.dumps(doc, separators=(",", ":")).encode(), 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
