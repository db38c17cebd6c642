"""hama's phone network and spelling network to what Catnap runs: ONNX graphs, quantised, with manifests.

    fetch-phones.sh DIR && python adopt_phones.py --cache DIR

The weights come as named tensors (`asr_waveform.hama`) or as graphs for a server (any batch, 19,750 letters of Hangul
and others). Rebuilt here: one graph from samples to log-probabilities of phones, its matrices in 8 bit; and the two
steps of the spelling network with the letters of Latin script alone.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import pathlib
import re
import struct

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

MODELS = pathlib.Path(__file__).parent.parent
RATE_HZ = 16_000
MEL = "mel"
"""Name of the one matrix that stays as it is: powers span too much for 8 bit."""
WINDOW, STEP = 400, 160
WIDTH, HEADS, KERNEL = 144, 4, 31
BLOCKS = (
    (829, 830, 831, 835, 836, 837),
    (838, 839, 840, 844, 845, 846),
    (847, 848, 849, 853, 854, 855),
    (856, 857, 858, 862, 863, 864),
)
"""Numbers of each block's matrices in the archive: up and down of the first feed-forward layer, query-key-value,
output, up and down of the second."""
ARPABET = dict(
    re.findall(
        r"(\w+)=(\S+)",
        """
        AA=ɑ AE=æ AH0=ə AH=ʌ AO=ɔ AW=aʊ AY=aɪ B=b CH=t͡ʃ D=d DH=ð EH=ɛ ER=ɝ EY=eɪ F=f G=ɡ HH=h IH=ɪ IY=i JH=d͡ʒ K=k
        L=l M=m N=n NG=ŋ OW=oʊ OY=ɔɪ P=p R=ɹ S=s SH=ʃ T=t TH=θ UH=ʊ UW=u V=v W=w Y=j Z=z ZH=ʒ
        """,
    )
)
"""The CMU dictionary's phones as the network names them; the digits are stress, which only AH shows in its sound."""
LETTERS = "abcdefghijklmnopqrstuvwxyz'-àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœß"


