"""The starter image model: a small Llama over steps, with the tensor names of Hugging Face.

A step is a sum of token embeddings. What comes next is read off the same embeddings, field by field. The products are
bfloat16, the numbers that are learned float32.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from lexicon import FIELDS, TOKENS

CONFIG = {"hidden_size": 160, "num_hidden_layers": 5, "num_attention_heads": 5, "intermediate_size": 448,
          "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "max_position_embeddings": 384, "vocab_size": len(TOKENS)}
WRITTEN = sum(len(names) for names in FIELDS.values())
BOUNDS = []
for names in FIELDS.values():
    BOUNDS.append((BOUNDS[-1][1] if BOUNDS else 0, (BOUNDS[-1][1] if BOUNDS else 0) + len(names)))


def product(x, weight):
    return F.linear(x, weight.to(x.dtype))


class Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + CONFIG["rms_norm_eps"]) * self.weight


def rotations(length, size):
    frequencies = CONFIG["rope_theta"] ** (-torch.arange(0, size, 2) / size)
    angles = torch.arange(length)[:, None] * frequencies
    return angles.cos(), angles.sin()


def turned(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def weight(rows, columns):
    holder = nn.Module()
    holder.weight = nn.Parameter(torch.randn(rows, columns) * .02)
    return holder


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, inner = c["hidden_size"], c["intermediate_size"]
        self.heads = c["num_attention_heads"]
        self.input_layernorm = Norm(width)
        self.self_attn = nn.ModuleDict({n: weight(width, width) for n in ("q_proj", "k_proj", "v_proj", "o_proj")})
        self.post_attention_layernorm = Norm(width)
        self.mlp = nn.ModuleDict({"gate_proj": weight(inner, width), "up_proj": weight(inner, width),
                                  "down_proj": weight(width, inner)})

    def forward(self, x, cos, sin, mask, cache, kind):
        batch, length, width = x.shape
        y = self.input_layernorm(x).to(kind)
        q, k, v = (product(y, self.self_attn[n].weight).view(batch, length, self.heads, -1).transpose(1, 2)
                   for n in ("q_proj", "k_proj", "v_proj"))
        q, k = turned(q, cos, sin), turned(k, cos, sin)
        if cache is not None:
            if cache:
                k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
            cache[:] = [k, v]
        scores = (q @ k.transpose(-2, -1)).float() * (width // self.heads) ** -.5
        if mask is not None:
            scores = scores + mask
        seen = (scores.softmax(-1).to(kind) @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + product(seen, self.self_attn["o_proj"].weight).float()
        y = self.post_attention_layernorm(x).to(kind)
        inner = F.silu(product(y, self.mlp["gate_proj"].weight)) * product(y, self.mlp["up_proj"].weight)
        return x + product(inner, self.mlp["down_proj"].weight).float()


class Body(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = weight(c["vocab_size"], c["hidden_size"])
        self.layers = nn.ModuleList(Layer(c) for _ in range(c["num_hidden_layers"]))
        self.norm = Norm(c["hidden_size"])


class Painter(nn.Module):
    def __init__(self, c=CONFIG, kind=torch.bfloat16):
        super().__init__()
        self.kind = kind
        self.model = Body(c)
        length = c["max_position_embeddings"]
        cos, sin = rotations(length, c["hidden_size"] // c["num_attention_heads"])
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.register_buffer("causal", torch.full((length, length), -1e9).triu(1), persistent=False)

    def hidden(self, ids, caches=None, first=0):
        """ids [B, T, K], -1 for nothing. Returns [B, T, E] in float32."""
        batch, length, _ = ids.shape
        vocabulary = self.model.embed_tokens.weight.shape[0]
        said = torch.zeros(batch * length, vocabulary + 1, dtype=self.kind)
        said.scatter_(1, ids.reshape(batch * length, -1) % (vocabulary + 1), 1)
        x = product(said[:, :vocabulary], self.model.embed_tokens.weight.t()).float().view(batch, length, -1)
        mask = self.causal[:length, :length] if length > 1 else None
        cos, sin = (t[first:first + length].to(self.kind) for t in (self.cos, self.sin))
        for i, layer in enumerate(self.model.layers):
            x = layer(x, cos, sin, mask, None if caches is None else caches[i], self.kind)
        return self.model.norm(x)

    def logits(self, hidden):
        """Of all tokens that can be written."""
        return product(hidden.to(self.kind), self.model.embed_tokens.weight[:WRITTEN]).float()
