"""An independent float64 reference for the architectures that no other reference data covers.

    python3 reference.py make TARGET          writes random checkpoints of llama, qwen3, mixtral, gpt_oss under TARGET,
                                              each with its reference outputs
    python3 reference.py expect FOLDER FILE   writes the reference outputs of one folder, Hugging Face or MLX

Needs numpy only. Written from the papers and model cards, without a look at the engine; see README.md here.
"""

import json
import os
import struct
import sys

import numpy as np

PROMPT_TOKENS, GREEDY_TOKENS = 24, 16


# ---- safetensors ----

def bf16_to_f64(raw):
    return (raw.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def to_bf16(values):
    bits = np.asarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def read_safetensors(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        data = file.read()
    types = {"F32": np.float32, "F16": np.float16, "BF16": np.uint16, "U32": np.uint32, "U8": np.uint8, "I32": np.int32}
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        raw = np.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
        if entry["dtype"] == "BF16":
            raw = bf16_to_f64(raw)
        tensors[name] = raw.astype(np.float64) if entry["dtype"] in ("F32", "F16") else raw
    return tensors


def write_safetensors(path, tensors):
    """tensors: name -> (dtype, array of the stored type)."""
    header, offset = {}, 0
    for name, (dtype, array) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


# ---- quantized weights ----

FP4 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])


def unpack(words, bits, columns):
    """A row is one little-endian stream of bits, lowest first."""
    stream = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=-1, bitorder="little")
    stream = stream[..., : columns * bits].reshape(*stream.shape[:-1], columns, bits)
    return (stream.astype(np.int64) << np.arange(bits)).sum(-1)


def dequantize(words, scales, biases, bits, group, mode):
    columns = scales.shape[-1] * group
    codes = unpack(words, bits, columns)
    codes = codes.reshape(*codes.shape[:-1], -1, group)
    if mode == "mxfp4":
        value = FP4[codes] * (2.0 ** (scales.astype(np.float64) - 127))[..., None]
    else:
        value = codes * scales[..., None] + biases[..., None]
    return value.reshape(*words.shape[:-1], columns)


class Weights:
    """Tensors by name; quantized modules are decoded when asked for."""

    def __init__(self, folder):
        self.config = json.load(open(os.path.join(folder, "config.json")))
        self.raw = {}
        for name in sorted(os.listdir(folder)):
            if name.endswith(".safetensors"):
                self.raw.update(read_safetensors(os.path.join(folder, name)))

    def has(self, name):
        return name in self.raw

    def vector(self, name):
        return self.raw[name]

    def matrix(self, module):
        weight = self.raw[module + ".weight"]
        if module + ".scales" not in self.raw:
            return weight
        rule = self.config["quantization"]
        rule = {**{"mode": "affine"}, **rule.get(module, {k: v for k, v in rule.items() if not isinstance(v, dict)})}
        biases = self.raw.get(module + ".biases")
        return dequantize(weight, self.raw[module + ".scales"], biases, rule["bits"], rule["group_size"], rule["mode"])

    def linear(self, module, x):
        y = x @ self.matrix(module).T
        return y + self.raw[module + ".bias"] if module + ".bias" in self.raw else y

    def mxfp4_blocks(self, name):
        blocks, scales = self.raw[name + "_blocks"], self.raw[name + "_scales"]
        codes = np.stack([blocks & 15, blocks >> 4], -1).reshape(*blocks.shape[:-1], 32)
        return (FP4[codes] * (2.0 ** (scales.astype(np.float64) - 127))[..., None]).reshape(*blocks.shape[:-2], -1)


# ---- layers ----

def rms_norm(x, weight, eps):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weight


