"""Weights to shipped wake models: export, quantise, check, calibrate, choose thresholds, measure, describe.

    python publish.py --data ../../../shared/data --cache DIR --heavy wake-heavy-1 wake-heavy-2

Writes models/wake-tiny, models/wake-heavy and models/wake-speech; cards.py makes their cards of it.
Calibration and thresholds come from the calibration part and the rate of false accepts asked for
(`--per-hour`); the test part is heard once, after they stand. Both run the int8 tiny that ships, and
wake-speech's encoder (MOONSHINE_MODELS names its folder).
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import pathlib
import pickle

import numpy as np
import onnxruntime
import tensorflow as tf

import moonshine
import nets
import speech_windows
from augment import PowerAugment
from export_head import head_onnx, head_tflite, rounded
from export_int8 import int8_onnx, int8_tflite
from export_onnx import heavy_onnx, save, tiny_onnx
from export_tflite import describe_file, heavy_tflite
from fit import Scorer, softmax, tiny_features
from listen import Timing, ask_speech, heard_part, logit, sounds_of
from manifests import heavy_manifest, speech_manifest, tiny_manifest, write_manifest
from operate import LOOKALIKES, Curve, Part, Point, calibration_error, choose, fit_curve, summary
from stream_tiny import write_streamed
from train_commands import Head, flat
from verifier import FROZEN_CONVOLUTIONS, load_all, member_scorer
from wake_data import LABELS, Negatives, WindowSampler, wake_words

TIMINGS = [
    Timing(tail_hops=3, tiny_weight=0.6, again_hops=2, speech_weight=weight) for weight in (0.5, 0.75, 1.0, 1.25)
]
"""When heavy looks, and what tiny counts, were chosen on the calibration part for 1.3.0."""
TINY_SCORES = [0.2, 0.3, 0.4, 0.5]
MODELS = pathlib.Path(__file__).resolve().parents[1]


def session(path: pathlib.Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options)


def int8_scorer(path: pathlib.Path) -> Scorer:
    """Tiny as it ships, hop by hop through ONNX Runtime; logits are the scores' logarithms."""
    runner = session(path)

    def logits(features: np.ndarray) -> np.ndarray:
        frames = features[0, :, :, 0]
        ends = range(nets.TINY_FRAMES, len(frames) + 1, nets.TINY_HOP_FRAMES)
        rows = [runner.run(None, {"features": frames[None, e - nets.TINY_FRAMES : e]})[0][0] for e in ends]
        return np.log(np.maximum(rows, 1e-9))

    return Scorer("tiny", len(LABELS), logits)


class Speech:
    """Wake-speech as it ships: a window of two seconds to scores [7]."""

    def __init__(self, head: Head) -> None:
        self.head, self.encoder = rounded(head), moonshine.Encoder()

    def __call__(self, window: np.ndarray) -> np.ndarray:
        parts = self.encoder(window, len(window), speech_windows.SEGMENTS)
        return self.head.scores(flat(parts[None]))[0]

    def name(self) -> str:
        return hashlib.sha256(b"".join(weights.tobytes() for weights in vars(self.head).values())).hexdigest()


@dataclasses.dataclass
class Cascade:
    """All three models; `name` changes with their weights."""

    tiny: Scorer
    heavy: Scorer
    speech: Speech
    name: str

    def hear(
        self, cache: pathlib.Path, data: pathlib.Path, part: str, scores: list[float], timings: list[Timing]
    ) -> Part:
        """What they hear of a part, wake-speech whenever it is asked at one of tiny's `scores` and `timings`;
        kept under `cache`."""
        what = f"{self.name} {self.speech.name()} {scores} {timings}"
        kept = cache / f"judged-{part}-{hashlib.sha256(what.encode()).hexdigest()[:16]}.pickle"
        if not kept.exists():
            heard = heard_part(self.tiny, self.heavy, cache, data, part, self.name)
            for some, sounds in zip(heard, sounds_of(cache, data, part), strict=True):
                ask_speech(self.speech, some, sounds, scores, timings)
            kept.write_bytes(pickle.dumps(heard))
        return Part(*pickle.loads(kept.read_bytes()))


