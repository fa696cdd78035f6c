"""out/model.pt -> out/export, a Hugging Face folder in BF16 with the names of the DeepSeek-V3 checkpoints; the layer after
the last holds the MTP tensors with its copies of embedding and head."""
import json
import os
import shutil
import struct
import sys

import torch

import pages
from model import Config, Model

FOLDER = os.path.join(pages.OUT, "export")


def tensors(model):
    n = model.c.num_hidden_layers
    for name, p in model.state_dict().items():
        yield (name if name.startswith("lm_head") else "model." + name), p
    yield f"model.layers.{n}.embed_tokens.weight", model.embed_tokens.weight
    yield f"model.layers.{n}.shared_head.head.weight", model.lm_head.weight


def save(path, named):
    header, offset, blobs = {"__metadata__": {"format": "pt"}}, 0, []
    for name, p in named:
        exact = name.endswith("e_score_correction_bias")
        p = p.detach().contiguous()
        data = p.float().numpy().tobytes() if exact else p.bfloat16().view(torch.int16).numpy().tobytes()
        header[name] = {"dtype": "F32" if exact else "BF16", "shape": list(p.shape),
                        "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        blobs.append(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        f.writelines(blobs)
    return offset


if __name__ == "__main__":
    source = sys.argv[1] if len(sys.argv) > 1 else os.path.join(pages.OUT, "model.pt")
    os.makedirs(FOLDER, exist_ok=True)
    config = Config.load(os.path.join(pages.OUT, "config.json"))
    model = Model(config)
    model.load_state_dict(torch.load(source))
    config.save(os.path.join(FOLDER, "config.json"))
    size = save(os.path.join(FOLDER, "model.safetensors"), sorted(tensors(model)))
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(os.path.join(pages.OUT, name), FOLDER)
    with open(os.path.join(FOLDER, "generation_config.json"), "w") as f:
        json.dump({"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 4, "do_sample": False, "max_new_tokens": 512}, f, indent=1)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {size / 1e6:.1f} MB in {FOLDER}")