def silu(x):
    return x / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def frequencies(config, size):
    """Inverse frequencies and the factor on cosine and sine."""
    theta = config.get("rope_theta", 10000.0)
    inverse = theta ** (-np.arange(0, size, 2) / size)
    scaling = config.get("rope_scaling")
    if not scaling or config["model_type"] == "qwen3_moe":
        return inverse, 1.0
    kind = scaling.get("rope_type", scaling.get("type"))
    if kind == "linear":
        return inverse / scaling["factor"], 1.0
    original = scaling["original_max_position_embeddings"]
    if kind == "llama3":
        wave = 2 * np.pi / inverse
        low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
        smooth = np.clip((original / wave - low) / (high - low), 0, 1)
        return inverse / scaling["factor"] * (1 - smooth) + inverse * smooth, 1.0
    assert kind == "yarn"
    def pair(rotations):
        return size * np.log(original / (rotations * 2 * np.pi)) / (2 * np.log(theta))
    low, high = pair(scaling["beta_fast"]), pair(scaling["beta_slow"])
    if scaling.get("truncate", True):
        low, high = np.floor(low), np.ceil(high)
    low, high = max(low, 0), min(high, size - 1)
    ramp = np.clip((np.arange(size // 2) - low) / max(high - low, 0.001), 0, 1)
    return inverse / scaling["factor"] * ramp + inverse * (1 - ramp), 0.1 * np.log(scaling["factor"]) + 1


def rotate(x, inverse, magnitude):
    """x [L, H, D], halves."""
    angle = np.arange(x.shape[0])[:, None] * inverse
    cos, sin = np.cos(angle)[:, None] * magnitude, np.sin(angle)[:, None] * magnitude
    a, b = np.split(x, 2, -1)
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def attention(w, at, x, config, window):
    heads, keys = config["num_attention_heads"], config["num_key_value_heads"]
    size = config.get("head_dim") or config["hidden_size"] // heads
    count = x.shape[0]
    q = w.linear(at + ".q_proj", x).reshape(count, heads, size)
    k = w.linear(at + ".k_proj", x).reshape(count, keys, size)
    v = w.linear(at + ".v_proj", x).reshape(count, keys, size)
    if w.has(at + ".q_norm.weight"):
        q = rms_norm(q, w.vector(at + ".q_norm.weight"), config["rms_norm_eps"])
        k = rms_norm(k, w.vector(at + ".k_norm.weight"), config["rms_norm_eps"])
    inverse, magnitude = frequencies(config, size)
    q, k = rotate(q, inverse, magnitude), rotate(k, inverse, magnitude)
    k, v = np.repeat(k, heads // keys, 1), np.repeat(v, heads // keys, 1)
    scores = np.einsum("lhd,thd->hlt", q, k) / np.sqrt(size)
    line, column = np.arange(count)[:, None], np.arange(count)[None]
    hidden = (column > line) | (line - column >= window if window else False)
    scores = np.where(hidden, -np.inf, scores)
    if w.has(at + ".sinks"):
        sink = np.broadcast_to(w.vector(at + ".sinks")[:, None, None], (heads, count, 1))
        shares = softmax(np.concatenate([scores, sink], -1))[..., :-1]
    else:
        shares = softmax(scores)
    return w.linear(at + ".o_proj", np.einsum("hlt,thd->lhd", shares, v).reshape(count, -1))


def swiglu(w, at, x):
    return w.linear(at + ".down_proj", silu(w.linear(at + ".gate_proj", x)) * w.linear(at + ".up_proj", x))


def choose(logits, count):
    order = np.argsort(-logits, -1, kind="stable")[:, :count]
    return order, softmax(np.take_along_axis(logits, order, -1))


def mixtral_experts(w, at, x, config):
    chosen, shares = choose(w.linear(at + ".gate", x), config["num_experts_per_tok"])
    if w.has(at + ".switch_mlp.gate_proj.weight"):
        gate, up, down = (w.matrix(at + ".switch_mlp." + n) for n in ("gate_proj", "up_proj", "down_proj"))
    else:
        gate, up, down = (
            np.stack([w.matrix(f"{at}.experts.{e}.{n}") for e in range(config["num_local_experts"])])
            for n in ("w1", "w3", "w2"))
    y = np.zeros_like(x)
    for row in range(x.shape[0]):
        for e, share in zip(chosen[row], shares[row]):
            y[row] += share * (down[e] @ (silu(gate[e] @ x[row]) * (up[e] @ x[row])))
    return y


def gpt_oss_experts(w, at, x, config):
    chosen, shares = choose(w.linear(at + ".router", x), config["num_experts_per_tok"])
    at += ".experts"
    if w.has(at + ".gate_up_proj_blocks"):
        both, both_bias = w.mxfp4_blocks(at + ".gate_up_proj"), w.vector(at + ".gate_up_proj_bias")
        gate, up = both[:, 0::2], both[:, 1::2]
        gate_bias, up_bias = both_bias[:, 0::2], both_bias[:, 1::2]
        down, down_bias = w.mxfp4_blocks(at + ".down_proj"), w.vector(at + ".down_proj_bias")
    else:
        gate, up, down = (w.matrix(at + "." + n) for n in ("gate_proj", "up_proj", "down_proj"))
        gate_bias, up_bias, down_bias = (
            w.vector(at + "." + n + ".bias") for n in ("gate_proj", "up_proj", "down_proj"))
    y = np.zeros_like(x)
    for row in range(x.shape[0]):
        for e, share in zip(chosen[row], shares[row]):
            g = np.minimum(gate[e] @ x[row] + gate_bias[e], 7)
            u = np.clip(up[e] @ x[row] + up_bias[e], -7, 7)
            y[row] += share * (down[e] @ (g / (1 + np.exp(-1.702 * g)) * (u + 1)) + down_bias[e])
    return y


def forward(w, tokens):
    config = w.config
    kind, eps = config["model_type"], config["rms_norm_eps"]
    embedding = w.matrix("model.embed_tokens")
    x = embedding[tokens]
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        window = config["sliding_window"] if kind == "gpt_oss" and layer % 2 == 0 else None
        h = rms_norm(x, w.vector(at + ".input_layernorm.weight"), eps)
        x = x + attention(w, at + ".self_attn", h, config, window)
        h = rms_norm(x, w.vector(at + ".post_attention_layernorm.weight"), eps)
        if kind == "mixtral":
            x = x + mixtral_experts(w, at + ".block_sparse_moe", h, config)
        elif kind == "gpt_oss":
            x = x + gpt_oss_experts(w, at + ".mlp", h, config)
        else:
            x = x + swiglu(w, at + ".mlp", h)
    x = rms_norm(x, w.vector("model.norm.weight"), eps)
    head = embedding if config.get("tie_word_embeddings") else w.matrix("lm_head")
    return x @ head.T


def expect(folder, file):
    w = Weights(folder)
    tokens = list(np.random.default_rng(5).integers(2, w.config["vocab_size"], PROMPT_TOKENS))
    logits = forward(w, tokens)
    greedy, gaps, last = [], [], logits[-1]
    for _ in range(GREEDY_TOKENS):
        top = np.sort(last)[-2:]
        gaps.append(top[1] - top[0])
        greedy.append(int(last.argmax()))
        last = forward(w, tokens + greedy)[-1]
    write_safetensors(file, {
        "tokens": ("I32", np.array(tokens, np.int32)),
        "logits": ("F32", logits.astype(np.float32)),
        "greedy_tokens": ("I32", np.array(greedy, np.int32)),
    })
    print(f"{folder}: logits std {logits.std():.2f}, smallest greedy gap {min(gaps):.4f}")


# ---- random checkpoints ----

BASE = dict(hidden_size=64, intermediate_size=128, num_attention_heads=4, num_key_value_heads=2, num_hidden_layers=2,
            vocab_size=320, rms_norm_eps=1e-5, max_position_embeddings=8192, bos_token_id=0, eos_token_id=1)

MODELS = {
    "llama": ("BF16", 11, dict(BASE, model_type="llama", rope_theta=500000.0, tie_word_embeddings=False, rope_scaling=dict(
        rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=64))),
    "qwen3": ("F16", 12, dict(BASE, model_type="qwen3", head_dim=32, rope_theta=1000000.0, rms_norm_eps=1e-6,
        tie_word_embeddings=True, attention_bias=False)),
    "mixtral": ("F16", 13, dict(BASE, model_type="mixtral", num_local_experts=6, num_experts_per_tok=2,
        rope_theta=1000000.0, tie_word_embeddings=False)),
    "gpt_oss": ("BF16", 14, dict(BASE, model_type="gpt_oss", head_dim=32, num_local_experts=6, num_experts_per_tok=3,
        num_hidden_layers=3, sliding_window=8, rope_theta=150000.0, tie_word_embeddings=False,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"], attention_bias=True,
        rope_scaling=dict(rope_type="yarn", factor=32.0, beta_fast=32.0, beta_slow=1.0, truncate=False,
            original_max_position_embeddings=4096))),
}


def shapes(c):
    e, inner = c["hidden_size"], c["intermediate_size"]
    heads, keys = c["num_attention_heads"], c["num_key_value_heads"]
    size = c.get("head_dim") or e // heads
    yield "model.embed_tokens.weight", (c["vocab_size"], e)
    for layer in range(c["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        yield at + ".input_layernorm.weight", (e,)
        yield at + ".post_attention_layernorm.weight", (e,)
        for name, shape in (("q", (heads * size, e)), ("k", (keys * size, e)), ("v", (keys * size, e)),
                            ("o", (e, heads * size))):
            yield f"{at}.self_attn.{name}_proj.weight", shape
            if c.get("attention_bias"):
                yield f"{at}.self_attn.{name}_proj.bias", shape[:1]
        if c["model_type"] == "qwen3":
            yield at + ".self_attn.q_norm.weight", (size,)
            yield at + ".self_attn.k_norm.weight", (size,)
        if c["model_type"] == "mixtral":
            moe = at + ".block_sparse_moe"
            yield moe + ".gate.weight", (c["num_local_experts"], e)
            for expert in range(c["num_local_experts"]):
                yield f"{moe}.experts.{expert}.w1.weight", (inner, e)
                yield f"{moe}.experts.{expert}.w2.weight", (e, inner)
                yield f"{moe}.experts.{expert}.w3.weight", (inner, e)
        elif c["model_type"] == "gpt_oss":
            count = c["num_local_experts"]
            yield at + ".self_attn.sinks", (heads,)
            yield at + ".mlp.router.weight", (count, e)
            yield at + ".mlp.router.bias", (count,)
            yield at + ".mlp.experts.gate_up_proj_blocks", (count, 2 * inner, e // 32, 16)
            yield at + ".mlp.experts.gate_up_proj_scales", (count, 2 * inner, e // 32)
            yield at + ".mlp.experts.gate_up_proj_bias", (count, 2 * inner)
            yield at + ".mlp.experts.down_proj_blocks", (count, e, inner // 32, 16)
            yield at + ".mlp.experts.down_proj_scales", (count, e, inner // 32)
            yield at + ".mlp.experts.down_proj_bias", (count, e)
        else:
            yield at + ".mlp.gate_proj.weight", (inner, e)
            yield at + ".mlp.up_proj.weight", (inner, e)
            yield at + ".mlp.down_proj.weight", (e, inner)
    yield "model.norm.weight", (e,)
    if not c["tie_word_embeddings"]:
        yield "lm_head.weight", (c["vocab_size"], e)


def make(target):
    for name, (dtype, seed, config) in MODELS.items():
        random = np.random.default_rng(seed)
        folder = os.path.join(target, name, "hf")
        os.makedirs(folder, exist_ok=True)
        tensors = {}
        for tensor, shape in shapes(config):
            if tensor.endswith("_blocks"):
                tensors[tensor] = ("U8", random.integers(0, 256, shape, np.uint8))
            elif tensor.endswith("_scales"):
                tensors[tensor] = ("U8", random.integers(121, 125, shape).astype(np.uint8))
            else:
                if "norm" in tensor:
                    values = 1 + 0.2 * random.standard_normal(shape)
                elif len(shape) == 1 or tensor.endswith("bias") or tensor.endswith("sinks"):
                    values = 0.5 * random.standard_normal(shape)
                else:
                    values = random.standard_normal(shape) * (1.5 if "embed" in tensor else 2 / np.sqrt(shape[-1]))
                tensors[tensor] = (dtype, values.astype(np.float16) if dtype == "F16" else to_bf16(values))
        write_safetensors(os.path.join(folder, "model.safetensors"), tensors)
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(config, file, indent=1)
        expect(folder, os.path.join(target, name, "golden.safetensors"))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "make":
        make(sys.argv[2])
    elif len(sys.argv) == 4 and sys.argv[1] == "expect":
        expect(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)
