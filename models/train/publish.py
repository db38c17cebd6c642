"""Weights to shipped wake models: export, quantise, check, calibrate, choose thresholds, measure, describe.

    python publish.py --data ../../../shared/data --cache DIR --heavy wake-heavy wake-heavy-2

Writes models/wake-tiny and models/wake-heavy but their cards. Calibration and thresholds come from the
calibration part, figures from the test part; both run the int8 tiny that ships.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pathlib

import numpy as np
import onnxruntime
import tensorflow as tf

import nets
from augment import PowerAugment
from export_int8 import int8_onnx, int8_tflite
from export_onnx import Member, heavy_onnx, heavy_samples, save, tiny_onnx
from features import LOG_MEL, RATE_HZ
from fit import Scorer, heavy_scorer, softmax, tiny_features
from listen import Timing, hear_others, hear_words
from operate import Part, Point, calibration_error, choose, fit_curve, summary
from train_wake_heavy import FROZEN_CONVOLUTIONS, listening_net
from wake_data import LABELS, WORDS, Negatives, WindowSampler, wake_recordings, word_variants

VERSION = "1.0.0"
LOOKS = 1
TIMING = Timing()
MODELS = pathlib.Path(__file__).resolve().parents[1]


def describe_file(path: pathlib.Path) -> dict[str, object]:
    """Path, hash and size, as manifests carry them."""
    content = path.read_bytes()
    return {"path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def tensor(name: str, shape: list[int]) -> dict[str, object]:
    """A float tensor of a manifest."""
    return {"name": name, "dtype": "float32", "shape": shape, "quantisation": None}


def session(path: pathlib.Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options)


def heavy_member(weights: pathlib.Path, classes: int) -> Member:
    """A trained speech embedding and its head."""
    whole, embedding, head = listening_net(classes)
    whole.load_weights(weights)
    return embedding, head


def int8_scorer(path: pathlib.Path) -> Scorer:
    """Tiny as it ships, hop by hop through ONNX Runtime; logits are the scores' logarithms."""
    runner = session(path)

    def logits(features: np.ndarray) -> np.ndarray:
        frames = features[0, :, :, 0]
        ends = range(nets.TINY_FRAMES, len(frames) + 1, nets.TINY_HOP_FRAMES)
        rows = [runner.run(None, {"features": frames[None, e - nets.TINY_FRAMES : e]})[0][0] for e in ends]
        return np.log(np.maximum(rows, 1e-9))

    return Scorer("tiny", len(LABELS), logits)


def calibration_windows(cache: pathlib.Path, data: pathlib.Path) -> np.ndarray:
    """Training windows that set the ranges of int8."""
    words = word_variants(cache, wake_recordings(cache, data), WORDS, 6, seed=1)
    sampler = WindowSampler(
        "tiny", nets.TINY_FRAMES, words, Negatives.load(cache, data, "train"),
        after_s=(0.0, 0.26), augment=PowerAugment(), seed=99,
    )
    return tiny_features(sampler.batch(512, 0.5)[0])


