"""Trains the starter image model on examples made on the way.

    python3 train.py --minutes 80 --out out

writes out/state.pt every two minutes and at the end; --resume goes on from there, --start FILE takes its average only.
Most batches hold plans alone, because there everything is decided; some hold the cells as well. Where new things are
scattered the program draws lots, so that nothing is to be learned of their places.
"""
import argparse
import math
import os
import random
import time

import numpy
import torch
import torch.nn.functional as F

from lexicon import FORMS, ID
from model import BOUNDS, Painter
from scene import FIELD_OF
from tasks import EDITS, example

STEP_WIDTH = 14
BATCH_STEPS = 3072
LENGTHS = [32, 48, 64, 96, 128, 160, 192, 224, 256]


def written(step):
    """Id by field of what is written in a step."""
    return [(FIELD_OF[ID[t]], ID[t]) for t in step if ID[t] in FIELD_OF]


def sequence(given, plan, grid, form, what):
    """(ids of every step that is read, what is written after it, where the cells begin, the kind of example)."""
    read = [[ID[t] for t in step] for step in given] + [[ID[t] for t in step] + [ID["g:plan"]] for step in plan]
    lots = FIELD_OF[ID["s0"]] if what == "scatter" else None
    decided = [[(field, token) for field, token in written(step) if field != lots] for step in plan]
    wanted = [[]] * (len(given) - 1) + decided + [[(FIELD_OF[ID["<cells>"]], ID["<cells>"])]]
    begin = len(read)
    if grid:
        width = FORMS[form][0]
        before = [["<cells>"]] + grid[:-1]
        for i, step in enumerate(before):
            read.append([ID[t] for t in step] + [ID["g:cell"], ID["y%d" % (i // width)], ID["x%d" % (i % width)]])
            wanted.append(written(grid[i]))
    return read, wanted, begin, what


class Batches:
    """Batches of examples of like length. Their shapes are few, since every new shape is compiled anew."""

    def __init__(self, rng, full, edits, shares):
        self.rng, self.full, self.edits, self.shares, self.waiting = rng, full, edits, shares, {}

    def next(self):
        while True:
            try:
                what, given, plan, grid, _, picture, _ = example(self.rng, edits=self.edits, shares=self.shares)
            except ValueError as ambiguous:
                print(ambiguous)
                continue
            row = sequence(given, plan, grid if self.full else None, picture.form, what)
            length = next((n for n in LENGTHS if len(row[0]) <= n), None)
            if length is None:
                continue
            rows = self.waiting.setdefault(length, [])
            rows.append(row)
            if len(rows) == BATCH_STEPS // length:
                return self.waiting.pop(length)


def tensors(batch):
    length = max(len(r[0]) for r in batch)
    length = next((n for n in LENGTHS if length <= n), length)
    x = numpy.full((len(batch), length, STEP_WIDTH), -1, numpy.int64)
    y = numpy.full((len(batch), length, len(BOUNDS)), -100, numpy.int64)
    cells = numpy.zeros((len(batch), length), bool)
    for i, (read, wanted, begin, _) in enumerate(batch):
        for t, step in enumerate(read):
            x[i, t, :len(step)] = step
        for t, step in enumerate(wanted):
            for field, token in step:
                y[i, t, field] = token - BOUNDS[field][0]
        cells[i, begin:len(read)] = True
    return torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(cells)


def losses(net, x, y, cells):
    """Summed over fields: of the plan a step, of the cells a cell; and the errors [n] with their rows."""
    keep = (y >= 0).any(-1)
    logits, wanted, cell = net.logits(net.hidden(x))[keep], y[keep], cells[keep]
    plan_loss, cell_loss = 0, 0
    wrong = torch.zeros(len(wanted), dtype=torch.bool)
    for field, (first, end) in enumerate(BOUNDS):
        rows = wanted[:, field] >= 0
        if not rows.any():
            continue
        own, right = logits[rows, first:end], wanted[rows, field]
        loss = F.cross_entropy(own, right, reduction="none")
        inside = cell[rows]
        plan_loss, cell_loss = plan_loss + loss[~inside].sum(), cell_loss + loss[inside].sum()
        wrong[rows] |= own.argmax(-1) != right
    return plan_loss / max(1, int((~cell).sum())), cell_loss / max(1, int(cell.sum())), wrong, keep, cell


@torch.no_grad()
def exactness(net, rows):
    """Share of examples by kind all of whose plan is right when the right beginning is read, and all of whose cells."""
    plans, grids = {}, []
    for at in range(0, len(rows), 8):
        batch = rows[at:at + 8]
        x, y, cells = tensors(batch)
        _, _, wrong, keep, cell = losses(net, x, y, cells)
        owner = keep.nonzero()[:, 0]
        for i, row in enumerate(batch):
            kind = "edit" if row[3] in EDITS else row[3]
            plans.setdefault(kind, []).append(not wrong[(owner == i) & ~cell].any())
            grids.append(not wrong[(owner == i) & cell].any())
    text = ", ".join("%s %d/%d" % (k, sum(v), len(v)) for k, v in sorted(plans.items()))
    return "plans exact: " + text + "; cells exact %d/%d" % (sum(grids), len(grids))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=80)
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--floor", type=float, default=.03)
    p.add_argument("--out", default="out")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--edits", type=float, default=.5, help="share of examples that change a picture")
    p.add_argument("--kinds", default="", help="other shares of kinds of changes, such as add=20,word=5")
    p.add_argument("--full-every", type=int, default=3, help="one batch in so many has the cells as well")
    p.add_argument("--resume", action="store_true", help="go on from --out as if nothing had been")
    p.add_argument("--start", help="begin a new schedule with the weights of another state")
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    state = os.path.join(a.out, "state.pt")
    net = Painter()
    optimizer = torch.optim.AdamW(net.parameters(), lr=a.rate, betas=(.9, .98), weight_decay=.03)
    before, steps, seen = 0.0, 0, 0
    if a.start:
        net.load_state_dict(torch.load(a.start)["average"])
    if a.resume:
        kept = torch.load(state)
        net.load_state_dict(kept["net"])
        optimizer.load_state_dict(kept["optimizer"])
        before, steps, seen, a.seed = kept["seconds"], kept["steps"], kept["seen"], kept["seed"] + 1
    average = {k: v.clone() for k, v in net.state_dict().items()}
    if a.resume:
        average = kept["average"]
    rng = random.Random(a.seed)
    check_rng = random.Random(1_000_003)
    check = []
    for _ in range(24):
        check += [sequence(g, pl, c, pic.form, w) for w, g, pl, c, _, pic, _ in [example(check_rng, True, .4) for _ in range(8)]]
    print("parameters", sum(q.numel() for q in net.parameters()), flush=True)
    start = saved = said = checked = time.time()
    plan_mean = cell_mean = None
    shares = {**EDITS, **{kind: float(share) for kind, share in (s.split("=") for s in a.kinds.split(",") if s)}}
    plans, fulls = Batches(rng, False, a.edits, shares), Batches(rng, True, a.edits, shares)
    while True:
        spent = before + time.time() - start
        part = spent / (60 * a.minutes)
        if part >= 1:
            break
        rate = a.rate * min(1, (steps + 1) / 150) * (a.floor + (1 - a.floor) * .5 * (1 + math.cos(math.pi * part)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        full = steps % a.full_every == 0
        batch = (fulls if full else plans).next()
        plan_loss, cell_loss, *_ = losses(net, *tensors(batch))
        optimizer.zero_grad()
        (plan_loss + cell_loss).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        steps += 1
        seen += len(batch)
        with torch.no_grad():
            keep = min(.998, steps / (steps + 20))
            for name, value in net.state_dict().items():
                average[name].mul_(keep).add_(value, alpha=1 - keep)
        plan_mean = plan_loss.item() if plan_mean is None else .98 * plan_mean + .02 * plan_loss.item()
        if full:
            cell_mean = cell_loss.item() if cell_mean is None else .96 * cell_mean + .04 * cell_loss.item()
        now = time.time()
        if now - said > 20:
            said = now
            print("%.0f s, %d steps, %d examples, plan loss %.4f, cell loss %.4f, rate %.5f"
                  % (before + now - start, steps, seen, plan_mean, cell_mean, rate), flush=True)
        if now - checked > 240:
            checked = now
            averaged = Painter()
            averaged.load_state_dict(average)
            print(exactness(averaged, check), flush=True)
        if now - saved > 120:
            saved = now
            save(net, optimizer, average, before + now - start, steps, seen, a.seed, state)
    save(net, optimizer, average, before + time.time() - start, steps, seen, a.seed, state)
    net.load_state_dict(average)
    print("done: %d steps, %d examples; %s" % (steps, seen, exactness(net, check)), flush=True)


def save(net, optimizer, average, seconds, steps, seen, seed, path):
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "average": average, "seconds": seconds,
                "steps": steps, "seen": seen, "seed": seed}, path + ".partial")
    os.replace(path + ".partial", path)


if __name__ == "__main__":
    main()
