"""Catnap's own phone networks, in PyTorch and as a graph: convolutions over 80 log-mel bands, no attention.

Made for a stream: whoever hears a step and `Size.ahead_steps` behind it hears it as in the whole sound.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional

from adopt_phones import WINDOW, Graph, log_mel
from features import mel_filters

BANDS = 80
MEAN, SPREAD = -8.0, 5.0
"""Of ln(power) in talk, about."""
HALVED_BYTES = 2_000
"""Weights of so much that stay in float are stored in half precision; the engine widens them as it loads."""


@dataclasses.dataclass(frozen=True)
class Size:
    """Width, what is inside of a feed-forward layer, number of blocks; steps that each block hears around one."""

    width: int
    inner: int
    blocks: int
    behind: int
    ahead: int

    @property
    def ahead_steps(self) -> int:
        """Steps that must be heard behind one; the stem wants half of one."""
        return self.blocks * self.ahead + 1


SIZES = {"small": Size(128, 256, 5, 12, 2), "larger": Size(320, 640, 7, 15, 15)}
"""The small one is sure of a step within the 0.24 s that the always-on search waits; the larger hears whole windows."""


def filters() -> np.ndarray:
    """Mel filters [201, 80]."""
    return mel_filters(BANDS, WINDOW, 20, 7600).astype(np.float32)


class OwnBlock(nn.Module):
    """A feed-forward layer, then a gated convolution of each channel, each added to what it was given."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        width = size.width
        self.norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, size.inner), nn.Linear(size.inner, width)
        self.gated_norm, self.gated, self.mixed = (
            nn.LayerNorm(width),
            nn.Linear(width, 2 * width),
            nn.Linear(width, width),
        )
        self.around = (size.behind, size.ahead)
        self.deep = nn.Conv1d(width, width, size.behind + 1 + size.ahead, groups=width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.down(functional.silu(self.up(self.norm(x))))
        gated = functional.glu(self.gated(self.gated_norm(x)), dim=-1).transpose(1, 2)
        return x + self.mixed(functional.silu(self.deep(functional.pad(gated, self.around)).transpose(1, 2)))


class OwnPhoneNet(nn.Module):
    """From ln(power) [batch, frames, 80] to scores [batch, steps, labels], a step every second frame."""

    def __init__(self, size: Size, labels: int) -> None:
        super().__init__()
        self.size = size
        self.stem = nn.Conv1d(BANDS, size.width, 3, stride=2, padding=1)
        self.blocks = nn.ModuleList(OwnBlock(size) for _ in range(size.blocks))
        self.norm = nn.LayerNorm(size.width)
        self.head = nn.Linear(size.width, labels)

    def within(self, frames: torch.Tensor) -> torch.Tensor:
        """What the last block makes of each step [batch, steps, width]."""
        even = (frames - MEAN) / SPREAD
        x = functional.gelu(self.stem(even.transpose(1, 2)).transpose(1, 2))
        for block in self.blocks:
            x = block(x)
        return x

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        return self.head(self.norm(self.within(frames)))


def own_graph(net: OwnPhoneNet, mean: np.ndarray, spread: np.ndarray) -> onnx.ModelProto:
    """The graph that `adopt_phones.phone_graph` describes, of this network: same inputs, same labels, its own memory.

    `mean` and `spread` [width] are of `inner` in talk.
    """
    weights = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    graph, real, size = Graph(), TensorProto.FLOAT, net.size
    centred = graph.op("Sub", log_mel(graph, filters()), graph.constant(np.float32(MEAN)))
    even = graph.op("Div", centred, graph.constant(np.float32(SPREAD)))
    mel = graph.op("Concat", "frame", even, axis=2)
    last = graph.op("Mul", "settled", graph.integers(2))
    end = graph.op("Add", last, graph.integers(1))
    graph.remember("frame", graph.op("Slice", mel, last, end, graph.integers(2)), [1, BANDS, 1])
    stem = [graph.constant(weights[f"stem.{part}"]) for part in ("weight", "bias")]
    x = graph.op("Gelu", graph.swapped(graph.op("Conv", mel, *stem, kernel_shape=[3], pads=[0, 1], strides=[2])))
    kept = ("settled", graph.op("Add", "settled", graph.integers(size.behind)))

    def linear(x: str, name: str) -> str:
        return graph.linear(x, weights[f"{name}.weight"].T, weights[f"{name}.bias"])

    for number in range(size.blocks):
        block = f"blocks.{number}"
        up = graph.silu(linear(graph.norm(x, weights, f"{block}.norm"), f"{block}.up"))
        x = graph.op("Add", x, linear(up, f"{block}.down"))
        wide = linear(graph.norm(x, weights, f"{block}.gated_norm"), f"{block}.gated")
        left, right = graph.op("Split", wide, outputs=2, axis=2, num_outputs=2)
        gated = graph.op("Mul", left, graph.op("Sigmoid", right))
        known = graph.looking_back(f"gated_{number}", gated, [1, size.behind, size.width], 1, kept)
        deep = graph.op(
            "Conv",
            graph.op("Unsqueeze", graph.swapped(known), graph.integers(2)),
            graph.constant(weights[f"{block}.deep.weight"][:, :, None]),
            graph.constant(weights[f"{block}.deep.bias"]),
            kernel_shape=[1, size.behind + 1 + size.ahead],
            pads=[0, 0, 0, size.ahead],
            group=size.width,
        )
        around = graph.silu(graph.swapped(graph.op("Squeeze", deep, graph.integers(2))))
        x = graph.op("Add", x, linear(around, f"{block}.mixed"))
    centred = graph.op("Sub", x, graph.constant(mean))
    graph.name(graph.op("Div", centred, graph.constant(spread)), "inner")
    scores = linear(graph.norm(x, weights, "norm"), "head")
    graph.name(graph.op("LogSoftmax", scores, axis=-1), "log_probs")
    value = helper.make_tensor_value_info
    whole = helper.make_graph(
        graph.nodes,
        "phones",
        [
            *(value(name, real, ["frames", WINDOW // 2]) for name in ("sums", "differences")),
            value("settled", TensorProto.INT64, [1]),
            *graph.inputs,
        ],
        [
            value("log_probs", real, [1, "steps", net.head.out_features]),
            value("inner", real, [1, "steps", size.width]),
            *graph.outputs,
        ],
        graph.weights,
    )
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def store_in_half(model: onnx.ModelProto) -> None:
    """Stores in half precision what quantisation left in float and is not small."""
    graph = model.graph
    for weight in list(graph.initializer):
        if weight.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(weight)
        if values.nbytes < HALVED_BYTES:
            continue
        stored = numpy_helper.from_array(values.astype(np.float16), f"{weight.name}_half")
        graph.initializer.remove(weight)
        graph.initializer.append(stored)
        graph.node.insert(0, helper.make_node("Cast", [stored.name], [weight.name], to=TensorProto.FLOAT))
