#!/usr/bin/env python3
"""Writes a small checkpoint with random weights, named and packed as its makers publish theirs. Needs numpy only.

    random_checkpoint.py llama FOLDER [--seed 1] [--dtype BF16] [--fp8] [--wild] [--set hidden_size=96 ...]

deepseek_v3 has a layer that predicts further tokens when `num_nextn_predict_layers` is 1, and FP8 weights with `--fp8`;
gpt_oss has MXFP4 experts, kimi_k2 compressed-tensors' integers. `--wild` draws groups of very different size, zeros
among them: for comparing converters, not logits.
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np

COMMON = {
    "hidden_size": 128, "intermediate_size": 192, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "vocab_size": 320, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
    "max_position_embeddings": 4096, "tie_word_embeddings": False, "torch_dtype": "bfloat16",
}
LATENT = {
    "num_key_value_heads": 4, "q_lora_rank": 128, "kv_lora_rank": 64, "qk_nope_head_dim": 64, "qk_rope_head_dim": 32,
    "v_head_dim": 64, "moe_intermediate_size": 64, "n_routed_experts": 8, "n_shared_experts": 1, "n_group": 4,
    "topk_group": 2, "num_experts_per_tok": 3, "first_k_dense_replace": 1, "moe_layer_freq": 1, "attention_bias": False,
    "routed_scaling_factor": 2.5, "norm_topk_prob": True, "scoring_func": "sigmoid", "topk_method": "noaux_tc",
}  # fmt: skip
YARN = {
    "type": "yarn", "factor": 40.0, "beta_fast": 32, "beta_slow": 1, "mscale": 0.707, "mscale_all_dim": 0.707,
    "original_max_position_embeddings": 64,
}  # fmt: skip
COMPRESSED = {
    "quant_method": "compressed-tensors", "format": "pack-quantized",
    "config_groups": {"group_0": {"weights": {
        "num_bits": 4, "type": "int", "symmetric": True, "strategy": "group", "group_size": 32}}},
}  # fmt: skip
OWN = {
    "llama": {},
    "qwen3": {"head_dim": 32},
    "qwen3_moe": {
        "head_dim": 32, "decoder_sparse_step": 1, "mlp_only_layers": [], "num_experts": 8, "num_experts_per_tok": 2,
        "moe_intermediate_size": 64, "norm_topk_prob": True, "rope_scaling": None},
    "mixtral": {"num_local_experts": 6, "num_experts_per_tok": 2},
    "gpt_oss": {
        "head_dim": 32, "num_local_experts": 6, "num_experts_per_tok": 3, "sliding_window": 8, "attention_bias": True,
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        "quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]},
        "rope_scaling": {
            "rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": True,
            "original_max_position_embeddings": 4096}},
    "deepseek_v2": LATENT | {
        "q_lora_rank": None, "n_group": 1, "topk_group": 1, "scoring_func": "softmax", "topk_method": "greedy",
        "norm_topk_prob": False, "routed_scaling_factor": 1.0, "rope_scaling": YARN},
    "deepseek_v3": LATENT | {"rope_scaling": YARN, "num_nextn_predict_layers": 0},
    "kimi_k2": LATENT | {"rope_scaling": YARN, "quantization_config": COMPRESSED},
}  # fmt: skip


class Checkpoint:
    def __init__(self, config, arguments):
        self.config = config
        self.random = np.random.default_rng(arguments.seed)
        self.dtype = arguments.dtype
        self.fp8 = arguments.fp8
        self.wild = arguments.wild
        self.tensors = {}

    def normal(self, *shape):
        return self.random.standard_normal(shape, dtype=np.float32)

    def put(self, name, dtype, values):
        """Numbers become the type; what is packed already has its own."""
        if dtype == "BF16":
            bits = np.asarray(values, np.float32).view(np.uint32)
            values = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)
        elif dtype in ("F16", "F32"):
            values = np.asarray(values).astype(np.float16 if dtype == "F16" else np.float32)
        self.tensors[name] = (dtype, values.shape, values.tobytes())

    def vector(self, name, size, about=0.0):
        self.put(name, self.dtype, about + 0.1 * self.normal(size))

    def matrix(self, name, rows, columns, packable=True):
        if self.fp8 and packable:
            codes = self.random.integers(0, 256, (rows, columns), np.uint8)
            codes[codes & 0x7F == 0x7F] = 0
            tiles = (-(-rows // 128), -(-columns // 128))
            factors = np.exp(0.3 * self.normal(*tiles)) / (90 * np.sqrt(columns))
            self.put(name + ".weight", "F8_E4M3", codes)
            self.put(name + ".weight_scale_inv", "F32", factors)
            return
        values = self.normal(rows, columns) / np.float32(np.sqrt(columns))
        if self.wild:
            sizes = np.exp(2 * self.normal(rows, -(-columns // 32)))
            sizes[self.random.random(sizes.shape) < 0.05] = 0
            values = values * np.repeat(sizes, 32, axis=1)[:, :columns] + (self.random.random((rows, 1)) < 0.1)
        self.put(name + ".weight", self.dtype, values)

    def integers(self, name, rows, columns):
        """As compressed-tensors packs them: eight codes a word, a scale for 32."""
        words = self.random.integers(0, 1 << 32, (rows, columns // 8), np.uint32)
        self.put(name + ".weight_packed", "I32", words)
        sizes = np.exp(0.3 * self.normal(rows, columns // 32)) / (5 * np.sqrt(columns))
        self.put(name + ".weight_scale", "BF16", sizes)
        self.put(name + ".weight_shape", "I32", np.array([rows, columns], np.int32))

    def blocks(self, name, experts, rows, columns):
        """As gpt-oss packs them: two codes a byte, a power of two for 32."""
        groups = columns // 32
        self.put(name + "_blocks", "U8", self.random.integers(0, 256, (experts, rows, groups, 16), np.uint8))
        self.put(name + "_scales", "U8", self.random.integers(119, 123, (experts, rows, groups), np.uint8))

    def gated(self, at, inner, matrix=None, parts=("gate_proj", "up_proj", "down_proj")):
        hidden = self.config["hidden_size"]
        gate, up, down = parts
        for part, rows, columns in ((gate, inner, hidden), (up, inner, hidden), (down, hidden, inner)):
            (matrix or self.matrix)(at + part, rows, columns)
            if self.config.get("mlp_bias"):
                self.vector(at + part + ".bias", rows)

    def attention(self, at):
        c = self.config
        hidden, heads = c["hidden_size"], c["num_attention_heads"]
        head = c.get("head_dim") or hidden // heads
        keys = c["num_key_value_heads"] * head
        for part, rows, columns in (
            ("q_proj", heads * head, hidden), ("k_proj", keys, hidden), ("v_proj", keys, hidden),
            ("o_proj", hidden, heads * head),
        ):  # fmt: skip
            self.matrix(at + part, rows, columns)
            if c.get("attention_bias"):
                self.vector(at + part + ".bias", rows)
        if c["model_type"].startswith("qwen3"):
            self.vector(at + "q_norm.weight", head, 1)
            self.vector(at + "k_norm.weight", head, 1)
        if c["model_type"] == "gpt_oss":
            self.vector(at + "sinks", heads)

    def latent_attention(self, at):
        c = self.config
        hidden, heads, rank = c["hidden_size"], c["num_attention_heads"], c["kv_lora_rank"]
        key, rope, value = c["qk_nope_head_dim"], c["qk_rope_head_dim"], c["v_head_dim"]
        if c["q_lora_rank"]:
            self.matrix(at + "q_a_proj", c["q_lora_rank"], hidden)
            self.vector(at + "q_a_layernorm.weight", c["q_lora_rank"], 1)
            self.matrix(at + "q_b_proj", heads * (key + rope), c["q_lora_rank"])
        else:
            self.matrix(at + "q_proj", heads * (key + rope), hidden)
        self.matrix(at + "kv_a_proj_with_mqa", rank + rope, hidden)
        self.vector(at + "kv_a_layernorm.weight", rank, 1)
        self.matrix(at + "kv_b_proj", heads * (key + value), rank)
        self.matrix(at + "o_proj", hidden, heads * value)

    def feed_forward(self, at, layer):
        c = self.config
        kind, hidden, inner = c["model_type"], c["hidden_size"], c["intermediate_size"]
        if kind == "mixtral":
            self.matrix(at + "block_sparse_moe.gate", c["num_local_experts"], hidden)
            for expert in range(c["num_local_experts"]):
                self.gated(f"{at}block_sparse_moe.experts.{expert}.", inner, parts=("w1", "w3", "w2"))
        elif kind == "gpt_oss":
            experts = c["num_local_experts"]
            self.matrix(at + "mlp.router", experts, hidden)
            self.vector(at + "mlp.router.bias", experts)
            self.blocks(at + "mlp.experts.gate_up_proj", experts, 2 * inner, hidden)
            self.put(at + "mlp.experts.gate_up_proj_bias", self.dtype, 0.1 * self.normal(experts, 2 * inner))
            self.blocks(at + "mlp.experts.down_proj", experts, hidden, inner)
            self.put(at + "mlp.experts.down_proj_bias", self.dtype, 0.1 * self.normal(experts, hidden))
        elif kind == "qwen3_moe" and layer not in c["mlp_only_layers"]:
            self.matrix(at + "mlp.gate", c["num_experts"], hidden)
            for expert in range(c["num_experts"]):
                self.gated(f"{at}mlp.experts.{expert}.", c["moe_intermediate_size"])
        elif "n_routed_experts" in c and layer >= c["first_k_dense_replace"]:
            self.matrix(at + "mlp.gate", c["n_routed_experts"], hidden, packable=False)
            if kind != "deepseek_v2":
                self.put(at + "mlp.gate.e_score_correction_bias", "F32", 0.05 * self.normal(c["n_routed_experts"]))
            packed = self.integers if kind == "kimi_k2" else None
            for expert in range(c["n_routed_experts"]):
                self.gated(f"{at}mlp.experts.{expert}.", c["moe_intermediate_size"], packed)
            self.gated(at + "mlp.shared_experts.", c["moe_intermediate_size"] * c["n_shared_experts"])
        else:
            self.gated(at + "mlp.", inner)

    def fill(self):
        c = self.config
        hidden, vocabulary, layers = c["hidden_size"], c["vocab_size"], c["num_hidden_layers"]
        self.matrix("model.embed_tokens", vocabulary, hidden, packable=False)
        for layer in range(layers + c.get("num_nextn_predict_layers", 0)):
            at = f"model.layers.{layer}."
            self.vector(at + "input_layernorm.weight", hidden, 1)
            self.vector(at + "post_attention_layernorm.weight", hidden, 1)
            (self.latent_attention if "kv_lora_rank" in c else self.attention)(at + "self_attn.")
            self.feed_forward(at, layer)
            if layer >= layers:
                self.vector(at + "enorm.weight", hidden, 1)
                self.vector(at + "hnorm.weight", hidden, 1)
                self.matrix(at + "eh_proj", hidden, 2 * hidden, packable=False)
                self.vector(at + "shared_head.norm.weight", hidden, 1)
                self.matrix(at + "shared_head.head", vocabulary, hidden, packable=False)
                self.tensors[at + "embed_tokens.weight"] = self.tensors["model.embed_tokens.weight"]
        self.vector("model.norm.weight", hidden, 1)
        if not c.get("tie_word_embeddings"):
            self.matrix("lm_head", vocabulary, hidden, packable=False)

    def write(self, folder):
        folder.mkdir(parents=True)
        header, offset = {"__metadata__": {"format": "pt"}}, 0
        for name, (dtype, shape, content) in self.tensors.items():
            header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(content)]}
            offset += len(content)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with open(folder / "model.safetensors", "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for _, _, content in self.tensors.values():
                file.write(content)
        (folder / "config.json").write_text(json.dumps(self.config, indent=2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("type", choices=OWN)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dtype", choices=["BF16", "F16", "F32"], default="BF16")
    parser.add_argument("--fp8", action="store_true")
    parser.add_argument("--wild", action="store_true")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=JSON", help="KEY= leaves it out")
    arguments = parser.parse_args()
    config = {"model_type": arguments.type} | COMMON | OWN[arguments.type]
    if arguments.fp8:
        config["quantization_config"] = {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}
    for setting in arguments.set:
        key, _, value = setting.partition("=")
        config.pop(key, None)
        if value:
            config[key] = json.loads(value)
    checkpoint = Checkpoint(config, arguments)
    checkpoint.fill()
    checkpoint.write(arguments.folder)


if __name__ == "__main__":
    main()
