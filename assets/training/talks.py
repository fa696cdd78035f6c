"""The talks that the model is trained on, made without end from the help pages.

A talk is its token ids, how much each counts, and where the page holds what comes next. Three kinds:

* repeated: a stretch of tokens, again and again.

* invented: a page of sentences that were cut up, mixed and partly replaced, so that nothing but reading the page gives
  the answer. They teach to read the page, and keep doing so when the pages are edited later.
* asked: real questions with what the program's own search found for them (found.tsv, made by HelpQuestions).
"""
import os
import random

import pages
from bpe import ASSISTANT, BEGIN, END, HELP, USER

TONES = {"en": ["Be brief.", "Answer briefly.", "You are a helpful assistant.", "Be friendly and polite.", "Use simple words."],
         "zh": ["请简短回答。", "你是一个有用的助手。", "请用简单的话回答。", "回答要友好。"]}


class Talks:
    def __init__(self, tok, seed=0):
        self.tok = tok
        self.random = random.Random(seed)
        self.sections = {l: pages.read(l) for l in pages.LANGUAGES}
        self.bodies = {l: [tok.encode(s.text) for s in self.sections[l]] for l in pages.LANGUAGES}
        self.questions = {l: [w for s in self.sections[l] for w in s.wordings] for l in pages.LANGUAGES}
        self.by_id = {(l, s.id): s for l in pages.LANGUAGES for s in self.sections[l]}
        self.asked = self.read_found(os.path.join(pages.OUT, "found.tsv"))

    @staticmethod
    def read_found(path):
        """What the search found for each question. A wrong page that it was sure of is left out: it would teach
        to doubt right ones."""
        asked = []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                for line in f:
                    found, _, confidence, lang, id, _, question = line.rstrip("\n").split("\t")
                    found = [] if found == "-" else found.split("+")
                    if id in ("-", *found) or confidence != "SURE":
                        asked.append({"lang": lang, "found": found, "id": id, "confidence": confidence, "question": question})
        return asked

    def chunk(self, lang):
        """A stretch of a page's tokens, some of them replaced by any token at all."""
        r = self.random
        body = r.choice(self.bodies[lang])
        start = r.randrange(max(1, len(body) - 4))
        part = body[start:start + r.randint(3, 16)]
        if r.random() < 0.5:
            part = [r.randrange(262, len(self.tok.ids)) if r.random() < 0.3 else t for t in part]
        return part

    def invented(self, longest):
        r = self.random
        lang = r.choice(pages.LANGUAGES)
        if r.random() < 0.3:
            body = [r.randrange(262, len(self.tok.ids)) for _ in range(r.randint(4, longest))]
        else:
            body = []
            while len(body) < r.randint(8, longest):
                body += self.chunk(lang)
            body = body[:longest]
        question = self.tok.encode(r.choice(self.questions[lang]))
        if r.random() < 0.6:
            return self.ids(lang, "SURE", self.chunk(lang)[:6], body, question)
        t = self.tok
        body = [*t.encode("- **"), *self.chunk(lang)[:6], *t.encode("**"), *body]
        return self.ids(lang, "UNSURE", [], body, question)

    def repeated(self, longest):
        """A stretch of any tokens, again and again: the quickest lesson in copying."""
        r = self.random
        n = r.randint(3, longest)
        part = [r.randrange(262, len(self.tok.ids)) for _ in range(n)]
        times = max(2, min(6, 90 // n))
        ids = [BEGIN] + part * times
        weights = [0.0] * (1 + n) + [1.0] * (n * (times - 1))
        return ids, weights, [-1] * n + [i + 1 - n for i in range(n, len(ids) - 1)] + [-1]

    def ids(self, lang, confidence, title, body, question):
        """Token ids, how much the prediction of each counts, and where the page holds what comes after each."""
        t = self.tok
        lead = [BEGIN, HELP, *self.tone(lang), *t.encode(pages.LEAD[lang, confidence] + "\n")]
        lead += [*t.encode("#"), *title, *t.encode("\n")] if confidence == "SURE" else []
        head = t.encode(pages.PERHAPS[lang] + "\n") if confidence == "UNSURE" else []
        prompt = [*lead, *body, USER, *question, ASSISTANT]
        weights = [0.0] * len(prompt) + [1.0 if i < 3 else 0.1 for i in range(len(head))] + [1.0] * (len(body) + 1)
        source = [-1] * (len(prompt) + len(head) - 1) + [len(lead) + k for k in range(len(body) + 1)] + [-1]
        return [*prompt, *head, *body, END], weights, source

    def tone(self, lang):
        """Now and then the person has a system prompt too."""
        return self.tok.encode(self.random.choice(TONES[lang]) + "\n\n") if self.random.random() < 0.04 else []

    def real(self):
        """A real question with what the search found for it."""
        r, t = self.random, self.tok
        a = r.choice(self.asked)
        lang = a["lang"]
        if not a["found"]:
            tone = self.tone(lang)
            prompt = [BEGIN, *([HELP, *tone] if tone else []), USER, *t.encode(a["question"]), ASSISTANT]
            return self.refusal(prompt, t.encode(pages.NOTHING[lang]))
        sections = [self.by_id[lang, id] for id in a["found"]]
        title, text = " " + sections[0].title, sections[0].text
        body = t.encode(text if a["confidence"] == "SURE" else pages.listed(sections))
        ids, weights, source = self.ids(lang, a["confidence"], t.encode(title), body, t.encode(a["question"]))
        if a["id"] != "-":
            return ids, weights, source
        return self.refusal(ids[:ids.index(ASSISTANT) + 1], t.encode(pages.OTHER[lang]))

    @staticmethod
    def refusal(prompt, answer):
        """The first tokens decide; the rest is soon known by heart."""
        weights = [0.0] * len(prompt) + [1.0] * 4 + [0.1] * (len(answer) - 3)
        return [*prompt, *answer, END], weights, [-1] * (len(prompt) + len(answer) + 1)

    def section(self):
        """A whole page with one of its wordings: used before found.tsv exists."""
        r, t = self.random, self.tok
        lang = r.choice(pages.LANGUAGES)
        s = r.choice(self.sections[lang])
        return self.ids(lang, "SURE", t.encode(" " + s.title), t.encode(s.text), t.encode(r.choice(s.wordings)))

    def talk(self, invented, repeated, longest):
        if self.random.random() < repeated:
            return self.repeated(longest // 2)
        if self.random.random() < invented:
            return self.invented(longest)
        return self.real() if self.asked else self.section()

    def rows(self, length, invented, repeated, longest):
        """Packs whole talks into rows, without end: (ids, weights, number of the talk in the row, sources)."""
        bins = []
        while True:
            ids, weights, source = self.talk(invented(), repeated(), longest())
            if len(ids) > length:
                continue
            fit = [b for b in bins if len(b[0]) + len(ids) <= length]
            if fit:
                row = max(fit, key=lambda b: len(b[0]))
            else:
                if len(bins) == 16:
                    full = max(bins, key=lambda b: len(b[0]))
                    bins.remove(full)
                    yield full
                row = ([], [], [], [])
                bins.append(row)
            row[3].extend([s if s < 0 else s + len(row[0]) for s in source])
            row[2].extend([row[2][-1] + 1 if row[2] else 1] * len(ids))
            row[0].extend(ids)
            row[1].extend(weights)
