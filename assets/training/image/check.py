"""Measures the starter image model on prompts that training never saw.

    python3 check.py --state out/state.pt            prints the table
    python3 check.py --write heldout.jsonl           writes the prompts anew (they are part of the project)

Every prompt is answered greedily; scattered pictures may differ in places, everything else must be exact.
"""
import argparse
import collections
import json
import random

import torch

from lexicon import ID, TOKENS
from scene import example

HELD_OUT_SEED = 1_000_003
EACH = 60
MOST_WRITTEN = 200


def kind_of(given, scene):
    if "<picture>" in given:
        return "edit"
    return "scatter" if scene.layout == "scatter" else "relation" if scene.layout == "pair" else "grid"


def held_out():
    """Prompts by kind; the texts are kept out of training by its other seed and by comparing words."""
    rng = random.Random(HELD_OUT_SEED)
    found = collections.defaultdict(list)
    while any(len(found[k]) < EACH for k in ("grid", "scatter", "relation", "edit")):
        given, target, text, scene = example(rng)
        kind = kind_of(given, scene)
        if len(found[kind]) < EACH:
            found[kind].append({"kind": kind, "text": text, "given": given, "target": target})
    return [row for kind in ("grid", "scatter", "relation", "edit") for row in found[kind]]


@torch.no_grad()
def write(net, given):
    """Greedy continuation as token names, without the end."""
    caches = [[] for _ in net.model.layers]
    ids = torch.tensor([[ID[t] for t in given]])
    out, first = [], 0
    while len(out) < MOST_WRITTEN:
        hidden = net.hidden(ids, caches, first)
        first += ids.shape[1]
        token = int(net.logits(hidden[:, -1]).argmax())
        if TOKENS[token] == "<end>":
            return out
        out.append(TOKENS[token])
        ids = torch.tensor([[token]])
    return out


def parts(tokens):
    """What can be compared: things with their looks, places, word, background."""
    things, places, at = [], [], 3
    word = None
    try:
        while at < len(tokens):
            if tokens[at].startswith("#"):
                at += 1
                outline = tokens[at] == "outline"
                at += outline
                things.append((outline, tokens[at], tokens[at + 1]))
                places.append(tuple(tokens[at + 2:at + 5]))
                at += 5
            else:
                word = tuple(tokens[at:])
                break
    except IndexError:
        return None
    return {"count": len(things), "looks": collections.Counter(things), "places": places, "word": word,
            "background": tokens[0] if tokens else None}


def score(row, written):
    want, got = parts(row["target"][:-1]), parts(written)
    if got is None:
        return dict.fromkeys(("count", "colour", "word", "background", "places", "exact"), 0.0)
    marks = {"count": got["count"] == want["count"], "colour": got["looks"] == want["looks"],
             "background": got["background"] == want["background"],
             "places": len({p[1:] for p in got["places"]}) == len(got["places"]) if row["kind"] == "scatter"
             else got["places"] == want["places"]}
    if want["word"] or got["word"]:
        marks["word"] = got["word"] == want["word"]
    marks["exact"] = all(marks.values())
    return {k: float(v) for k, v in marks.items()}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--state")
    p.add_argument("--write")
    p.add_argument("--each", type=int, default=EACH)
    a = p.parse_args()
    rows = held_out()
    if a.write:
        with open(a.write, "w") as f:
            for row in rows:
                f.write(json.dumps(row, ensure_ascii=False) + "\n")
        return
    from model import Painter
    torch.set_num_threads(1)
    net = Painter()
    net.load_state_dict(torch.load(a.state)["net"])
    marks = collections.defaultdict(lambda: collections.defaultdict(list))
    taken = collections.Counter()
    for row in rows:
        taken[row["kind"]] += 1
        if taken[row["kind"]] > a.each:
            continue
        for name, mark in score(row, write(net, row["given"])).items():
            marks[row["kind"]][name].append(mark)
    print("| prompts | exact | count | looks and colours | word | background | places |")
    print("|---|---|---|---|---|---|---|")
    for kind, by in marks.items():
        cells = ["%.1f %%" % (100 * sum(by[n]) / len(by[n])) if by[n] else "-"
                 for n in ("exact", "count", "colour", "word", "background", "places")]
        print("| %d %s | %s |" % (len(by["exact"]), kind, " | ".join(cells)))


if __name__ == "__main__":
    main()
