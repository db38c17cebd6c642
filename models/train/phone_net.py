"""The phone network as PyTorch trains it: Conformer blocks over 80 log-mel bands, with hama's names and layout."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from adopt_phones import BLOCKS, HEADS, KERNEL, STEP, WIDTH, WINDOW

BANDS = 80


def log_mel(samples: torch.Tensor, filters: torch.Tensor) -> torch.Tensor:
    """From samples [n] to ln(power) [frames, 80] of whole windows alone, as the exported graph hears it."""
    window = torch.hann_window(WINDOW, periodic=True)
    spectrum = torch.stft(samples, WINDOW, STEP, window=window, center=False, return_complex=True)
    return (spectrum.abs().square().T @ filters).clamp_min(1e-10).log()


class FeedForward(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 0.5 * self.down(functional.silu(self.up(self.norm(x))))


class Block(nn.Module):
    """One block: half a feed-forward layer, attention, a gated convolution, the other half, a norm."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.first, self.second = FeedForward(WIDTH, inner), FeedForward(WIDTH, inner)
        self.attention_norm, self.convolution_norm, self.norm = (nn.LayerNorm(WIDTH) for _ in range(3))
        self.inner, self.outer = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.gated, self.mixed = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.deep = nn.Conv1d(WIDTH, WIDTH, KERNEL, padding=KERNEL // 2, groups=WIDTH)

    def attend(self, x: torch.Tensor) -> torch.Tensor:
        count, steps, _ = x.shape
        query, key, value = (
            part.view(count, steps, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in self.inner(self.attention_norm(x)).chunk(3, dim=-1)
        )
        weights = torch.softmax(query @ key.transpose(2, 3) / (WIDTH // HEADS) ** 0.5, dim=-1)
        return x + self.outer((weights @ value).transpose(1, 2).reshape(count, steps, WIDTH))

    def convolve(self, x: torch.Tensor) -> torch.Tensor:
        gated = functional.glu(self.gated(self.convolution_norm(x)), dim=-1)
        return x + self.mixed(functional.silu(self.deep(gated.transpose(1, 2)).transpose(1, 2)))

    def inner_values(self, x: torch.Tensor) -> torch.Tensor:
        """What it makes of each step before its second feed-forward layer."""
        return self.convolve(self.attend(self.first(x)))

    def settled(self, inner: torch.Tensor) -> torch.Tensor:
        return self.norm(self.second(inner))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.settled(self.inner_values(x))


class PhoneNet(nn.Module):
    """From ln(power) [batch, frames, 80] to scores [batch, steps, labels] and inner values [batch, steps, 144], a step
    every second frame."""

    def __init__(self, blocks: int, inner: int, labels: int) -> None:
        super().__init__()
        self.stem = nn.Conv1d(BANDS, WIDTH, 3, stride=2, padding=1)
        self.blocks = nn.ModuleList(Block(inner) for _ in range(blocks))
        self.head = nn.Linear(WIDTH, labels)

    def forward(self, frames: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = functional.gelu(self.stem(frames.transpose(1, 2)).transpose(1, 2))
        *before, last = self.blocks
        for block in before:
            x = block(x)
        inner = last.inner_values(x)
        return self.head(last.settled(inner)), inner


def _layers(net: PhoneNet, kept: tuple[int, ...]) -> dict[str, tuple[nn.Module, str]]:
    """Each layer with the name of its weight in the archive; what says `.T` there lies the other way round."""
    layers: dict[str, tuple[nn.Module, str]] = {"onnx::Conv_801": (net.stem, "onnx::Conv_802")}
    layers["acoustic_model.model.proj.weight"] = (net.head, "acoustic_model.model.proj.bias")
    for block, number in zip(net.blocks, kept, strict=True):
        name = f"acoustic_model.model.blocks.{number}"
        up1, down1, inner, outer, up2, down2 = (f"onnx::MatMul_{index}" for index in BLOCKS[number])
        for half, part, up, down in (("ffn1", block.first, up1, down1), ("ffn2", block.second, up2, down2)):
            layers[up] = (part.up, f"{name}.{half}.fc1.bias")
            layers[down] = (part.down, f"{name}.{half}.fc2.bias")
            layers[f"{name}.{half}.norm.weight"] = (part.norm, f"{name}.{half}.norm.bias")
        layers[inner] = (block.inner, f"{name}.attn.in_proj_bias")
        layers[outer] = (block.outer, f"{name}.attn.out_proj.bias")
        layers[f"onnx::Conv_{804 + 3 * number}"] = (block.deep, f"onnx::Conv_{805 + 3 * number}")
        for point, layer in (("pointwise1", block.gated), ("pointwise2", block.mixed)):
            layers[f"{name}.conv.{point}.weight"] = (layer, f"{name}.conv.{point}.bias")
        for norm, layer in (
            ("attn_norm", block.attention_norm),
            ("conv.norm", block.convolution_norm),
            ("norm", block.norm),
        ):
            layers[f"{name}.{norm}.weight"] = (layer, f"{name}.{norm}.bias")
    return layers


def load_archive(net: PhoneNet, weights: dict[str, np.ndarray], kept: tuple[int, ...]) -> None:
    """Fills the network with those blocks of an archive."""
    with torch.no_grad():
        for name, (layer, bias) in _layers(net, kept).items():
            weight = torch.tensor(weights[name])
            if isinstance(layer, nn.Linear):
                weight = weight[:, :, 0] if weight.dim() == 3 else weight.T
            layer.weight.copy_(weight)
            layer.bias.copy_(torch.tensor(weights[bias]))


def to_archive(net: PhoneNet, kept: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The network's weights under the archive's names, for `adopt_phones.phone_graph`."""
    archive = {}
    for name, (layer, bias) in _layers(net, kept).items():
        weight = layer.weight.detach()
        if isinstance(layer, nn.Linear):
            weight = weight[:, :, None] if name.endswith(".weight") else weight.T
        archive[name] = weight.numpy().copy()
        archive[bias] = layer.bias.detach().numpy().copy()
    return archive
