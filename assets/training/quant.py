"""MLX's affine quantization (4 bits, groups of 64), simulated: the floats that a 4-bit file gives back."""
import torch


def affine(w, bits=4, group=64):
    levels = 2 ** bits - 1
    g = w.float().reshape(-1, group)
    low, high = g.min(1, keepdim=True).values, g.max(1, keepdim=True).values
    scale = ((high - low) / levels).clamp_min(1e-7)
    negative = low.abs() > high.abs()
    scale = torch.where(negative, scale, -scale)
    edge = torch.where(negative, low, high)
    steps = (edge / scale).round()
    scale = torch.where(steps != 0, edge / steps, scale).bfloat16().float()
    bias = torch.where(steps != 0, edge, torch.zeros_like(edge)).bfloat16().float()
    q = ((g - bias) / scale).round().clamp(0, levels)
    return (q * scale + bias).reshape(w.shape).to(w.dtype)


def quantizable(model):
    """Every linear weight and the embedding; the router and the norms keep their precision."""
    return [(n, p) for n, p in model.named_parameters() if p.dim() == 2 and not n.endswith("gate.weight")]
