"""State of a training -> a model's folder: bfloat16 safetensors, config.json and lexicon.json with the letters' outlines.

    python3 export.py out/state.pt ../../src/main/resources/studio/atelier/assets/starter-image
"""
import json
import os
import struct
import sys

import torch

from glyphs import outlines
from lexicon import LETTERS, as_json
from model import CONFIG, Painter

HERE = os.path.dirname(os.path.abspath(__file__))
FONT = os.path.join(HERE, "../../src/main/resources/studio/atelier/assets/fonts/Inter-SemiBold.ttf")


def save(path, named):
    header, offset, blobs = {"__metadata__": {"format": "pt"}}, 0, []
    for name, p in named:
        data = p.detach().contiguous().bfloat16().view(torch.int16).numpy().tobytes()
        header[name] = {"dtype": "BF16", "shape": list(p.shape), "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        blobs.append(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        f.writelines(blobs)
    return offset


def main():
    state, folder = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    net = Painter()
    net.load_state_dict(torch.load(state)["average"])
    size = save(os.path.join(folder, "model.safetensors"), sorted(net.state_dict().items()))
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump({"architectures": ["Mosaic"], "model_type": "mosaic", "tie_word_embeddings": True, "torch_dtype": "bfloat16",
                   "num_key_value_heads": CONFIG["num_attention_heads"], **CONFIG}, f, indent=1)
    with open(os.path.join(folder, "lexicon.json"), "w") as f:
        json.dump({**as_json(), "outlines": outlines(FONT, LETTERS)}, f, ensure_ascii=False, separators=(",", ":"))
    print("%.2f M parameters, %.1f MB in %s" % (sum(p.numel() for p in net.parameters()) / 1e6, size / 1e6, folder))


if __name__ == "__main__":
    main()