def read_archive(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The tensors of a `.hama` archive: a table of name, type (0: float32, 1: float16), shape, offset, size; bytes."""
    data = path.read_bytes()
    (count,) = struct.unpack_from("<I", data, 8)
    at, entries = 12, []
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, rank = data[at], data[at + 1]
        shape = struct.unpack_from(f"<{rank}I", data, at + 2)
        offset, size = struct.unpack_from("<QQ", data, at + 2 + 4 * rank)
        at += 2 + 4 * rank + 16
        entries.append((name, (np.float32, np.float16)[kind], shape, offset, size))
    base = len(data) - max(offset + size for *_, offset, size in entries)
    return {
        name: np.frombuffer(data[base + offset : base + offset + size], dtype=kind).astype(np.float32).reshape(shape)
        for name, kind, shape, offset, size in entries
    }


class Graph:
    """An ONNX graph that is written down operation by operation."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, values: np.ndarray) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes: object) -> str | list[str]:
        names = [f"t{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def linear(self, x: str, weight: np.ndarray, bias: np.ndarray) -> str:
        return self.op("Add", self.op("MatMul", x, self.constant(weight)), self.constant(bias))

    def norm(self, x: str, weights: dict[str, np.ndarray], name: str) -> str:
        scale, shift = self.constant(weights[f"{name}.weight"]), self.constant(weights[f"{name}.bias"])
        return self.op("LayerNormalization", x, scale, shift, axis=-1, epsilon=1e-5)

    def silu(self, x: str) -> str:
        return self.op("Mul", x, self.op("Sigmoid", x))

    def swapped(self, x: str) -> str:
        return self.op("Transpose", x, perm=[0, 2, 1])


def log_mel(graph: Graph, weights: dict[str, np.ndarray]) -> str:
    """80 bands of the power of 25 ms every 10 ms, of whole windows alone: what is around them is the caller's."""
    samples = "samples"
    parts = [
        graph.op("Conv", samples, graph.constant(weights[f"stft_{part}_kernel"]), kernel_shape=[WINDOW], strides=[STEP])
        for part in ("real", "imag")
    ]
    power = graph.op("Add", *(graph.op("Mul", part, part) for part in parts))
    bands = graph.op("MatMul", graph.swapped(power), graph.constant(weights["mel_fb"]), name=MEL)
    return graph.op("Log", graph.op("Max", bands, graph.constant(np.float32(1e-10))))


def feed_forward(graph: Graph, x: str, weights: dict[str, np.ndarray], name: str, up: int, down: int) -> str:
    """Half a step of a feed-forward layer (Gulati et al., Conformer, 2020)."""
    y = graph.linear(graph.norm(x, weights, f"{name}.norm"), weights[f"onnx::MatMul_{up}"], weights[f"{name}.fc1.bias"])
    y = graph.linear(graph.silu(y), weights[f"onnx::MatMul_{down}"], weights[f"{name}.fc2.bias"])
    return graph.op("Add", x, graph.op("Mul", y, graph.constant(np.float32(0.5))))


def attention(graph: Graph, x: str, weights: dict[str, np.ndarray], name: str, inner: int, outer: int) -> str:
    """Four heads; the scale of the scores is in the queries' weights."""
    weight, bias = weights[f"onnx::MatMul_{inner}"].copy(), weights[f"{name}.attn.in_proj_bias"].copy()
    weight[:, :WIDTH] /= np.sqrt(WIDTH / HEADS)
    bias[:WIDTH] /= np.sqrt(WIDTH / HEADS)
    parts = graph.op(
        "Split",
        graph.linear(graph.norm(x, weights, f"{name}.attn_norm"), weight, bias),
        outputs=3,
        axis=2,
        num_outputs=3,
    )
    shape = graph.constant(np.array([1, -1, HEADS, WIDTH // HEADS], np.int64))
    query, key, value = (
        graph.op("Transpose", graph.op("Reshape", part, shape), perm=perm)
        for part, perm in zip(parts, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=False)
    )
    mixed = graph.op("MatMul", graph.op("Softmax", graph.op("MatMul", query, key), axis=-1), value)
    whole = graph.op(
        "Reshape", graph.op("Transpose", mixed, perm=[0, 2, 1, 3]), graph.constant(np.array([1, -1, WIDTH], np.int64))
    )
    return graph.op(
        "Add", x, graph.linear(whole, weights[f"onnx::MatMul_{outer}"], weights[f"{name}.attn.out_proj.bias"])
    )


def convolution(graph: Graph, x: str, weights: dict[str, np.ndarray], name: str, block: int) -> str:
    """A gate, a convolution over 620 ms of each channel (its batch norm is in its weights), and a mix."""
    wide = graph.linear(
        graph.norm(x, weights, f"{name}.conv.norm"),
        weights[f"{name}.conv.pointwise1.weight"][:, :, 0].T,
        weights[f"{name}.conv.pointwise1.bias"],
    )
    left, right = graph.op("Split", wide, outputs=2, axis=2, num_outputs=2)
    gated = graph.swapped(graph.op("Mul", left, graph.op("Sigmoid", right)))
    kernel, bias = weights[f"onnx::Conv_{804 + 3 * block}"], weights[f"onnx::Conv_{805 + 3 * block}"]
    deep = graph.op(
        "Conv",
        gated,
        graph.constant(kernel),
        graph.constant(bias),
        kernel_shape=[KERNEL],
        pads=[KERNEL // 2] * 2,
        group=WIDTH,
    )
    y = graph.silu(graph.swapped(deep))
    mixed = graph.linear(
        y, weights[f"{name}.conv.pointwise2.weight"][:, :, 0].T, weights[f"{name}.conv.pointwise2.bias"]
    )
    return graph.op("Add", x, mixed)


def phone_graph(weights: dict[str, np.ndarray], labels: int) -> onnx.ModelProto:
    """From samples [1, 1, n] to log-probabilities [1, steps, labels], one step every 20 ms."""
    graph = Graph()
    mel = graph.swapped(log_mel(graph, weights))
    stem = [graph.constant(weights[f"onnx::Conv_{number}"]) for number in (801, 802)]
    x = graph.op("Gelu", graph.swapped(graph.op("Conv", mel, *stem, kernel_shape=[3], pads=[1, 1], strides=[2])))
    for block, (up1, down1, inner, outer, up2, down2) in enumerate(BLOCKS):
        name = f"acoustic_model.model.blocks.{block}"
        x = feed_forward(graph, x, weights, f"{name}.ffn1", up1, down1)
        x = attention(graph, x, weights, name, inner, outer)
        x = convolution(graph, x, weights, name, block)
        x = feed_forward(graph, x, weights, f"{name}.ffn2", up2, down2)
        x = graph.norm(x, weights, f"{name}.norm")
    head = "acoustic_model.model.proj"
    scores = graph.linear(x, weights[f"{head}.weight"][:, :, 0].T, weights[f"{head}.bias"])
    graph.nodes.append(helper.make_node("LogSoftmax", [scores], ["log_probs"], axis=-1))
    value = helper.make_tensor_value_info
    whole = helper.make_graph(
        graph.nodes,
        "phones",
        [value("samples", TensorProto.FLOAT, [1, 1, "samples"])],
        [value("log_probs", TensorProto.FLOAT, [1, "steps", labels])],
        graph.weights,
    )
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def latin_encoder(path: pathlib.Path, letters: list[str]) -> tuple[onnx.ModelProto, list[str]]:
    """The spelling network's encoder with the rows of its embedding for Latin letters, and those letters in order."""
    model = onnx.load(path)
    special = ["<pad>", "<sos>", "<eos>", "<unk>"]
    kept = [token for token in special + list(LETTERS) if token in letters]
    rows = [letters.index(token) for token in kept]
    for weight in model.graph.initializer:
        if weight.name == "model.encoder_embedding.weight":
            table = numpy_helper.to_array(weight)[rows]
            weight.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(table), weight.name))
    return model, kept


def describe_file(path: pathlib.Path) -> dict[str, object]:
    """Path, hash and size, as manifests carry them."""
    content = path.read_bytes()
    return {"path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def dictionary(path: pathlib.Path) -> list[str]:
    """Lines of `word`, a tab and its phones in IPA, in the order of their bytes; a word said in two ways has two."""
    entries = re.findall(r'^  (?:"([^"]+)"|([^\s":]+)): "([^"]+)"', path.read_text(), re.MULTILINE)
    lines = []
    for quoted, plain, phones in entries:
        word = re.sub(r"\(\d+\)$", "", quoted or plain)
        said = " ".join(
            ARPABET[phone] if phone in ARPABET else ARPABET[phone.rstrip("012")]
            for phone in phones.split("#")[0].split()
        )
        lines.append(f"{word}\t{said}")
    return sorted(set(lines), key=lambda line: line.encode())


def phones_manifest(path: pathlib.Path, labels: list[str]) -> dict[str, object]:
    return {
        "schema": 1,
        "name": "phones",
        "kind": "phones",
        "version": "1.0.0",
        "licence": "Apache-2.0",
        "files": {"onnx": describe_file(path)},
        "inputs": [],
        "outputs": [],
        "frontEnd": {"kind": "waveform", "rateHz": RATE_HZ, "windowSamples": WINDOW, "stepSamples": 2 * STEP},
        "labels": labels,
        "source": "PyPI hama 1.7.0, asr_waveform.hama",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    hama = parser.parse_args().cache / "hama"
    vocabulary = json.loads((hama / "g2p_vocab.json").read_text())
    labels = [*vocabulary["decoder"], "<wb>", "<blank>"]
    folder = MODELS / "phones"
    folder.mkdir(exist_ok=True)
    whole = hama / "phones-float.onnx"
    onnx.save(phone_graph(read_archive(hama / "asr_waveform.hama"), len(labels)), whole)
    network = folder / "phones.onnx"
    quantize_dynamic(
        whole,
        network,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        nodes_to_exclude=[MEL],
    )
    onnxruntime.InferenceSession(network.read_bytes())
    (folder / "manifest.json").write_text(
        json.dumps(phones_manifest(network, labels), indent=2, ensure_ascii=False) + "\n"
    )

    folder = MODELS / "spelling"
    folder.mkdir(exist_ok=True)
    encoder, letters = latin_encoder(hama / "encoder.onnx", vocabulary["encoder"])
    onnx.save(encoder, folder / "encoder.onnx")
    onnx.save(onnx.load(hama / "decoder_step.onnx"), folder / "decoder.onnx")
    (folder / "letters.json").write_text(
        json.dumps({"letters": letters, "phones": vocabulary["decoder"]}, ensure_ascii=False) + "\n"
    )
    words = "\n".join(dictionary(hama / "cmudict.js")) + "\n"
    (folder / "dictionary.txt.gz").write_bytes(gzip.compress(words.encode(), mtime=0))


if __name__ == "__main__":
    main()
