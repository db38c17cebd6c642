"""hama's phone network and spelling network to what Catnap runs: ONNX graphs, quantised, with manifests.

    fetch-phones.sh DIR && fetch-negatives.sh DIR && python train_phones.py --data DATA --cache DIR
    python adopt_phones.py --data DATA --cache DIR --weights DIR/phones-in-noise.npz

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
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from likeness import Hear, Likeness, fit_likeness

MODELS = pathlib.Path(__file__).parent.parent
RATE_HZ = 16_000
WINDOW, STEP = 400, 160
"""Samples of a frame, and from one to the next."""
WIDTH, HEADS, KERNEL = 144, 4, 31
COMPARED_BLOCKS, LIKENESS_PART = 3, "likeness_part"
"""So many last blocks make what words are compared by: chosen on words of another language."""
HEARD_STEPS = 64
"""Steps that attention looks back at, beside those of its look: chosen on words of people."""


class Numbers(NamedTuple):
    """Numbers of a block's matrices in the archive: up and down of the first feed-forward layer, query-key-value,
    output, up and down of the second."""

    up1: int
    down1: int
    inner: int
    outer: int
    up2: int
    down2: int


BLOCKS = tuple(Numbers(*(first + i for i in (0, 1, 2, 6, 7, 8))) for first in (829, 838, 847, 856))
BLOCKS_USED = (0, 1, 2, 3)
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
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.kept = ("", "")
        """First and end of the steps that attention is to look back at, of those before and those of this look."""

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

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def slice(self, x: str, axis: int, first: int, end: int, step: int = 1) -> str:
        return self.op("Slice", x, *(self.integers(value) for value in (first, end, axis, step)))

    def looking_back(
        self, name: str, fresh: str, shape: list[int | str], axis: int, kept: tuple[str, str] | None = None
    ) -> str:
        """What was heard before and is heard in this look, along an axis; of it, those kept are for the next look."""
        known = self.op("Concat", name, fresh, axis=axis)
        first, end = kept or self.kept
        self.remember(name, self.op("Slice", known, first, end, self.integers(axis)), shape)
        return known

    def remember(self, name: str, following: str, shape: list[int | str]) -> None:
        """An input that the next look is to be given as what follows it in this one."""
        self.name(following, f"next_{name}")
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        lengths = [None if isinstance(size, str) else size for size in shape]
        self.outputs.append(helper.make_tensor_value_info(f"next_{name}", TensorProto.FLOAT, lengths))

    def name(self, x: str, name: str) -> None:
        """Makes a value an output of the graph."""
        self.nodes.append(helper.make_node("Identity", [x], [name]))


def power_spectrum(graph: Graph) -> str:
    """Power of 201 bins of each frame. A Hann window and cosines are the same on either side of its middle, sines but
    for their sign: samples as far from it come added and subtracted, which halves the products."""
    half = WINDOW // 2
    at, bins = np.arange(1, half + 1)[:, None], np.arange(half + 1)[None]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * at / WINDOW)
    hann[-1] /= 2  # the middle is its own mirror image
    powers = []
    for name, wave in (("sums", np.cos), ("differences", np.sin)):
        weights = (hann * wave(2 * np.pi * at * bins / WINDOW)).astype(np.float32)
        part = graph.op("MatMul", name, graph.constant(weights), name=f"{name}_part")
        powers.append(graph.op("Mul", part, part))
    return graph.op("Add", *powers)


def log_mel(graph: Graph, filters: np.ndarray) -> str:
    """Logarithm of 80 bands [1, 80, frames]; what is around whole windows is the caller's."""
    bands = graph.op("MatMul", power_spectrum(graph), graph.constant(filters), name="mel")
    logs = graph.op("Log", graph.op("Max", bands, graph.constant(np.float32(1e-10))))
    return graph.swapped(graph.op("Unsqueeze", logs, graph.integers(0)))


def feed_forward(graph: Graph, x: str, weights: dict[str, np.ndarray], name: str, up: int, down: int) -> str:
    """Half a step of a feed-forward layer (Gulati et al., Conformer, 2020); the half is in its weights."""
    y = graph.linear(graph.norm(x, weights, f"{name}.norm"), weights[f"onnx::MatMul_{up}"], weights[f"{name}.fc1.bias"])
    y = graph.linear(graph.silu(y), weights[f"onnx::MatMul_{down}"] / 2, weights[f"{name}.fc2.bias"] / 2)
    return graph.op("Add", x, y)


