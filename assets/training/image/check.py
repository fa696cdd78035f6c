"""Measures the starter image model on prompts whose structures training never saw.

    python3 check.py --write heldout.jsonl                     makes the prompts (they are part of the project)
    python3 check.py --answers heldout.jsonl answers.jsonl     prints the table for the program's answers; see ./judge

Everything must be right: how many of what in which colour, where they stand, the word, the background, every cell, and in
the picture itself the colours and the background. Where the places of scattered things are free, they must be free
places of the lattice, each taken once. "Unaided" says in how many all cells were right as the model wrote them, without the
program's rule that a cell shows only what the plan put there.
"""
import argparse
import collections
import json
import random
from dataclasses import asdict, replace

from scene import Group, Lattice, Picture, Word, cells, plan
from tasks import EDITS, example

SEED = 1_000_003
EACH = {"grid": 100, "scatter": 60, "relation": 60}
EACH_EDIT = 9


def plan_text(picture, palette):
    """As the program keeps it in a picture's file."""
    say = lambda t: "l:%d" % ord(t[2:]) if t.startswith("l:") else t
    steps = ";".join(" ".join(say(t) for t in step) for step in plan(picture))
    used = palette[:len({t for step in plan(picture) for t in step if t[0] == "c" and t[1:].isdigit()})]
    return "%s|%s|%s" % (picture.form, " ".join(used), steps)


def held_out():
    rng = random.Random(SEED)
    wanted = {**EACH, **dict.fromkeys(EDITS, EACH_EDIT)}
    rows = collections.defaultdict(list)
    while any(len(rows[k]) < n for k, n in wanted.items()):
        made = example(rng, True, .6, whole=True)
        if len(rows[made["what"]]) < wanted[made["what"]]:
            before, after = made["before"], made["picture"]
            rows[made["what"]].append({
                "kind": made["what"], "text": made["text"], "form": after.form,
                "source": plan_text(before, made["palette"]) if before else "",
                "free": after.layout == "scatter" and (before is None or not set(after.spots) <= set(before.spots)),
                "kept": before.spots if before and set(before.spots) < set(after.spots) else [],
                "palette": made["palette"], "want": asdict(after)})
    return [row for kind in wanted for row in rows[kind]]


def picture_of(row):
    w = row["want"]
    return Picture(w["form"], w["background"], w["layout"], tuple(Group(**g) for g in w["groups"]),
                   w["word"] and Word(**w["word"]), Lattice(**w["lattice"]), tuple(w["spots"]))


def coloured(steps, palette):
    """Steps whose slots are the colours themselves, without the order of tokens."""
    def name(t):
        under = t.startswith("u:")
        bare = t[2:] if under else t
        if bare[0] == "c" and bare[1:].isdigit():
            bare = palette[int(bare[1:])] if int(bare[1:]) < len(palette) else "?"
        return ("u:" if under else "") + bare
    return [sorted(name(t) for t in step) for step in steps]


def marks(row, answer):
    if "refused" in answer:
        return {name: False for name in ("count", "colour", "word", "background", "places", "cells", "picture")}
    want = picture_of(row)
    _, colours, text = answer["plan"].split("|")
    got = [["l:" + chr(int(t[2:])) if t.startswith("l:") else t for t in step.split(" ")] for step in text.split(";")]
    palette = colours.split()
    if row["free"]:
        spots = tuple(int(t[1:]) for step in got for t in step if t[0] == "w" and t[1:].isdigit())
        room = want.lattice.columns * want.lattice.rows
        if len(set(spots)) == len(spots) == want.total() and all(s < room for s in spots) and set(row["kept"]) <= set(spots):
            want = replace(want, spots=spots)
    right, given = coloured(plan(want), row["palette"]), coloured(got, palette)
    part = lambda steps, keep: [s for i, s in enumerate(steps) if keep(s, i)]
    place = lambda steps: next((i for i, s in enumerate(steps) if "<place>" in s), len(steps))
    groups = lambda steps: [s for s in steps[1:place(steps)] if "word" not in s]
    letters = lambda steps: [s for s in steps if "word" in s or any(t.startswith("l:") for t in s)]
    number = lambda steps: sorted(t for s in groups(steps) for t in s if t[0] == "n" and t[1:].isdigit())
    things = lambda steps: len([s for s in steps[place(steps) + 1:] if not any(t.startswith("l:") for t in s)])
    found = {"count": number(right) == number(given) and things(right) == things(given),
             "colour": groups(right) == groups(given),
             "background": right[0] == given[0],
             "places": right[place(right):] == given[place(given):]}
    if letters(right) or letters(given):
        found["word"] = letters(right) == letters(given)
    found["cells"] = coloured(cells(want), row["palette"]) == coloured(answer["cells"], answer["palette"])
    ground = row["palette"][int(want.background[1:])] if want.background != "none" else "transparent"
    seen = {row["palette"][int(g.slot[1:])] for g in want.groups if g.slot[0] == "c"}
    found["picture"] = answer["ground"] == ground and seen <= set(answer["colours"])
    return found


def table(rows, answers):
    by = collections.OrderedDict()
    for row, answer in zip(rows, answers):
        found = marks(row, answer)
        found["exact"] = all(found.values())
        found["unaided"] = found["cells"] and not answer["corrected"]
        for kind in [row["kind"]] if row["kind"] in EACH else [row["kind"], "all edits"]:
            by.setdefault(kind, collections.defaultdict(list))
            for name, mark in found.items():
                by[kind][name].append(mark)
    if "all edits" in by:
        by.move_to_end("all edits")
    names = ("exact", "count", "colour", "word", "background", "places", "cells", "picture", "unaided")
    print("| prompts | " + " | ".join(names) + " |")
    print("|---|" + "---|" * len(names))
    for kind, found in by.items():
        say = ["%.1f %%" % (100 * sum(found[n]) / len(found[n])) if found[n] else "–" for n in names]
        print("| %d %s | %s |" % (len(found["exact"]), kind, " | ".join(say)))
    for what, name in ("seconds", "Seconds a picture"), ("computed", "Seconds that one core computed"):
        seconds = sorted(a[what] for a in answers if what in a)
        if seconds:
            print("\n%s: median %.2f, longest %.2f" % (name, seconds[len(seconds) // 2], seconds[-1]))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--write")
    p.add_argument("--answers", nargs=2)
    p.add_argument("--wrong", action="store_true", help="shows what was not exact")
    a = p.parse_args()
    if a.write:
        with open(a.write, "w") as f:
            for row in held_out():
                f.write(json.dumps(row, ensure_ascii=False) + "\n")
        return
    rows, answers = ([json.loads(line) for line in open(name)] for name in a.answers)
    if a.wrong:
        for row, answer in zip(rows, answers):
            found = marks(row, answer)
            if not all(found.values()):
                print(row["kind"], "|", row["text"], "|", [k for k, v in found.items() if not v], "|", row["source"], "|",
                      answer.get("refused", answer.get("plan")), "| wanted", plan_text(picture_of(row), row["palette"]))
        return
    table(rows, answers)


if __name__ == "__main__":
    main()
