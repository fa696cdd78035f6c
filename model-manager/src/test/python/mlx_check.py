#!/usr/bin/env python3
"""Holds a folder that `studio quantize` wrote against mlx-lm itself (`pip install mlx-lm`).

    mlx_check.py same SOURCE MADE               is MADE, byte for byte, what mlx-lm's converter makes of SOURCE?
    mlx_check.py load MADE --tokens 1,2,3       does mlx-lm load MADE, every tensor of it, and compute with it?
                          [--logits FILE]       as `studio logits MADE --tokens 1,2,3 --greedy 16 --out FILE` did?

`same` takes bits, group and mode from MADE's config.json. mlx-lm's own rules say which modules become an exception;
with `--as-made` the exceptions in MADE's config.json do, for recipes that mlx-lm doesn't have.

Layers that predict further tokens are compared with nothing: mlx-lm drops them, and can't read a source that has one
under another number than 61, so it is given a copy without. Everything runs on the processor: MLX's Metal kernels round
ties another way. No tokenizer is needed.
"""

import argparse
import contextlib
import json
import struct
import sys
import tempfile
from pathlib import Path
from unittest import mock

import mlx.core as mx
import mlx_lm.convert  # noqa: F401, for the module behind the function of the same name
import mlx_lm.utils
from mlx.utils import tree_map
from mlx_lm.models.cache import make_prompt_cache

CONVERTER = sys.modules["mlx_lm.convert"]
SHOWN = 10


def tensors(folder):
    """Of each tensor: type, shape and bytes, as they lie in the folder's files."""
    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        content = file.read_bytes()
        (length,) = struct.unpack("<Q", content[:8])
        for name, entry in json.loads(content[8 : 8 + length]).items():
            if name != "__metadata__":
                begin, end = (8 + length + offset for offset in entry["data_offsets"])
                found[name] = (entry["dtype"], entry["shape"], content[begin:end])
    return found


def predicts(name, config):
    """Whether a tensor belongs to a layer behind the last one."""
    parts = name.split(".")
    return parts[:2] == ["model", "layers"] and int(parts[2]) >= config["num_hidden_layers"]


def readable(source, scratch):
    """The source, without the layers that mlx-lm can't read."""
    config = json.loads((source / "config.json").read_text())
    weights = {}
    for file in sorted(source.glob("*.safetensors")):
        weights.update(mx.load(str(file)))
    kept = {name: weight for name, weight in weights.items() if not predicts(name, config)}
    if len(kept) == len(weights):
        return source
    copy = scratch / "source"
    copy.mkdir()
    for text in source.glob("*.json"):
        if not text.name.endswith(".index.json"):
            (copy / text.name).write_bytes(text.read_bytes())
    mx.save_safetensors(str(copy / "model.safetensors"), kept, metadata={"format": "pt"})
    return copy


class NoTokenizer:
    """Stands where mlx-lm's converter copies the tokenizer."""

    def save_pretrained(self, folder):
        pass


def load_without_tokenizer(folder, **options):
    model, config = mlx_lm.utils.load_model(Path(folder), lazy=options.get("lazy", False))
    return model, NoTokenizer(), config


def convert(source, target, quantization, exceptions):
    """mlx-lm's converter; only the tokenizer and the card that describes the model on the hub are left out."""
    with (
        mock.patch.object(CONVERTER, "load", load_without_tokenizer),
        mock.patch.object(mlx_lm.utils, "create_model_card"),
        contextlib.redirect_stdout(sys.stderr),
    ):
        CONVERTER.convert(
            str(source),
            str(target),
            quantize=True,
            q_bits=quantization["bits"],
            q_group_size=quantization["group_size"],
            q_mode=quantization["mode"],
            quant_predicate=(lambda path, _: exceptions.get(path, True)) if exceptions is not None else None,
        )