def calibration_windows(cache: pathlib.Path, data: pathlib.Path) -> np.ndarray:
    """Training windows that set the ranges of int8."""
    words = wake_words(cache, data)
    sampler = WindowSampler(
        "tiny",
        nets.TINY_FRAMES,
        words,
        Negatives.load(cache, data, "train"),
        after_s=(0.0, 0.26),
        augment=PowerAugment(),
        seed=99,
    )
    return tiny_features(sampler.batch(512, 0.5)[0])


def export_tiny(model: tf.keras.Model, windows: np.ndarray, folder: pathlib.Path) -> dict[str, object]:
    """Writes both formats; returns their description and how far each is from float."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx_path = folder / "wake-tiny.onnx"
    save(int8_onnx(tiny_onnx(model), windows), onnx_path)
    windowed = int8_tflite(model, windows)
    wanted = softmax(model(windows[..., None], training=False).numpy()[:, 0])
    runner = session(onnx_path)
    by_onnx = np.concatenate([runner.run(None, {"features": w[None]})[0] for w in windows])
    interpreter = tf.lite.Interpreter(model_content=windowed, num_threads=1)
    interpreter.allocate_tensors()
    into, out = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def by_tflite(window: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(into["index"], window[None])
        interpreter.invoke()
        return interpreter.get_tensor(out["index"])[0]

    others = np.stack([by_tflite(w) for w in windows])
    apart = {
        "int8 ONNX from float": distance(by_onnx, wanted),
        "int8 TFLite from float": distance(others, wanted),
        "int8 ONNX from int8 TFLite": distance(by_onnx, others),
    }
    files = {"onnx": describe_file(onnx_path), "tflite": write_streamed(windowed, folder)}
    return {"files": files, "scoreDifferences": apart}


def distance(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    gap = np.abs(one - other).max(axis=1)
    return {
        "mean": round(float(gap.mean()), 5),
        "p99": round(float(np.percentile(gap, 99)), 5),
        "max": round(float(gap.max()), 5),
    }


def models_named(paths: list[pathlib.Path], weigh: list[float]) -> str:
    """A name that changes with the contents of any of the files, or with what each counts."""
    return " ".join([*(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths), *map(str, map(float, weigh))])


def curve_points(part: Part, point: Point) -> list[dict[str, float]]:
    """Misses against false accepts per hour as heavy's threshold moves, and as tiny's alone does: its score."""
    rows = []
    at_point = part.noticed(point.tiny, point.timing)
    for threshold in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99):
        level = float(logit(np.array(threshold)))
        both = summary(at_point, level)
        alone = part.noticed(threshold, dataclasses.replace(point.timing, speech_weight=0.0))
        tiny_missed = [m / n for m, n in alone.missed(False, None).values()]
        rows.append(
            {
                "threshold": threshold,
                "both missed": both["clean-both"]["average"],
                "both missed 10 dB": both["snr10-both"]["average"],
                "both false accepts/h": both["falseAcceptsPerHour"],
                "both alexa": both["clean-both"]["missed"]["alexa"],
                "both alexa false accepts": both["falseAccepts"]["alexa"],
                "tiny missed": round(float(np.mean(tiny_missed)), 4),
                "tiny false accepts/h": round(alone.false_wakeups() / part.hours, 2),
            }
        )
    return rows


@dataclasses.dataclass
class Choice:
    """What was chosen on the calibration part, and what stood there beside it."""

    point: Point
    tiny_curve: Curve
    heavy_curve: Curve
    figures: dict[str, object]

    @classmethod
    def made(cls, cascade: Cascade, options: argparse.Namespace) -> Choice:
        heard = cascade.hear(options.cache, options.data, "calibration", TINY_SCORES, TIMINGS)
        held, lookalikes = heard.apart(LOOKALIKES)
        allowed = {"per_hour": options.per_hour, "per_hour_word": options.per_hour_word}
        point = choose(held, TIMINGS, TINY_SCORES, **allowed)
        deaf = dict.fromkeys(dataclasses.replace(timing, speech_weight=0.0) for timing in TIMINGS)
        without = choose(held, list(deaf), TINY_SCORES, **allowed)
        chosen, resembling = (part.noticed(point.tiny, point.timing) for part in (held, lookalikes))
        accepted = {
            "clips": sum(heard.recordings for heard in lookalikes.others),
            "noticed": resembling.false_wakeups(),
            "accepted": int(resembling.false_accepts(point.heavy).sum()),
        }
        print("chosen", point, "lookalikes", accepted, "without wake-speech", without)
        at_point = summary(chosen, point.heavy)
        print("calibration part", json.dumps(at_point))
        deaf_figures = summary(held.noticed(without.tiny, without.timing), without.heavy)
        figures = {**at_point, "lookalikes": accepted, "withoutSpeech": deaf_figures}
        return cls(point, fit_curve(*chosen.tiny_events()), fit_curve(*chosen.heavy_events()), figures)


@dataclasses.dataclass
class Measured:
    """Figures of the test part, and the reliability diagram of each stage."""

    figures: dict[str, object]
    curve: list[dict[str, float]]
    tiny_diagram: list[dict[str, float]]
    heavy_diagram: list[dict[str, float]]

    @classmethod
    def of(cls, cascade: Cascade, choice: Choice, options: argparse.Namespace) -> Measured:
        point = choice.point
        test = cascade.hear(options.cache, options.data, "test", [point.tiny], [point.timing])
        noticed = test.noticed(point.tiny, point.timing)
        tiny_said, tiny_right = noticed.tiny_events()
        heavy_said, heavy_right = noticed.heavy_events()
        tiny_error, tiny_diagram = calibration_error(choice.tiny_curve(tiny_said), tiny_right)
        heavy_error, heavy_diagram = calibration_error(choice.heavy_curve(heavy_said), heavy_right)
        figures = {
            "part": "test",
            "allowedFalseAcceptsPerHour": options.per_hour,
            "allowedFalseAcceptsPerHourAndWord": options.per_hour_word,
            **summary(noticed, point.heavy),
            "expectedCalibrationError": {"heavy": round(heavy_error, 4), "tiny": round(tiny_error, 4)},
            "calibrationPart": choice.figures,
        }
        curve = curve_points(test, point)
        print("test part", json.dumps(figures))
        return cls(figures, curve, tiny_diagram, heavy_diagram)


def tiny_files(options: argparse.Namespace, folder: pathlib.Path) -> dict[str, object]:
    """Wake-tiny's files, described; those that are there where they are to be kept."""
    if options.keep_tiny:
        kept = json.loads((folder / "manifest.json").read_text())
        return {"files": kept["files"], "scoreDifferences": kept["figures"].get("scoreDifferences", {})}
    model = nets.tiny_net(len(LABELS))
    model.load_weights(options.cache / f"{options.tiny}.weights.h5")
    return export_tiny(model, calibration_windows(options.cache, options.data), folder)


