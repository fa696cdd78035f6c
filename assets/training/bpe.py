"""Byte-level BPE in plain Python: trains on the help pages and writes tokenizer.json in the Hugging Face layout.

The split pattern uses explicit ranges only, so that every regular-expression engine reads it alike. Chinese tokens end
at two characters: longer ones would be learned by heart and fall apart on a new wording.

bpe.py VOCABULARY_SIZE FOLDER
"""
import collections
import json
import os
import re
import sys

import pages

PATTERN = (r" ?[A-Za-z]+| ?[0-9]|[\u4e00-\u9fff]+| ?[^ \t\r\nA-Za-z0-9\u4e00-\u9fff]+"
           r"|[ \t\r\n]+(?![^ \t\r\n])|[ \t\r\n]+")
BEGIN, END, USER, ASSISTANT, PAD, HELP = range(6)
SPECIAL = ["<|begin|>", "<|end|>", "<|user|>", "<|assistant|>", "<|pad|>", "<|help|>"]
# The model is shown the help page and the last question, nothing else: see README.md.
TEMPLATE = """{{- '<|begin|>' }}
{%- set said = namespace(help='', question='') %}
{%- for message in messages %}
    {%- if message['role'] == 'system' %}
        {%- set said.help = message['content'] %}
    {%- elif message['role'] == 'user' %}
        {%- set said.question = message['content'] %}
    {%- endif %}
{%- endfor %}
{%- if said.help %}
    {{- '<|help|>' + said.help }}
{%- endif %}
{{- '<|user|>' + said.question }}
{%- if add_generation_prompt %}
    {{- '<|assistant|>' }}
{%- elif messages and messages[-1]['role'] == 'assistant' %}
    {{- '<|assistant|>' + messages[-1]['content'] + '<|end|>' }}
{%- endif %}"""


def byte_letters():
    """GPT-2's printable stand-in for every byte."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return {b: chr(b) if b in keep else chr(next(spare)) for b in range(256)}


LETTER = byte_letters()
BYTE = {c: b for b, c in LETTER.items()}


def letters(text):
    return "".join(LETTER[b] for b in text.encode("utf-8"))


def merge(parts, pair):
    merged, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            merged.append(parts[i] + parts[i + 1])
            i += 2
        else:
            merged.append(parts[i])
            i += 1
    return merged


class Tokenizer:
    def __init__(self, folder=pages.OUT):
        model = json.load(open(os.path.join(folder, "tokenizer.json"), encoding="utf-8"))["model"]
        self.ids = model["vocab"]
        self.rank = {tuple(m.split(" ")): i for i, m in enumerate(model["merges"])}
        self.tokens = {i: t for t, i in self.ids.items()}
        self.split = re.compile(PATTERN)
        self.cache = {}

    def word(self, word):
        if word not in self.cache:
            parts = list(letters(word))
            while len(parts) > 1:
                best = min(zip(parts, parts[1:]), key=lambda p: self.rank.get(p, 1 << 30))
                if best not in self.rank:
                    break
                parts = merge(parts, best)
            self.cache[word] = [self.ids[p] for p in parts]
        return self.cache[word]

    def encode(self, text):
        return [i for word in self.split.findall(text) for i in self.word(word)]

    def decode(self, ids):
        kept = "".join(self.tokens[i] for i in ids if i >= len(SPECIAL))
        return bytes(BYTE[c] for c in kept).decode("utf-8", "replace")

    def prompt(self, help, question):
        """What the chat template renders, as ids."""
        return [BEGIN, *([HELP, *self.encode(help)] if help else []), USER, *self.encode(question), ASSISTANT]


def train(texts, size):
    counts = collections.Counter(w for t in texts for w in re.findall(PATTERN, t))
    words, weight = [list(letters(w)) for w in counts], list(counts.values())
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for i, w in enumerate(words):
        for p in zip(w, w[1:]):
            pairs[p] += weight[i]
            where[p].add(i)
    vocab = SPECIAL + [LETTER[b] for b in range(256)]
    known, merges = set(vocab), []

    def allowed(p):
        wide = any(BYTE[c] >= 0x80 for c in p[0] + p[1])
        return p[0] + p[1] not in known and (not wide or len(p[0] + p[1]) <= 6)

    refused = set()
    while len(vocab) < size:
        best = max((p for p in pairs if p not in refused), key=lambda p: (pairs[p], p))
        if not allowed(best):
            refused.add(best)
            continue
        merges.append(best)
        vocab.append(best[0] + best[1])
        known.add(vocab[-1])
        for i in list(where[best]):
            for p in zip(words[i], words[i][1:]):
                pairs[p] -= weight[i]
                where[p].discard(i)
            words[i] = merge(words[i], best)
            for p in zip(words[i], words[i][1:]):
                pairs[p] += weight[i]
                where[p].add(i)
        for p in [p for p, n in pairs.items() if n <= 0]:
            del pairs[p]
    return vocab, merges


def write(vocab, merges, folder):
    with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as f:
        json.dump({
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [{"id": i, "content": s, "single_word": False, "lstrip": False, "rstrip": False,
                              "normalized": False, "special": True} for i, s in enumerate(SPECIAL)],
            "normalizer": None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": PATTERN.replace(r"\u4e00", "\u4e00").replace(r"\u9fff", "\u9fff")},
                 "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]},
            "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                      "vocab": {t: i for i, t in enumerate(vocab)}, "merges": [" ".join(m) for m in merges]},
        }, f, ensure_ascii=False, indent=0)
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as f:
        json.dump({"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": SPECIAL[BEGIN], "eos_token": SPECIAL[END],
                   "pad_token": SPECIAL[PAD], "add_bos_token": False, "model_max_length": 2048,
                   "clean_up_tokenization_spaces": False}, f, indent=1)
    with open(os.path.join(folder, "chat_template.jinja"), "w", encoding="utf-8") as f:
        f.write(TEMPLATE)


def corpus():
    """Answers count three times: they are what the model writes."""
    for lang in pages.LANGUAGES:
        yield from (v for v in (pages.PERHAPS[lang], pages.NOTHING[lang], pages.OTHER[lang]) for _ in range(20))
        for s in pages.read(lang):
            yield from [s.text, s.text, s.text, pages.instruction([s], "SURE"), pages.instruction([s], "UNSURE")]
            yield from s.wordings


if __name__ == "__main__":
    folder = sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    texts = list(corpus())
    write(*train(texts, int(sys.argv[1])), folder)
    tok = Tokenizer(folder)
    assert all(tok.decode(tok.encode(t)) == t for t in texts)
    tokens = sum(len(tok.encode(t)) for t in texts)
    print(f"{len(tok.ids)} tokens, {sum(map(len, texts)) / tokens:.2f} characters per token, round trip exact")
