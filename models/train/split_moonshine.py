"""Moonshine tiny's decoder as Catnap runs it: graphs without weights, which stand in the published file.

`python split_moonshine.py` reads `$MOONSHINE_MODELS/decoder_model_merged.onnx` and writes `models/moonshine/`:

- `cross.onnx`: from the encoder's frames to the keys and values that every step attends to, computed once;
- `decoder.onnx`: one token further, from an empty memory on as well.

The published graph has both in two branches, each with a copy of the 32,768 x 288 embedding, turned round at load
and made floats of (38 MB) at each step. Here the last product is one of integers, as the others are.
Tensors of more than a kilobyte are named by their place in the published file.
"""

from __future__ import annotations

import os
from pathlib import Path

import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper

PUBLISHED = Path(os.environ["MOONSHINE_MODELS"]) / "decoder_model_merged.onnx"
TARGET = Path(__file__).parent.parent / "moonshine"
EMBEDDING = "model.decoder.embed_tokens.weight_merged_0"
WIDTH, HEADS, HEAD_SIZE, TOKENS = 288, 8, 36, 32768
SMALL_BYTES = 1024


class Published:
    """The published graph and its two branches."""

    def __init__(self) -> None:
        self.bytes = PUBLISHED.read_bytes()
        self.model = onnx.load(PUBLISHED)
        (self.choice,) = self.model.graph.node
        branches = {attribute.name: attribute.g for attribute in self.choice.attribute}
        self.first, self.later = branches["else_branch"], branches["then_branch"]
        self.inputs = {value.name: value for value in self.model.graph.input}
        self.outputs = {value.name: value for value in self.model.graph.output}
        self.tensors = {tensor.name: tensor for tensor in self.model.graph.initializer}

    def named(self, branch: GraphProto) -> dict[str, str]:
        """Outputs of the whole, as a branch calls them."""
        return dict(zip(self.choice.output, (value.name for value in branch.output), strict=True))

    def in_place(self, tensor: TensorProto) -> TensorProto:
        """Where its values stand in the published file."""
        if len(tensor.raw_data) < SMALL_BYTES:
            return tensor
        placed = TensorProto(name=tensor.name, data_type=tensor.data_type, data_location=TensorProto.EXTERNAL)
        placed.dims.extend(tensor.dims)
        place = {
            "location": PUBLISHED.name,
            "offset": self.bytes.index(tensor.raw_data),
            "length": len(tensor.raw_data),
        }
        for key, value in place.items():
            placed.external_data.add(key=key, value=str(value))
        return placed

    def save(self, name: str, nodes: list[NodeProto], outputs: list[str]) -> None:
        made = {output for node in nodes for output in node.output}
        taken = {value for node in nodes for value in node.input if value} - made
        graph = helper.make_graph(
            nodes,
            name,
            [value for key, value in self.inputs.items() if key in taken],
            [self.outputs[output] for output in outputs],
            [self.in_place(tensor) for key, tensor in self.tensors.items() if key in taken],
        )
        opsets = [helper.make_opsetid("", 14), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=self.model.ir_version)
        onnx.save(model, TARGET / f"{name}.onnx")


def needed(branch: GraphProto, wanted: list[str]) -> list[NodeProto]:
    """Nodes of a branch that make what is wanted, in their order."""
    makers = {output: node for node in branch.node for output in node.output}
    seen: set[str] = set()
    ahead = list(wanted)
    while ahead:
        value = ahead.pop()
        if value in makers and value not in seen:
            seen.add(value)
            ahead += makers[value].input
    return [node for node in branch.node if seen & set(node.output)]


def renamed(names: dict[str, str], outputs: list[str]) -> list[NodeProto]:
    return [helper.make_node("Identity", [names[o]], [o]) for o in outputs if names[o] != o]


def cross(published: Published) -> None:
    names = published.named(published.first)
    outputs = [name for name in names if ".encoder." in name]
    makers = {output: node for node in published.first.node for output in node.output}
    published.tensors["heads"] = helper.make_tensor("heads", TensorProto.INT64, [4], [1, -1, HEADS, HEAD_SIZE])
    for output in outputs:
        reshape = makers[makers[names[output]].input[0]]
        assert reshape.op_type == "Reshape"
        reshape.input[1] = "heads"
    nodes = needed(published.first, [names[output] for output in outputs])
    published.save("cross", nodes + renamed(names, outputs), outputs)


def decoder(published: Published) -> None:
    names = published.named(published.later)
    outputs = ["logits", *(name for name in names if ".decoder." in name)]
    (product,) = (node for node in published.later.node if names["logits"] in node.output)
    assert product.op_type == "MatMul"
    hidden = product.input[0]
    nodes = needed(published.later, [hidden, *(names[output] for output in outputs[1:])])
    constants = {"rows": [-1, WIDTH], "written": [1, -1, TOKENS]}
    for name, value in constants.items():
        published.tensors[name] = helper.make_tensor(name, TensorProto.INT64, [len(value)], value)
    weight = [f"{EMBEDDING}_{part}" for part in ("quantized", "scale", "zero_point")]
    quantised = ["hidden_quantized", "hidden_scale", "hidden_zero_point"]
    nodes += [
        helper.make_node("Reshape", [hidden, "rows"], ["hidden_rows"]),
        helper.make_node("DynamicQuantizeLinear", ["hidden_rows"], quantised),
        helper.make_node("QGemm", [*quantised, *weight], ["logit_rows"], domain="com.microsoft", transB=1),
        helper.make_node("Reshape", ["logit_rows", "written"], [names["logits"]]),
    ]
    published.save("decoder", nodes + renamed(names, outputs), outputs)


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    cross(Published())
    decoder(Published())