def heavy_files(folder: pathlib.Path, members: list[tuple[object, object]], looks: int) -> dict[str, object]:
    folder.mkdir(parents=True, exist_ok=True)
    onnx_path, tflite_path = folder / "wake-heavy.onnx", folder / "wake-heavy.tflite"
    record = heavy_onnx(members, looks, FROZEN_CONVOLUTIONS, "wake-heavy")
    save(record, onnx_path)
    tflite_path.write_bytes(heavy_tflite(record, len(members), looks))
    return {"onnx": describe_file(onnx_path), "tflite": describe_file(tflite_path)}


def speech_files(folder: pathlib.Path, head: Head) -> dict[str, object]:
    folder.mkdir(parents=True, exist_ok=True)
    onnx_path, tflite_path = folder / "wake-speech.onnx", folder / "wake-speech.tflite"
    save(head_onnx(head, speech_windows.SEGMENTS, "wake-speech"), onnx_path)
    tflite_path.write_bytes(head_tflite(head, speech_windows.SEGMENTS))
    return {"onnx": describe_file(onnx_path), "tflite": describe_file(tflite_path)}


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--tiny", default="wake-tiny", help="name of its weights in the cache")
    parser.add_argument("--keep-tiny", action="store_true", help="keep the files of wake-tiny that are there")
    parser.add_argument("--heavy", nargs="+", default=["wake-heavy-1", "wake-heavy-2", "wake-heavy-3"])
    parser.add_argument("--members", type=int, default=2, help="members in each file of --heavy")
    parser.add_argument("--speech", default="wake-speech-head", help="name of its weights in the cache")
    parser.add_argument("--weigh", type=float, nargs="+", default=[1, 1, 1], help="what each file of --heavy counts")
    parser.add_argument("--target", type=pathlib.Path, default=MODELS)
    parser.add_argument("--per-hour", type=float, default=1.0, help="false accepts allowed, all words together")
    parser.add_argument("--per-hour-word", type=float, default=0.5, help="false accepts allowed of any one word")
    parser.add_argument(
        "--tiny-only", action="store_true", help="stop when wake-tiny's files stand, for wake-speech to learn from"
    )
    parser.add_argument("--no-test", action="store_true", help="stop before the test part is heard")
    return parser.parse_args()


