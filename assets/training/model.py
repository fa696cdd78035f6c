"""A small DeepSeek-V3: latent attention (MLA), sigmoid-routed experts, one multi-token-prediction (MTP) layer.

Parameter names follow the released checkpoints, so export.py only adds the copies that the MTP layer carries there.
B batch, L positions, T cached positions, H heads, E model size, X experts, R latent rank.
"""
import json
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Config:
    vocab_size: int = 2560
    hidden_size: int = 192
    num_hidden_layers: int = 4
    first_k_dense_replace: int = 1
    intermediate_size: int = 384
    moe_intermediate_size: int = 64
    n_routed_experts: int = 8
    num_experts_per_tok: int = 2
    n_shared_experts: int = 1
    routed_scaling_factor: float = 1.0
    num_attention_heads: int = 4
    q_lora_rank: int = 128
    kv_lora_rank: int = 64
    qk_nope_head_dim: int = 32
    qk_rope_head_dim: int = 32
    v_head_dim: int = 48
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-6
    num_nextn_predict_layers: int = 1
    max_position_embeddings: int = 2048

    def save(self, path):
        values = asdict(self)
        values.update(architectures=["DeepseekV3ForCausalLM"], model_type="deepseek_v3", torch_dtype="bfloat16",
                      n_group=1, topk_group=1, topk_method="noaux_tc", scoring_func="sigmoid", norm_topk_prob=True,
                      moe_layer_freq=1, num_key_value_heads=self.num_attention_heads, hidden_act="silu",
                      attention_bias=False, tie_word_embeddings=False, rope_scaling=None, use_cache=True,
                      bos_token_id=0, eos_token_id=1, pad_token_id=4, initializer_range=0.02)
        with open(path, "w") as f:
            json.dump(values, f, indent=2)

    @classmethod
    def load(cls, path):
        with open(path) as f:
            values = json.load(f)
        return cls(**{k: values[k] for k in cls.__dataclass_fields__})


class RMSNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


def rotary_table(dim, length, theta):
    angle = torch.arange(length)[:, None] * theta ** (-torch.arange(0, dim, 2).float() / dim)[None]
    return angle.cos(), angle.sin()


def rotate(x, cos, sin):
    """Interleaved rotary positions: (x0, x1), (x2, x3) ... are the pairs."""
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        h, n, r, v = c.num_attention_heads, c.qk_nope_head_dim, c.qk_rope_head_dim, c.v_head_dim
        self.q_a_proj = linear(c.hidden_size, c.q_lora_rank)
        self.q_a_layernorm = RMSNorm(c.q_lora_rank, c.rms_norm_eps)
        self.q_b_proj = linear(c.q_lora_rank, h * (n + r))
        self.kv_a_proj_with_mqa = linear(c.hidden_size, c.kv_lora_rank + r)
        self.kv_a_layernorm = RMSNorm(c.kv_lora_rank, c.rms_norm_eps)
        self.kv_b_proj = linear(c.kv_lora_rank, h * (n + v))
        self.o_proj = linear(h * v, c.hidden_size)

    def forward(self, x, rope, mask, cache=None):
        c = self.c
        h, n, r, v = c.num_attention_heads, c.qk_nope_head_dim, c.qk_rope_head_dim, c.v_head_dim
        B, L, _ = x.shape
        q = self.q_b_proj(self.q_a_layernorm(self.q_a_proj(x))).view(B, L, h, n + r).transpose(1, 2)  # [B, H, L, n+r]
        latent, k_rope = self.kv_a_proj_with_mqa(x).split([c.kv_lora_rank, r], -1)
        q = torch.cat((q[..., :n], rotate(q[..., n:], *rope)), -1)
        k_rope = rotate(k_rope, *rope)
        latent = self.kv_a_layernorm(latent)
        if cache is not None:
            if "latent" in cache:
                latent = torch.cat((cache["latent"], latent), 1)  # [B, T, R]
                k_rope = torch.cat((cache["k_rope"], k_rope), 1)
            cache["latent"], cache["k_rope"] = latent, k_rope
        T = latent.shape[1]
        kv = self.kv_b_proj(latent).view(B, T, h, n + v).transpose(1, 2)  # [B, H, T, n+v]
        k = torch.cat((kv[..., :n], k_rope[:, None].expand(B, h, T, r)), -1)
        weights = (q @ k.transpose(-1, -2) * (n + r) ** -0.5 + mask).softmax(-1)  # [B, H, L, T]
        self.seen = weights if self.training else None
        return self.o_proj((weights @ kv[..., n:]).transpose(1, 2).reshape(B, L, h * v))  # [B, L, E]


class MLP(nn.Module):
    def __init__(self, c, inner):
        super().__init__()
        self.gate_proj = linear(c.hidden_size, inner)
        self.up_proj = linear(c.hidden_size, inner)
        self.down_proj = linear(inner, c.hidden_size)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Gate(nn.Module):
    """Sigmoid scores; the bias only chooses, it never weighs."""

    def __init__(self, c):
        super().__init__()
        self.c = c
        self.weight = nn.Parameter(torch.randn(c.n_routed_experts, c.hidden_size) * 0.02)
        self.register_buffer("e_score_correction_bias", torch.zeros(c.n_routed_experts))

    def forward(self, x):
        scores = F.linear(x, self.weight).sigmoid()  # [B*L, X]
        chosen = (scores.detach() + self.e_score_correction_bias).topk(self.c.num_experts_per_tok, -1).indices
        weights = scores.gather(-1, chosen)
        return chosen, weights / (weights.sum(-1, keepdim=True) + 1e-20) * self.c.routed_scaling_factor


