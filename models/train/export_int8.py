"""Post-training int8 of wake-tiny, as ONNX (QDQ) and as TFLite; both keep float in and out."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Iterator

import numpy as np
import onnx
import tensorflow as tf
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

import nets
from export_tflite import compact
from features import LOG_MEL


class _Windows(CalibrationDataReader):
    """Feature windows one by one, under the name of the graph's input."""

    def __init__(self, windows: np.ndarray) -> None:
        self._windows: Iterator[np.ndarray] = iter(windows)

    def get_next(self) -> dict[str, np.ndarray] | None:
        window = next(self._windows, None)
        return None if window is None else {"features": window[None]}


def int8_onnx(model: onnx.ModelProto, windows: np.ndarray) -> onnx.ModelProto:
    """Weights per channel, activations per tensor (asymmetric), ranges from `windows` [n, 69, 40]."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder) / "float.onnx", pathlib.Path(folder) / "int8.onnx"
        onnx.save(model, str(source))
        quantize_static(
            str(source),
            str(target),
            _Windows(windows),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            op_types_to_quantize=["Conv", "Relu", "MaxPool", "Reshape"],
        )
        return onnx.load(str(target))


def int8_tflite(model: tf.keras.Model, windows: np.ndarray) -> bytes:
    """The same network and ranges through TensorFlow's converter: features [1, 69, 40] -> scores [1, 7]."""
    bands, classes = LOG_MEL["bands"], model.output_shape[-1]

    @tf.function(input_signature=[tf.TensorSpec((1, nets.TINY_FRAMES, bands), tf.float32, name="features")])
    def run(features: tf.Tensor) -> dict[str, tf.Tensor]:
        logits = model(tf.reshape(features, (1, nets.TINY_FRAMES, bands, 1)), training=False)
        return {"scores": tf.nn.softmax(tf.reshape(logits, (1, classes)))}

    frozen = convert_variables_to_constants_v2(run.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([window[None]] for window in windows)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return compact(converter.convert(), "features")