def main() -> None:
    options = read_options()
    cache = options.cache
    folder_tiny, folder_heavy, folder_speech = (options.target / f"wake-{name}" for name in ("tiny", "heavy", "speech"))
    exported = tiny_files(options, folder_tiny)
    print(json.dumps(exported["scoreDifferences"]))
    if options.tiny_only:
        return

    weights = [cache / f"{name}.weights.h5" for name in options.heavy]
    verifiers = load_all(weights, len(LABELS), options.members, options.weigh)
    trained = np.load(cache / f"{options.speech}.npz")
    speech = Speech(Head(*(trained[name] for name in ("kernel", "bias", "out", "offset"))))
    tiny_path = folder_tiny / "wake-tiny.onnx"
    name = models_named([tiny_path, *weights], options.weigh)
    cascade = Cascade(int8_scorer(tiny_path), member_scorer(verifiers), speech, name)
    choice = Choice.made(cascade, options)
    if options.no_test:
        return

    point, timing = choice.point, choice.point.timing
    members = [pair for v in verifiers for pair in zip(v.embeddings, v.heads, strict=True)]
    files = heavy_files(folder_heavy, members, timing.looks)
    accept = round(float(choice.heavy_curve(1 / (1 + np.exp(-np.array(point.heavy))))), 4)
    reject = round(float(choice.tiny_curve(np.array(point.tiny))), 4)
    measured = Measured.of(cascade, choice, options)
    compared = cache / "openwakeword-test.json"
    theirs = {"openWakeWord": json.loads(compared.read_text())} if compared.exists() else {}
    tiny_figures = {
        **measured.figures,
        "reliability": measured.tiny_diagram,
        "curve": measured.curve,
        "scoreDifferences": exported["scoreDifferences"],
        **theirs,
    }
    heavy_figures = {**measured.figures, "reliability": measured.heavy_diagram, "curve": measured.curve}
    write_manifest(folder_tiny, tiny_manifest(exported["files"], reject, choice.tiny_curve, timing, tiny_figures))
    write_manifest(folder_heavy, heavy_manifest(files, len(members), accept, choice.heavy_curve, timing, heavy_figures))
    write_manifest(folder_speech, speech_manifest(speech_files(folder_speech, speech.head)))


if __name__ == "__main__":
    main()
