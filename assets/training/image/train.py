"""Trains the starter image model on examples made on the way.

    python3 train.py --minutes 45 --out out

writes out/state.pt every two minutes and at the end; --resume goes on from there, --start FILE takes its weights only.
"""
import argparse
import math
import os
import random
import time

import torch
import torch.nn.functional as F

from lexicon import ID
from model import Painter
from scene import example, ids

BATCH_TOKENS = 1600
POOL = 120


def pool(rng):
    """Batches of examples of like length: (ids, where the loss counts)."""
    rows = []
    for _ in range(POOL):
        given, target, _, _ = example(rng)
        rows.append((ids(given), ids(target)))
    rows.sort(key=lambda r: len(r[0]) + len(r[1]))
    batches, batch = [], []
    for row in rows:
        longest = len(row[0]) + len(row[1])
        if batch and longest * (len(batch) + 1) > BATCH_TOKENS:
            batches.append(batch)
            batch = []
        batch.append(row)
    batches.append(batch)
    rng.shuffle(batches)
    return batches


def tensors(batch):
    length = max(len(g) + len(t) for g, t in batch)
    x = torch.full((len(batch), length), ID["<pad>"])
    y = torch.full((len(batch), length), -100)
    for i, (given, target) in enumerate(batch):
        row = torch.tensor(given + target)
        x[i, :len(row)] = row
        y[i, len(given) - 1:len(row) - 1] = row[len(given):]
    return x, y


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=45)
    p.add_argument("--rate", type=float, default=2.5e-3)
    p.add_argument("--out", default="out")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--resume", action="store_true", help="go on from --out as if nothing had been")
    p.add_argument("--start", help="begin a new schedule with the weights of another state")
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    state = os.path.join(a.out, "state.pt")
    net = Painter()
    optimizer = torch.optim.AdamW(net.parameters(), lr=a.rate, betas=(.9, .98), weight_decay=.03)
    rng = random.Random(a.seed)
    before = 0.0
    if a.start:
        net.load_state_dict(torch.load(a.start)["net"])
    if a.resume:
        kept = torch.load(state)
        net.load_state_dict(kept["net"])
        optimizer.load_state_dict(kept["optimizer"])
        before = kept["seconds"]
        rng = random.Random(kept["seed"] + 1)
        a.seed = kept["seed"] + 1
    print("parameters", sum(q.numel() for q in net.parameters()), flush=True)
    start = time.time()
    saved = said = start
    seen = steps = 0
    mean = None
    done = False
    while not done:
        for batch in pool(rng):
            spent = before + time.time() - start
            part = spent / (60 * a.minutes)
            if part >= 1:
                done = True
                break
            rate = a.rate * min(1, (steps + 1) / 100) * (.03 + .97 * .5 * (1 + math.cos(math.pi * part)))
            for group in optimizer.param_groups:
                group["lr"] = rate
            x, y = tensors(batch)
            hidden = net.hidden(x)
            keep = y >= 0
            loss = F.cross_entropy(net.logits(hidden[keep]), y[keep])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            steps += 1
            seen += len(batch)
            mean = loss.item() if mean is None else .98 * mean + .02 * loss.item()
            now = time.time()
            if now - said > 30:
                said = now
                print("%.0f s, %d steps, %d examples, loss %.4f, rate %.5f"
                      % (now - start, steps, seen, mean, rate), flush=True)
            if now - saved > 120:
                saved = now
                save(net, optimizer, before + now - start, a.seed, state)
    save(net, optimizer, before + time.time() - start, a.seed, state)
    print("done: %d examples, loss %.4f" % (seen, mean))


def save(net, optimizer, seconds, seed, path):
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "seconds": seconds, "seed": seed},
               path + ".partial")
    os.replace(path + ".partial", path)


if __name__ == "__main__":
    main()