def same(source, made, as_made):
    config = mlx_lm.utils.load_config(made)
    quantization = config["quantization"]
    published = json.loads((source / "config.json").read_text()).get("quantization_config", {})
    packed = published.get("quant_method") in ("mxfp4", "compressed-tensors")
    exceptions = {path: way for path, way in quantization.items() if isinstance(way, dict)}
    # What was published packed stays so; all else is an exception then, most of it in the same way.
    ways = [way for path, way in exceptions.items() if not path.endswith(("gate", "router"))]
    rest = max(ways, key=ways.count) if packed and ways else quantization
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "made"
        convert(readable(source, Path(scratch)), target, rest, exceptions if as_made else None)
        expected, got = tensors(target), tensors(made)
        theirs = mlx_lm.utils.load_config(target)
    more = sorted(name for name in got.keys() - expected.keys() if not predicts(name, config))
    missing = sorted(expected.keys() - got.keys())
    differ = sorted(name for name in expected.keys() & got.keys() if expected[name] != got[name])
    for key in ("quantization", "quantization_config"):
        config[key] = {path: way for path, way in config[key].items() if not predicts(path, config)}
    keys = sorted(key for key in theirs.keys() | config.keys() if theirs.get(key) != config.get(key))
    for what, names in (("only here", more), ("missing", missing), ("differ", differ), ("config.json: differ", keys)):
        if names:
            print(f"  {what}: {len(names)}: {', '.join(names[:SHOWN])}")
    for name in differ[:SHOWN]:
        print(f"  {name}: mlx-lm {expected[name][:2]}, here {got[name][:2]}")
    for key in keys:
        print(f"  {key}: mlx-lm {theirs.get(key)}, here {config.get(key)}")
    equal = len(expected) - len(missing) - len(differ)
    further = len(got) - len(more) - len(expected) + len(missing)
    print(f"{made}: {equal} of {len(expected)} tensors are mlx-lm's, {further} of layers that it drops")
    return not (more or missing or differ or keys)


def wide(model):
    """The same weights, computed with in float32: on a processor MLX has no other type for every operation."""

    def widen(parameter):
        return parameter.astype(mx.float32) if mx.issubdtype(parameter.dtype, mx.floating) else parameter

    model.update(tree_map(widen, model.parameters()))
    return model


def load(made, tokens, file, tolerance):
    model, _ = mlx_lm.utils.load_model(made, strict=True)
    logits = wide(model)(mx.array([tokens]))[0]
    finite = bool(mx.all(mx.isfinite(logits)).item())
    print(f"{made}: mlx-lm loads it; logits of {len(tokens)} tokens {'are' if finite else 'ARE NOT'} finite")
    if file is None:
        return finite
    said = mx.load(str(file))
    off = mx.max(mx.abs(logits - said["logits"])).item()
    greedy = said["greedy_tokens"].tolist()
    cache, chosen, fed = make_prompt_cache(model), [], tokens
    for _ in greedy:
        chosen.append(mx.argmax(model(mx.array([fed]), cache=cache)[0, -1]).item())
        fed = chosen[-1:]
    spread = mx.std(logits).item()
    print(f"  they differ by at most {off:.1e} from {file} (allowed {tolerance:.0e}, spread {spread:.1f})")
    likeliest = "are the same" if chosen == greedy else f"DIFFER: {greedy}, mlx-lm {chosen}"
    print(f"  the {len(greedy)} likeliest tokens {likeliest}")
    return finite and off <= tolerance and chosen == greedy


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("same")
    command.add_argument("source", type=Path)
    command.add_argument("made", type=Path)
    command.add_argument("--as-made", action="store_true")
    command = commands.add_parser("load")
    command.add_argument("made", type=Path)
    command.add_argument("--tokens", required=True, type=lambda text: [int(number) for number in text.split(",")])
    command.add_argument("--logits", type=Path)
    command.add_argument("--tolerance", type=float, default=3e-4)
    arguments = parser.parse_args()
    mx.set_default_device(mx.cpu)
    if arguments.command == "same":
        good = same(arguments.source, arguments.made, arguments.as_made)
    else:
        good = load(arguments.made, arguments.tokens, arguments.logits, arguments.tolerance)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