def attention(graph: Graph, x: str, weights: dict[str, np.ndarray], name: str, numbers: Numbers, block: int) -> str:
    """Four heads, over the steps of this look and those that were heard before; the scale of the scores is in the
    queries' weights."""
    weight, bias = weights[f"onnx::MatMul_{numbers.inner}"].copy(), weights[f"{name}.attn.in_proj_bias"].copy()
    weight[:, :WIDTH] /= np.sqrt(WIDTH / HEADS)
    bias[:WIDTH] /= np.sqrt(WIDTH / HEADS)
    parts = graph.op(
        "Split",
        graph.linear(graph.norm(x, weights, f"{name}.attn_norm"), weight, bias),
        outputs=3,
        axis=2,
        num_outputs=3,
    )
    shape = graph.integers(1, -1, HEADS, WIDTH // HEADS)
    query, key, value = (
        graph.op("Transpose", graph.op("Reshape", part, shape), perm=perm)
        for part, perm in zip(parts, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
    )
    keys = graph.looking_back(f"keys_{block}", key, [1, HEADS, WIDTH // HEADS, "heard"], 3)
    values = graph.looking_back(f"values_{block}", value, [1, HEADS, "heard", WIDTH // HEADS], 2)
    mixed = graph.op("MatMul", graph.op("Softmax", graph.op("MatMul", query, keys), axis=-1), values)
    whole = graph.op("Reshape", graph.op("Transpose", mixed, perm=[0, 2, 1, 3]), graph.integers(1, -1, WIDTH))
    outer = weights[f"onnx::MatMul_{numbers.outer}"]
    return graph.op("Add", x, graph.linear(whole, outer, weights[f"{name}.attn.out_proj.bias"]))


def convolution(graph: Graph, x: str, weights: dict[str, np.ndarray], name: str, block: int) -> str:
    """A gate, a convolution over 620 ms of each channel (its batch norm is in its weights), and a mix."""
    wide = graph.linear(
        graph.norm(x, weights, f"{name}.conv.norm"),
        weights[f"{name}.conv.pointwise1.weight"][:, :, 0].T,
        weights[f"{name}.conv.pointwise1.bias"],
    )
    left, right = graph.op("Split", wide, outputs=2, axis=2, num_outputs=2)
    gated = graph.op("Mul", left, graph.op("Sigmoid", right))
    behind = KERNEL // 2
    kept = ("settled", graph.op("Add", "settled", graph.integers(behind)))
    known = graph.looking_back(f"gated_{block}", gated, [1, behind, WIDTH], 1, kept)
    # Over pictures one pixel high, for which ONNX Runtime has a kernel that convolves channels side by side.
    flat = graph.op("Unsqueeze", graph.swapped(known), graph.integers(2))
    deep = graph.op(
        "Conv",
        flat,
        graph.constant(weights[f"onnx::Conv_{804 + 3 * block}"][:, :, None]),
        graph.constant(weights[f"onnx::Conv_{805 + 3 * block}"]),
        kernel_shape=[1, KERNEL],
        pads=[0, 0, 0, KERNEL // 2],
        group=WIDTH,
    )
    y = graph.silu(graph.swapped(graph.op("Squeeze", deep, graph.integers(2))))
    mixed = graph.linear(
        y, weights[f"{name}.conv.pointwise2.weight"][:, :, 0].T, weights[f"{name}.conv.pointwise2.bias"]
    )
    return graph.op("Add", x, mixed)


def phone_graph(
    weights: dict[str, np.ndarray], labels: int, blocks: tuple[int, ...], likeness: Likeness | None = None
) -> onnx.ModelProto:
    """From frames [n, 200] of 25 ms every 10 ms, folded in their middle, to log-probabilities [1, steps, labels], one
    step every 20 ms; and to `inner` [1, steps, 144], by which words are compared: what the last three blocks make of a
    step before they settle for a phone, as `likeness` maps it; without, all of that.

    A stream goes on where it was: the graph is shown what is new and the last steps once more, for which it lacked what
    came after them, and told how many of its steps are settled with this look. It gives back, and takes in again, what
    it must know of those: the last frame, and for each block what attention and convolution look back at. A window that
    stands alone has none of it.
    """
    graph, real = Graph(), TensorProto.FLOAT
    mel = graph.op("Concat", "frame", log_mel(graph, weights["mel_fb"]), axis=2)
    last = graph.op("Mul", "settled", graph.integers(2))
    end = graph.op("Add", last, graph.integers(1))
    graph.remember("frame", graph.op("Slice", mel, last, end, graph.integers(2)), [1, 80, 1])
    stem = [graph.constant(weights[f"onnx::Conv_{number}"]) for number in (801, 802)]
    x = graph.op("Gelu", graph.swapped(graph.op("Conv", mel, *stem, kernel_shape=[3], pads=[0, 1], strides=[2])))
    heard = graph.slice(graph.op("Shape", f"values_{blocks[0]}"), 0, 2, 3)
    end = graph.op("Add", heard, "settled")
    first = graph.op("Sub", end, graph.integers(HEARD_STEPS))
    graph.kept = (graph.op("Max", first, graph.integers(0)), end)
    within = []
    for block in blocks:
        name, numbers = f"acoustic_model.model.blocks.{block}", BLOCKS[block]
        x = feed_forward(graph, x, weights, f"{name}.ffn1", numbers.up1, numbers.down1)
        x = attention(graph, x, weights, name, numbers, block)
        x = convolution(graph, x, weights, name, block)
        within.append(x)
        x = feed_forward(graph, x, weights, f"{name}.ffn2", numbers.up2, numbers.down2)
        x = graph.norm(x, weights, f"{name}.norm")
    compared = graph.op("Concat", *within[-COMPARED_BLOCKS:], axis=2)
    if likeness is not None:
        mapped = graph.op("MatMul", compared, graph.constant(likeness.weights), name=LIKENESS_PART)
        compared = graph.op("Add", mapped, graph.constant(likeness.bias))
    graph.name(compared, "inner")
    head = "acoustic_model.model.proj"
    scores = graph.linear(x, weights[f"{head}.weight"][:, :, 0].T, weights[f"{head}.bias"])
    graph.name(graph.op("LogSoftmax", scores, axis=-1), "log_probs")
    value = helper.make_tensor_value_info
    folded = [value(name, real, ["frames", WINDOW // 2]) for name in ("sums", "differences")]
    settled = value("settled", TensorProto.INT64, [1])
    whole = helper.make_graph(
        graph.nodes,
        "phones",
        [*folded, settled, *graph.inputs],
        [
            value("log_probs", real, [1, "steps", labels]),
            value("inner", real, [1, "steps", WIDTH if likeness else None]),
            *graph.outputs,
        ],
        graph.weights,
    )
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def folded(samples: np.ndarray) -> dict[str, np.ndarray]:
    """Frames of a sound as the graph takes them: what is as far from their middle added, and subtracted."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::STEP]
    half = WINDOW // 2
    before, after = frames[:, 1 : half + 1], frames[:, : half - 1 : -1]
    return {"sums": before + after, "differences": before - after}


def hearing(weights: dict[str, np.ndarray], labels: int) -> Hear:
    """Hears all of a sound that `phone_graph` maps to `inner`, in 32 bit."""
    network = onnxruntime.InferenceSession(phone_graph(weights, labels, BLOCKS_USED).SerializeToString())
    nothing = {
        entry.name: np.zeros([size if isinstance(size, int) else 0 for size in entry.shape], np.float32)
        for entry in network.get_inputs()
        if entry.name not in ("sums", "differences", "settled")
    }

    def hear(samples: np.ndarray) -> np.ndarray:
        return network.run(["inner"], {**nothing, **folded(samples), "settled": np.zeros(1, np.int64)})[0][0]

    return hear


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


def in_8_bit(whole: pathlib.Path, network: pathlib.Path) -> None:
    """Writes a phone network again with its matrices in 8 bit, all but those of the spectrum and of the likeness."""
    quantize_dynamic(
        whole,
        network,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        nodes_to_exclude=["sums_part", "differences_part", "mel", LIKENESS_PART],
    )


def phones_manifest(path: pathlib.Path, labels: list[str]) -> dict[str, object]:
    return {
        "schema": 1,
        "name": "phones",
        "kind": "phones",
        "version": "1.4.0",
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
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--weights", type=pathlib.Path, required=True, help="of train_phones.py; the rest is adopted")
    parser.add_argument("--phones", type=pathlib.Path, default=MODELS / "phones", help="folder of the phone network")
    asked = parser.parse_args()
    hama = asked.cache / "hama"
    vocabulary = json.loads((hama / "g2p_vocab.json").read_text())
    labels = [*vocabulary["decoder"], "<wb>", "<blank>"]
    folder = asked.phones
    folder.mkdir(exist_ok=True)
    whole = hama / "phones-float.onnx"
    weights = read_archive(hama / "asr_waveform.hama") | dict(np.load(asked.weights))
    likeness = fit_likeness(hearing(weights, len(labels)), asked.data, asked.cache, WIDTH)
    onnx.save(phone_graph(weights, len(labels), BLOCKS_USED, likeness), whole)
    network = folder / "phones.onnx"
    in_8_bit(whole, network)
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
