"""Puts the held-out questions to the starter model and judges the answers by their key facts.

evaluate.py [out/model.pt]: greedy answers of the 4-bit weights, with what the program's own search found for each question
(out/held-out.found.tsv, made by HelpQuestions). evaluate.py --answers FILE judges answers that the program itself gave
(StarterAnswers, Java), one JSON string per line. Prints the shares, apart and per language:

right      holds all key facts (said for certain, or among the pages named as possible), or is the refusal that was due
refused    an honest refusal of a question that the pages answer
unsure     "perhaps this helps", and it does not
mistaken   anything else: said for certain and wrong
"""
import collections
import json
import os
import sys

import pages

QUESTIONS = os.path.join(pages.HERE, "held-out.txt")
FOUND = os.path.join(pages.OUT, "held-out.found.tsv")
# What the model says of things that it can't do is a refusal too.
REFUSALS = ("I found nothing about this", "The help page that I found does not answer", "I only know Atelier",
            "帮助页里没有找到这个问题", "我找到的帮助页回答不了", "我只懂 Atelier")


def held_out():
    with open(QUESTIONS, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                lang, question, keys = (part.strip() for part in line.split(" | "))
                yield lang, question, [] if keys == "-" else [[k.strip().lower() for k in group.split(" / ")]
                                                             for group in keys.split(" & ")]


def judge(keys, answer):
    low = answer.lower()
    refused = any(r in answer for r in REFUSALS) and not answer.startswith(tuple(pages.PERHAPS.values()))
    if not keys:
        if refused:
            return "right"
    elif all(any(k in low for k in group) for group in keys):
        return "right"
    elif refused:
        return "refused"
    return "unsure" if answer.startswith(tuple(pages.PERHAPS.values())) else "mistaken"


def greedy(model, prompt, limit=300):
    """Greedy continuation with the latent cache: ids, MTP drafts that were right, drafts made."""
    import torch
    caches = [{} for _ in model.layers]
    ids, position, out, draft, right, made = torch.tensor([prompt]), 0, [], None, 0, 0
    with torch.no_grad():
        while len(out) < limit:
            L = ids.shape[1]
            mask = torch.zeros(1, 1, L, position + L).masked_fill(~torch.ones(L, position + L, dtype=torch.bool).tril(position), -1e9)
            h = model.hidden(ids, mask, position, caches)
            token = model.lm_head(h[:, -1]).argmax(-1)
            if draft is not None:
                made, right = made + 1, right + int(draft == token.item())
            following = torch.cat((ids[:, 1:], token[None]), 1)
            m = model.mtp.predict(model.embed_tokens(following), h, model.rope(position, L), mask, caches[-1])
            draft = model.lm_head(m[:, -1]).argmax(-1).item()
            if token.item() == 1:
                break
            out.append(token.item())
            ids, position = token[None], position + L
    return out, right, made


def answers(path, quantized=True):
    import torch

    from bpe import Tokenizer
    from model import Config, Model
    from quant import affine, quantizable
    tok = Tokenizer()
    model = Model(Config.load(os.path.join(pages.OUT, "config.json")))
    model.load_state_dict(torch.load(path))
    model.eval()
    if quantized:
        for _, p in quantizable(model):
            p.data = affine(p.data)
    sections = {(l, s.id): s for l in pages.LANGUAGES for s in pages.read(l)}
    right = made = exact = copied = 0
    with open(FOUND, encoding="utf-8") as f:
        for line in f:
            found, _, confidence, lang, _, _, question = line.rstrip("\n").split("\t")
            hit = [] if found == "-" else [sections[lang, id] for id in found.split("+")]
            ids, r, m = greedy(model, tok.prompt(pages.instruction(hit, confidence) if hit else "", question))
            right, made = right + r, made + m
            text = tok.decode(ids)
            if hit:
                copied += 1
                exact += text == pages.answer(hit, confidence)
            yield text
    print(f"MTP drafts accepted: {right}/{made} = {100 * right / max(1, made):.1f} %; answers that give the pages word for word: "
          f"{exact}/{copied}")


def report(given):
    counts = collections.Counter()
    for (lang, question, keys), answer in zip(held_out(), given):
        verdict = judge(keys, answer)
        kind = "about Atelier" if keys else "foreign"
        counts.update([(lang, kind, verdict), ("all", kind, verdict)])
        if verdict != "right":
            print(f"{verdict:9}{lang} {question} -> {answer[:150]!r}")
    print(f"\n{'':20}{'right':>8}{'refused':>9}{'unsure':>8}{'mistaken':>10}{'of':>6}")
    for lang in ("en", "zh", "all"):
        for kinds in (("about Atelier",), ("foreign",), ("about Atelier", "foreign")):
            row = [sum(counts[lang, k, v] for k in kinds) for v in ("right", "refused", "unsure", "mistaken")]
            print(f"{lang:4}{kinds[0] if len(kinds) == 1 else 'together':16}" + "{:8}{:9}{:8}{:10}".format(*row) + f"{sum(row):6}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--questions"]:
        with open(os.path.join(pages.OUT, "held-out.tsv"), "w", encoding="utf-8") as f:
            f.writelines(f"{lang}\t-\t-1\t{question}\n" for lang, question, _ in held_out())
    elif sys.argv[1:2] == ["--answers"]:
        with open(sys.argv[2], encoding="utf-8") as f:
            report([json.loads(line) for line in f])
    else:
        report(list(answers(sys.argv[1] if len(sys.argv) > 1 else os.path.join(pages.OUT, "model.pt"))))
