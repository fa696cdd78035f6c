"""What the shipped model answers to a few prompts in PyTorch's float32, for comparing the engine with it.

    python3 golden.py ../../../model-manager/src/test/resources/golden/starter-image.safetensors

Tensors: "N.plan" the logits before every step of the plan, "N.cells" those before every twelfth cell, "N.ids" the cells.
"""
import json
import os
import struct
import sys

import numpy
import torch

from lexicon import FORMS, ID, TOKENS, parse, steps
from model import BOUNDS, Painter
from lexicon import FIELDS

PROMPTS = ["three red hearts and a blue star on transparent background, with the word HELLO",
           "五个空心的紫色六边形和两朵大的#12b886花，灰色背景"]
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../src/main/resources/studio/atelier/assets/starter-image")
RANGES = dict(zip(FIELDS, BOUNDS))
SAID = {"<head>": ("slot", "layout", "where"), "word": ("slot", "count"), "<place>": ("columns", "rows", "size", "total")}
GROUP, THING = ("slot", "relative", "count", "total"), ("slot", "size", "row", "column", "left")
CELL = ("slot", "size", "down", "across")


def weights(path):
    with open(path, "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        header = json.loads(f.read(size))
        data = f.read()
    out = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, end = entry["data_offsets"]
            bits = numpy.frombuffer(data[first:end], numpy.uint16).astype(numpy.uint32) << 16
            out[name] = torch.from_numpy(bits.view(numpy.float32).reshape(entry["shape"]).copy())
    return out


@torch.no_grad()
def answer(net, text):
    words, unknown = parse(text, [])
    assert not unknown
    form = "1:1"
    given = [["<begin>", "g:prompt", "f:" + form]] + steps(words) + [["<draw>", "g:prompt"]]
    caches, at = [[] for _ in net.model.layers], 0
    table = net.model.embed_tokens.weight

    def read(rows):
        nonlocal at
        width = max(map(len, rows))
        ids = torch.tensor([[ID[t] for t in r] + [-1] * (width - len(r)) for r in rows])[None]
        hidden = net.hidden(ids, caches, at)
        at += len(rows)
        return (hidden[0, -1] @ table.t()).numpy()

    def best(logits, field):
        first, end = RANGES[field]
        return TOKENS[first + int(logits[first:end].argmax())]

    logits, plan, spot, placed, things = read(given), [], None, False, 0
    while True:
        plan.append(logits)
        kind = best(logits, "kind")
        if kind == "<cells>":
            break
        shape = kind not in SAID and not kind.startswith("l:")
        step = [kind] + [best(logits, f) for f in SAID.get(kind, THING if placed else GROUP)]
        placed = placed or kind == "<place>"
        if shape:
            things += -1 if placed else int(step[3][1:])
        own = spot
        if placed and things > 0:
            spot = best(logits, "spot")
            step.append(spot)
        if shape and placed:
            step.append("w" + own[1:])
        logits = read([step + ["g:plan"]])
    columns, rows = FORMS[form]
    step, cells, ids = ["<cells>"], [], []
    for i in range(columns * rows):
        logits = read([step + ["g:cell", "y%d" % (i // columns), "x%d" % (i % columns)]])
        if i % columns == 0:
            cells.append(logits)
        step = [best(logits, "kind")]
        if step[0] != "empty":
            step += [best(logits, f) for f in CELL]
            step.append(best(logits, "kind-under"))
            if step[-1] != "u:empty":
                step += [best(logits, f + "-under") for f in CELL]
        ids += [ID[t] for t in step]
    return numpy.stack(plan), numpy.stack(cells), numpy.array(ids, numpy.int32)


def main():
    net = Painter(kind=torch.float32)
    net.load_state_dict(weights(os.path.join(FOLDER, "model.safetensors")))
    header, blobs, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for i, text in enumerate(PROMPTS):
        for name, array in zip(("plan", "cells", "ids"), answer(net, text)):
            kind = "I32" if array.dtype == numpy.int32 else "F32"
            data = array.astype("<i4" if kind == "I32" else "<f4").tobytes()
            header["%d.%s" % (i, name)] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + len(data)]}
            offset += len(data)
            blobs.append(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
    with open(sys.argv[1], "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        f.writelines(blobs)


if __name__ == "__main__":
    main()
