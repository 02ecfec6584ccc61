"""Makes sentence-transformers directories of ordinary size with random weights, to time architectures of which no registry
has a sentence encoder: DistilBERT (6 layers of 768), RoBERTa-base (12 of 768) and ModernBERT-base (22 of 768). All have the
tokenizer of MODEL_DIR, one of the BERT family, and take the mean over at most 512 tokens.

usage: embed_models.py MODEL_DIR OUTDIR
"""

import json
import os
import shutil
import sys

import torch
import transformers
from tokenizers import Tokenizer


def main(model, out):
    torch.manual_seed(1)
    words = Tokenizer.from_file(f"{model}/tokenizer.json").get_vocab_size()
    cls, sep = 101, 102
    kinds = {
        "distilbert": transformers.DistilBertModel(transformers.DistilBertConfig(vocab_size=words)),
        "roberta": transformers.RobertaModel(transformers.RobertaConfig(vocab_size=words, max_position_embeddings=513, pad_token_id=0, bos_token_id=cls, eos_token_id=sep), add_pooling_layer=False),
        "modernbert": transformers.ModernBertModel(
            transformers.ModernBertConfig(vocab_size=words, pad_token_id=0, bos_token_id=cls, cls_token_id=cls, eos_token_id=sep, sep_token_id=sep)
        ),
    }
    for name, m in kinds.items():
        d = f"{out}/{name}"
        m.save_pretrained(d)
        os.makedirs(f"{d}/1_Pooling", exist_ok=True)
        shutil.copyfile(f"{model}/tokenizer.json", f"{d}/tokenizer.json")
        width = m.config.hidden_size
        files = {
            "modules.json": [{"idx": i, "name": str(i), "path": ["", "1_Pooling"][i], "type": "sentence_transformers.models." + k} for i, k in enumerate(["Transformer", "Pooling"])],
            "1_Pooling/config.json": {"word_embedding_dimension": width, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False},
            "sentence_bert_config.json": {"max_seq_length": 512, "do_lower_case": False},
            "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"},
        }  # fmt: skip
        for path, v in files.items():
            with open(f"{d}/{path}", "w") as f:
                json.dump(v, f, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:3])
