"""Trains the starter chat model. The schedule follows the clock: train.py --minutes 60.

Starts with invented pages only, short ones first (copying is learned there), then mixes in the real talks. The last
part runs forward and backward through 4-bit weights and updates the full ones, so that the model learns to live with
the rounding. A checkpoint is written every three minutes; --start goes on from one.
"""
import argparse
import math
import os
import time

import torch

import pages
from bpe import PAD, Tokenizer
from model import Config, Model
from quant import affine, quantizable
from talks import Talks


def batch(source, size, length):
    ids = torch.full((size, length), PAD)
    weights, talk = torch.zeros(size, length), torch.zeros(size, length, dtype=torch.long)
    where = torch.full((size, length), -1)
    for i in range(size):
        a, b, c, d = map(torch.tensor, next(source))
        ids[i, :len(a)], weights[i, :len(a)], talk[i, :len(a)], where[i, :len(a)] = a, b, c, d
    return ids, weights, talk, where


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=60)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--length", type=int, default=256)
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--warm-up", type=int, default=100, help="steps until the full learning rate")
    p.add_argument("--floor", type=float, default=0.02, help="learning rate at the end, as a share of the full one")
    p.add_argument("--copying", type=float, default=0.3, help="first share of the time with repeated and invented pages only")
    p.add_argument("--invented", type=float, default=0.35, help="share of invented pages after that")
    p.add_argument("--looking", type=float, default=0.5, help="weight of the loss of looking, falling to 0 at the end of copying")
    p.add_argument("--quantized", type=float, default=0.15, help="last share of the time with 4-bit weights")
    p.add_argument("--start", help="checkpoint to go on from")
    p.add_argument("--out", default=os.path.join(pages.OUT, "model.pt"))
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    torch.manual_seed(a.seed)
    tok = Tokenizer()
    talks = Talks(tok, a.seed)
    config = Config(vocab_size=len(tok.ids))
    config.save(os.path.join(pages.OUT, "config.json"))
    model = Model(config)
    if a.start:
        model.load_state_dict(torch.load(a.start))
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {len(talks.asked)} real questions", flush=True)
    wide = [p for p in model.parameters() if p.dim() == 2]
    rest = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW([{"params": wide, "weight_decay": 0.05}, {"params": rest, "weight_decay": 0}],
                                  lr=a.rate, betas=(0.9, 0.98), foreach=True)
    start = saved = time.time()
    done = 0.0
    source = talks.rows(a.length, lambda: 1.0 if done < a.copying else a.invented,
                        lambda: 0.7 * max(0, 1 - 2 * done / a.copying) if done < a.copying else 0,
                        lambda: 12 + int(48 * min(1, done / a.copying * 2)) if done < a.copying else 85)
    step = tokens = 0
    mean, coarse = None, False
    while True:
        done = (time.time() - start) / (a.minutes * 60)
        if done >= 1:
            break
        rate = a.rate * min(1, (step + 1) / a.warm_up) * (a.floor + (1 - a.floor) * 0.5 * (1 + math.cos(done * math.pi)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        ids, weights, talk, where = batch(source, a.batch, a.length)
        if done > 1 - a.quantized and not coarse:
            torch.save(model.state_dict(), a.out + ".full")
            coarse = True
            print(f"step {step}: 4-bit weights from here on", flush=True)
        kept = [(q, q.data) for _, q in quantizable(model)] if coarse else []
        for q, w in kept:
            q.data = affine(w)
        main_loss, mtp_loss, looking, right = model.losses(ids, talk, weights, where)
        shown = a.looking * max(0, 1 - done / a.copying) if a.copying else 0
        (main_loss + 0.3 * mtp_loss + shown * looking).backward()
        for q, w in kept:
            q.data = w
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        model.balance(0.001)
        step += 1
        tokens += int((talk > 0).sum())
        now = torch.tensor([main_loss.item(), mtp_loss.item(), right.item(), looking.item()])
        mean = now if mean is None else mean * 0.95 + now * 0.05
        if step % 25 == 0:
            spent = time.time() - start
            loads = torch.stack([l.mlp.load.float() / l.mlp.load.sum() for l in model.layers[1:]])
            print(f"step {step} min {spent / 60:.1f} tokens {tokens / 1e6:.2f}M {tokens / spent:.0f} tok/s rate {rate:.1e} "
                  f"loss {mean[0]:.4f} mtp {mean[1]:.4f} looking {mean[3]:.3f} right {100 * mean[2]:.2f}% experts {loads.min():.3f}-{loads.max():.3f}",
                  flush=True)
        if time.time() - saved > 180:
            torch.save(model.state_dict(), a.out)
            saved = time.time()
    torch.save(model.state_dict(), a.out)
    print(f"done: {step} steps, {tokens} tokens, {tokens / (time.time() - start):.0f} tok/s, loss {mean[0]:.4f}, mtp {mean[1]:.4f}")


if __name__ == "__main__":
    main()