def export_tiny(model: tf.keras.Model, windows: np.ndarray, folder: pathlib.Path) -> dict[str, object]:
    """Writes both formats; returns their description and how far each is from float."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx_path, tflite_path = folder / "wake-tiny.onnx", folder / "wake-tiny.tflite"
    save(int8_onnx(tiny_onnx(model), windows), onnx_path)
    tflite_path.write_bytes(int8_tflite(model, windows))
    wanted = softmax(model(windows[..., None], training=False).numpy()[:, 0])
    runner = session(onnx_path)
    by_onnx = np.concatenate([runner.run(None, {"features": w[None]})[0] for w in windows])
    interpreter = tf.lite.Interpreter(model_content=tflite_path.read_bytes(), num_threads=1)
    interpreter.allocate_tensors()
    into, out = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def by_tflite(window: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(into["index"], window[None])
        interpreter.invoke()
        return interpreter.get_tensor(out["index"])[0]

    others = np.stack([by_tflite(w) for w in windows])
    tflite = describe_file(tflite_path)
    tflite["inputs"] = [tensor(into["name"], [int(v) for v in into["shape"]])]
    tflite["outputs"] = [tensor(out["name"], [int(v) for v in out["shape"]])]
    apart = {
        "int8 ONNX from float": distance(by_onnx, wanted),
        "int8 TFLite from float": distance(others, wanted),
        "int8 ONNX from int8 TFLite": distance(by_onnx, others),
    }
    return {"files": {"onnx": describe_file(onnx_path), "tflite": tflite}, "scoreDifferences": apart}


def distance(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    gap = np.abs(one - other).max(axis=1)
    return {"mean": round(float(gap.mean()), 5), "p99": round(float(np.percentile(gap, 99)), 5), "max": round(float(gap.max()), 5)}


def hear(tiny: Scorer, heavy: Scorer, cache: pathlib.Path, data: pathlib.Path, part: str) -> Part:
    """Both models over one part of the recordings."""
    return Part(
        hear_words(tiny, heavy, data, part, None),
        hear_words(tiny, heavy, data, part, 10.0),
        hear_others(tiny, heavy, Negatives.load(cache, data, part)),
    )


def curve_points(part: Part, point: Point) -> list[dict[str, float]]:
    """Misses against false accepts per hour as heavy's threshold moves, and as tiny's alone does."""
    rows = []
    at_point = part.noticed(point.tiny, TIMING)
    for threshold in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99):
        level = np.full(len(WORDS), threshold)
        both, alone = summary(at_point, level), summary(part.noticed(threshold, TIMING), level)
        rows.append(
            {
                "threshold": threshold,
                "both missed": both["clean-both"]["average"],
                "both false accepts/h": both["falseAcceptsPerHour"],
                "tiny missed": alone["clean-tiny"]["average"],
                "tiny false accepts/h": alone["falseHeavyWakeupsPerHour"],
            }
        )
    return rows


def write_manifest(folder: pathlib.Path, manifest: dict[str, object]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


EMBEDDING_USED = {
    "name": "Google speech embedding (Lin et al. 2020), lower half as it is, upper half trained on",
    "licence": "Apache-2.0",
    "use": "weights",
}
DATA_USED = [
    {"name": "Picovoice wake-word-benchmark, re-cut", "licence": "Apache-2.0", "use": "the six words"},
    {"name": "WUW corpus II", "licence": "CC BY-SA 4.0", "use": "speech that is none of the words"},
    {"name": "DSPSpeech-20", "licence": "MIT", "use": "speech that is none of the words"},
    {"name": "Picovoice speech-to-intent-benchmark", "licence": "Apache-2.0", "use": "speech that is none of the words"},
    {"name": "ESC-10 and Speech Commands backgrounds", "licence": "CC BY 3.0, CC0, CC BY 4.0", "use": "noise"},
    {"name": "Debian's recorded speech and music (fetch-negatives.sh)", "licence": "free, per package", "use": "speech and music that are none of the words"},
    {"name": "espeak-ng and flite voices (make_synthetic.py)", "licence": "made here", "use": "supplement"},
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--tiny", default="wake-tiny")
    parser.add_argument("--heavy", nargs="+", default=["wake-heavy", "wake-heavy-2"])
    parser.add_argument("--target", type=pathlib.Path, default=MODELS)
    parser.add_argument("--together", type=float, default=0.6)
    options = parser.parse_args()
    cache, data = options.cache, options.data

    model = nets.tiny_net(len(LABELS))
    model.load_weights(cache / f"{options.tiny}.weights.h5")
    members = [heavy_member(cache / f"{name}.weights.h5", len(LABELS)) for name in options.heavy]
    folder_tiny, folder_heavy = options.target / "wake-tiny", options.target / "wake-heavy"
    exported = export_tiny(model, calibration_windows(cache, data), folder_tiny)
    print(json.dumps(exported["scoreDifferences"]))
    folder_heavy.mkdir(parents=True, exist_ok=True)
    heavy_path = folder_heavy / "wake-heavy.onnx"
    save(heavy_onnx(members, LOOKS, FROZEN_CONVOLUTIONS, "wake-heavy"), heavy_path)

    tiny, heavy = int8_scorer(folder_tiny / "wake-tiny.onnx"), heavy_scorer(members, LOOKS)
    held = hear(tiny, heavy, cache, data, "calibration")
    loose = held.noticed(0.1, TIMING)
    tiny_curve, heavy_curve = fit_curve(*loose.tiny_events()), fit_curve(*loose.heavy_events())
    held = held.confident(tiny_curve, heavy_curve)
    point = choose(
        held, TIMING, np.array([0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        np.array([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97]),
        together=options.together,
    )
    print("chosen", point)
    print("calibration part", json.dumps(summary(held.noticed(point.tiny, TIMING), point.heavy)))

    test = hear(tiny, heavy, cache, data, "test").confident(tiny_curve, heavy_curve)
    noticed = test.noticed(point.tiny, TIMING)
    figures = summary(noticed, point.heavy)
    heavy_error, heavy_diagram = calibration_error(*noticed.heavy_events())
    tiny_error, tiny_diagram = calibration_error(*noticed.tiny_events())
    figures["expectedCalibrationError"] = {"heavy": round(heavy_error, 4), "tiny": round(tiny_error, 4)}
    curve = curve_points(test, point)
    print("test part", json.dumps(figures))
    for row in curve:
        print(row)

    common = {"schema": 1, "version": VERSION, "licence": "Apache-2.0"}
    write_manifest(folder_tiny, {
        **common, "name": "wake-tiny", "kind": "wake-tiny", "files": exported["files"],
        "inputs": [tensor("features", [1, nets.TINY_FRAMES, LOG_MEL["bands"]])],
        "outputs": [tensor("scores", [1, len(LABELS)])], "state": [],
        "frontEnd": {**LOG_MEL, "framesPerCall": nets.TINY_HOP_FRAMES, "windowFrames": nets.TINY_FRAMES},
        "hopMs": 80, "labels": list(LABELS),
        "thresholds": {w: {"accept": max(0.95, point.tiny), "reject": point.tiny} for w in WORDS},
        "calibration": tiny_curve.manifest(),
        "debounce": {"hops": TIMING.debounce_hops, "refractoryMs": 1520, "rearmHops": TIMING.rearm_hops},
        "figures": {**figures, "reliability": tiny_diagram, "curve": curve, "scoreDifferences": exported["scoreDifferences"]},
        "data": DATA_USED,
    })
    write_manifest(folder_heavy, {
        **common, "name": "wake-heavy", "kind": "wake-heavy",
        "files": {"onnx": describe_file(heavy_path)},
        "inputs": [tensor("audio", [1, heavy_samples(LOOKS)])],
        "outputs": [tensor("scores", [1, len(LABELS)])], "state": [],
        "frontEnd": {
            "kind": "raw-audio", "rateHz": RATE_HZ, "windowSamples": heavy_samples(LOOKS),
            "looks": LOOKS, "members": len(members),
        },
        "verify": {
            "windowMs": heavy_samples(LOOKS) // 16 - 80 * TIMING.tail_hops,
            "tailMs": 80 * TIMING.tail_hops,
        },
        "hopMs": None, "labels": list(LABELS),
        "thresholds": {w: {"accept": round(float(point.heavy[i]), 4), "reject": round(float(point.heavy[i]) / 2, 4)} for i, w in enumerate(WORDS)},
        "calibration": heavy_curve.manifest(),
        "figures": {**figures, "reliability": heavy_diagram, "curve": curve},
        "data": [EMBEDDING_USED, *DATA_USED],
    })


if __name__ == "__main__":
    main()