class MoE(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.gate = Gate(c)
        self.experts = nn.ModuleList(MLP(c, c.moe_intermediate_size) for _ in range(c.n_routed_experts))
        self.shared_experts = MLP(c, c.moe_intermediate_size * c.n_shared_experts)
        self.load = None

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1])  # [B*L, E]
        chosen, weights = self.gate(flat)
        order = chosen.flatten().argsort()
        load = torch.bincount(chosen.flatten(), minlength=self.c.n_routed_experts)
        if self.training:
            self.load = load
        rows = order // self.c.num_experts_per_tok
        parts = flat.index_select(0, rows).split(load.tolist())
        out = torch.cat([e(p) for e, p in zip(self.experts, parts) if len(p)])
        out = out * weights.flatten().index_select(0, order)[:, None]
        return self.shared_experts(flat).index_add(0, rows, out).view_as(x)


class Layer(nn.Module):
    def __init__(self, c, dense):
        super().__init__()
        self.input_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.self_attn = Attention(c)
        self.post_attention_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.mlp = MLP(c, c.intermediate_size) if dense else MoE(c)

    def forward(self, x, rope, mask, cache=None):
        x = x + self.self_attn(self.input_layernorm(x), rope, mask, cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class MTP(Layer):
    """Predicts token i+2 from h_i (after the final norm) and the embedding of token i+1."""

    def __init__(self, c):
        super().__init__(c, dense=False)
        self.enorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.hnorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.eh_proj = linear(2 * c.hidden_size, c.hidden_size)
        self.shared_head = nn.ModuleDict({"norm": RMSNorm(c.hidden_size, c.rms_norm_eps)})

    def predict(self, embedded, hidden, rope, mask, cache=None):
        x = self.eh_proj(torch.cat((self.enorm(embedded), self.hnorm(hidden)), -1))
        return self.shared_head["norm"](Layer.forward(self, x, rope, mask, cache))


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        layers = [Layer(c, i < c.first_k_dense_replace) for i in range(c.num_hidden_layers)]
        self.layers = nn.ModuleList(layers + [MTP(c)])
        self.norm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.lm_head = linear(c.hidden_size, c.vocab_size)
        cos, sin = rotary_table(c.qk_rope_head_dim, c.max_position_embeddings, c.rope_theta)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2 and "gate.weight" not in name:
                std = 0.3 if "embed" in name else 0.6 * p.shape[1] ** -0.5
                if name.endswith(("o_proj.weight", "down_proj.weight")):
                    std /= (2 * c.num_hidden_layers) ** 0.5
                nn.init.normal_(p, std=std)
        # Input and output begin with the same directions: what attention fetches is then already what it means, and
        # copying from the page is learned in minutes.
        self.lm_head.weight.data = self.embed_tokens.weight.data * 0.2

    @property
    def mtp(self):
        return self.layers[-1]

    def rope(self, start, length):
        return self.cos[start:start + length], self.sin[start:start + length]

    def hidden(self, ids, mask, start=0, caches=None):
        """Hidden states after the final norm, [B, L, E]."""
        x = self.embed_tokens(ids)
        rope = self.rope(start, ids.shape[1])
        for i, layer in enumerate(self.layers[:-1]):
            x = layer(x, rope, mask, caches[i] if caches else None)
        return self.norm(x)

    def losses(self, ids, talk, weight, source):
        """Next-token and MTP loss, the loss of looking, and the share of next tokens that were right.

        talk [B, L] tells packed talks apart (0 is padding), weight [B, L] says how much each token's prediction counts,
        source [B, L] is where the page holds the token that comes next, -1 for nowhere. The loss of looking asks one
        head of the first layer to look at the token before, and two heads of the second and one of the MTP layer to
        look at the source: that is how copying works, and shown the way the model finds it in a tenth of the time.
        """
        L = ids.shape[1]
        causal = torch.ones(L, L, dtype=torch.bool).tril()
        seen = causal & (talk[:, :, None] == talk[:, None])
        mask = torch.zeros(ids.shape[0], 1, L, L).masked_fill(~seen[:, None], -1e9)
        h = self.hidden(ids, mask)

        def loss(states, shift):
            w = weight[:, shift:] * (talk[:, shift:] == talk[:, :-shift])
            keep = w > 0
            logits = self.lm_head(states[:, :w.shape[1]][keep])
            target = ids[:, shift:][keep]
            each = F.cross_entropy(logits, target, reduction="none")
            right = (logits.argmax(-1) == target).float().mean()
            return (each * w[keep]).sum() / w.sum(), right

        main, right = loss(h, 1)
        m = self.mtp.predict(self.embed_tokens(ids[:, 1:]), h[:, :-1], self.rope(0, L - 1), mask[..., :-1, :-1])
        before = torch.arange(L).expand_as(ids) - 1
        before = before.masked_fill((talk != talk.roll(1, 1)) | (talk == 0), -1)
        looking = self.looking(0, 0, before) + self.looking(1, 0, source) + self.looking(1, 1, source)
        looking = looking + self.looking(-1, 0, source[:, :-1])
        return main, loss(m, 2)[0], looking, right

    def looking(self, layer, head, where):
        seen = self.layers[layer].self_attn.seen[:, head]  # [B, L, T]
        at = seen.gather(2, where.clamp_min(0)[..., None])[..., 0]
        return -(at[where >= 0] + 1e-6).log().mean()

    def balance(self, step):
        """Balancing without an auxiliary loss, as in DeepSeek-V3: nudge the choosing bias toward idle experts."""
        for layer in self.layers:
            if isinstance(layer.mlp, MoE) and layer.mlp.load is not None:
                load = layer.mlp.load.float()
                layer.mlp.gate.e_score_correction_bias += step * torch.sign(load.mean() - load)
