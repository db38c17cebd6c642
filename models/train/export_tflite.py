"""wake-heavy as a TFLite file of 16-bit weights, from the ONNX file of record.

python export_tflite.py      # beside the wake-heavy.onnx that is there, and into its manifest; publish.py does the same
"""

from __future__ import annotations

import hashlib
import json
import pathlib

import numpy as np
import onnx
import tensorflow as tf
from tensorflow.lite.tools import flatbuffer_utils
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

import nets
from features import SPEECH_FLOOR, SPEECH_MEL
from read_onnx import restore
from speech_embedding import spectrum_weights

MODELS = pathlib.Path(__file__).resolve().parents[1]


def describe_file(path: pathlib.Path) -> dict[str, object]:
    """Path, hash and size, as manifests carry them."""
    content = path.read_bytes()
    return {"path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def compact(content: bytes, input_name: str) -> bytes:
    """Without the strings of the training graph, and with the tensors' names of the ONNX file."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    flatbuffer_utils.strip_strings(model)
    graph = model.subgraphs[0]
    graph.tensors[graph.inputs[0]].name = input_name.encode()
    graph.tensors[graph.outputs[0]].name = b"scores"
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _spectrum(audio: tf.Tensor) -> tf.Tensor:
    """Audio [1, samples] in [-1, 1] to dB / 10 + 2, shape [1, frames, 32, 1].

    Rows of one step each and a kernel of three rows are the same sums as a kernel of 399 single samples, which
    TensorFlow Lite computes without vectors.
    """
    step = SPEECH_MEL["stepSamples"]
    first, fourier, mel = spectrum_weights()
    frames = (audio.shape[1] - SPEECH_MEL["windowSamples"]) // step + 1
    steps = -(-fourier.shape[1] // step)
    kernel = np.pad(fourier, ((0, 0), (0, steps * step - fourier.shape[1]))).T.reshape(steps, 1, step, -1)
    x = tf.reshape(audio[:, first : first + (frames + steps - 1) * step], (1, -1, 1, step))
    x = tf.nn.conv2d(x, kernel, 1, "VALID")
    x = tf.nn.conv2d(x * x, mel[None, None], 1, "VALID")
    x = tf.math.log(tf.maximum(x, SPEECH_FLOOR)) * np.float32(1.0 / np.log(10.0)) + 2.0
    return tf.reshape(x, (1, frames, SPEECH_MEL["bands"], 1))


def heavy_tflite(model: onnx.ModelProto, members: int, looks: int) -> bytes:
    """The same weights, rounded to 16 bit, tensors and names; operators and versions that TensorFlow Lite 2.9 knows."""
    verifier = restore(model, members)
    audio = model.graph.input[0]
    shape = [axis.dim_value for axis in audio.type.tensor_type.shape.dim]

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name=audio.name)])
    def run(audio: tf.Tensor) -> dict[str, tf.Tensor]:
        shared = verifier.lower(_spectrum(audio), training=False)
        answers = []
        for upper, head in zip(verifier.uppers, verifier.heads, strict=True):
            x = upper(shared, training=False)
            windows = [x[:, first : first + nets.HEAD_POSITIONS] for first in range(looks)]
            answers.append(head(tf.concat(windows, axis=0), training=False))
        return {"scores": tf.nn.softmax(tf.reduce_mean(tf.concat(answers, axis=0), axis=0, keepdims=True))}

    frozen = convert_variables_to_constants_v2(run.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    # Half the bytes; the interpreter widens them to float32 when it loads them.
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return compact(converter.convert(), audio.name)


def main() -> None:
    folder = MODELS / "wake-heavy"
    manifest = json.loads((folder / "manifest.json").read_text())
    front = manifest["frontEnd"]
    path = folder / "wake-heavy.tflite"
    path.write_bytes(heavy_tflite(onnx.load(str(folder / "wake-heavy.onnx")), front["members"], front["looks"]))
    manifest["files"]["tflite"] = describe_file(path)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(json.dumps(manifest["files"]))


if __name__ == "__main__":
    main()
