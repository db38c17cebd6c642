"""A trained head to the shipped command model: export, calibrate, choose the threshold, measure, describe.

    python publish_commands.py --data ../../../shared/data --cache DIR

Confidence and threshold are chosen on the judgements of models that never heard the speaker (train_commands.py); the
test part is measured after them, through the files that ship.
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np

import command_windows as windows
import moonshine
from command_examples import COMMANDS, LABELS, UNKNOWN, Task, make
from corpus import people
from export_head import head_onnx, head_tflite, rounded, shape_of
from export_onnx import save
from export_tflite import describe_file
from features import RATE_HZ
from listen import wilson
from manifests import DATA_USED, ENCODER_USED, tensor, write_manifest
from operate import Curve, calibration_error, fit_curve
from publish import MODELS, session
from train_commands import EPOCHS, SILENT, WIDTH, Head, utterances

VERSION = "2.1.0"
LEAST_CONFIDENCE = 0.4
"""What a voice cascade believes of a transcript at least (`minConfidence`)."""


class Judged:
    """Scores [n, labels] of recordings, and their labels. Recordings that no model is asked about score nothing."""

    def __init__(self, scores: np.ndarray, labels: np.ndarray) -> None:
        best = scores[:, : len(COMMANDS)]
        self.best, self.named, self.labels = best.max(axis=1), best.argmax(axis=1), labels
        self.right = self.named == labels

    def figures(self, curve: Curve, threshold: float) -> dict[str, object]:
        """Accuracy on the eight words, per class and confused, and how much of everything else is refused."""
        answer = np.where(curve(self.best) >= threshold, self.named, -1)
        ours = self.labels < UNKNOWN
        correct, refused = int((answer[ours] == self.labels[ours]).sum()), int((answer[~ours] == -1).sum())
        return {
            "clips": int(ours.sum()),
            "correct": correct,
            "interval": [round(v, 4) for v in wilson(correct, int(ours.sum()))],
            "recall": {
                word: f"{int((answer[self.labels == i] == i).sum())}/{int((self.labels == i).sum())}"
                for i, word in enumerate(COMMANDS)
            },
            "confusion": {
                word: {
                    COMMANDS[a] if a >= 0 else "-": int((answer[self.labels == i] == a).sum())
                    for a in np.unique(answer[self.labels == i])
                }
                for i, word in enumerate(COMMANDS)
            },
            "otherClips": int((~ours).sum()),
            "otherRefused": refused,
            "otherInterval": [round(v, 4) for v in wilson(refused, int((~ours).sum()))],
        }


def choose(parts: list[Judged], curve: Curve) -> float:
    """The confidence with the fewest missed words and accepted others, each as a share and each part alike; of
    several as good, the middle one."""
    grid = np.arange(LEAST_CONFIDENCE, 0.951, 0.01)

    def cost(threshold: float) -> float:
        total = 0.0
        for part in parts:
            believed = curve(part.best) >= threshold
            ours = part.labels < UNKNOWN
            total += 1 - (believed & part.right)[ours].mean() if ours.any() else 0.0
            total += believed[~ours].mean() if (~ours).any() else 0.0
        return total

    costs = np.array([cost(t) for t in grid])
    good = grid[costs <= costs.min() + 1e-9]
    return round(float(good[len(good) // 2]), 2)


def hear(path: pathlib.Path, data: pathlib.Path, sources: tuple[str, ...]) -> Judged:
    """The test part of these sources through the ONNX file, as the runtime hears it."""
    runner, scores, labels = session(path), [], []
    for recording in people(data):
        if recording.part != "test" or recording.source not in sources:
            continue
        made = make(Task(recording, "word", 0))
        found = [runner.run(None, {"segments": m[0][None].astype(np.float32)})[0][0] for m in made]
        kinds, owners = np.array([m[2] for m in made]), np.zeros(len(made), int)
        scores.append(utterances(np.array(found).reshape(-1, len(LABELS)), owners, kinds, 1)[0])
        labels.append(COMMANDS.index(recording.label) if recording.label in COMMANDS else UNKNOWN)
    return Judged(np.array(scores), np.array(labels))


def cross_validated(trained: dict[str, np.ndarray]) -> tuple[Curve, float, dict[str, object]]:
    """Confidence and threshold by the judgements of models that never heard the speaker, and the figures of these."""

    def part(chosen: np.ndarray) -> Judged:
        return Judged(trained["scores"][chosen], trained["labels"][chosen])

    commands, words = trained["sources"] == "commands", trained["kinds"] == "word"
    elsewhere = ~commands & (trained["sources"] != "voices")
    plain, varied = part(commands & trained["plain"]), part(commands & words & ~trained["plain"])
    others = part(elsewhere & trained["plain"])
    curve = fit_curve(np.concatenate([plain.best, others.best]), np.concatenate([plain.right, others.right]))
    threshold = choose([plain, varied, others], curve)
    figures = {
        "commands": plain.figures(curve, threshold),
        "varied": varied.figures(curve, threshold),
        "elsewhere": others.figures(curve, threshold),
        "expectedCalibrationError": round(calibration_error(curve(plain.best), plain.right)[0], 4),
    }
    return curve, threshold, figures


def measured(path: pathlib.Path, data: pathlib.Path, curve: Curve, threshold: float) -> dict[str, object]:
    """Figures of the test part, through the file that ships."""
    test, elsewhere = hear(path, data, ("commands",)), hear(path, data, ("wake", "wuw", "orders", "noise"))
    error, diagram = calibration_error(curve(test.best), test.right)
    return {
        "commands": test.figures(curve, threshold),
        "elsewhere": elsewhere.figures(curve, threshold),
        "reliability": diagram,
        "expectedCalibrationError": round(error, 4),
    }


FRONT_END = {
    "kind": "encoded-word",
    "rateHz": RATE_HZ,
    "windowSamples": windows.WINDOW_SAMPLES,
    "beforeWordMs": windows.BEFORE_WORD * 1000 // RATE_HZ,
    "afterWordMs": windows.AFTER_WORD * 1000 // RATE_HZ,
    "fadeMs": windows.FADE * 1000 // RATE_HZ,
    "peakLevel": moonshine.LEVEL,
    "mostGain": moonshine.MOST_GAIN,
    "frameSamples": moonshine.FRAME_SAMPLES,
    "segments": windows.SEGMENTS,
}
COMMANDS_DATA = [
    ENCODER_USED,
    {"name": "DSPSpeech-20", "licence": "MIT", "use": "the eight words, and words of another language"},
    *(d for d in DATA_USED if d["name"].startswith(("Picovoice", "WUW", "ESC-10"))),
    {
        "name": "espeak-ng and flite voices (command_voices.py)",
        "licence": "made here",
        "use": "supplement: the eight words, and words that resemble them",
    },
]


def commands_manifest(
    files: dict[str, object], curve: Curve, threshold: float, figures: dict[str, object]
) -> dict[str, object]:
    encoder = moonshine.described(windows.WINDOW_SAMPLES, windows.FRAMES)
    return {
        "schema": 1,
        "name": "commands",
        "kind": "commands",
        "version": VERSION,
        "licence": "Apache-2.0",
        "files": files,
        "inputs": [tensor("segments", shape_of(windows.SEGMENTS))],
        "outputs": [tensor("scores", [1, len(LABELS)])],
        "state": [],
        "frontEnd": {**FRONT_END, "encoder": encoder, "silence": {"label": "silence", "least": SILENT}},
        "hopMs": None,
        "labels": list(LABELS),
        "thresholds": {word: {"accept": threshold, "reject": threshold} for word in COMMANDS},
        "training": {"width": WIDTH, "epochs": EPOCHS},
        "calibration": curve.manifest(),
        "figures": figures,
        "data": COMMANDS_DATA,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--target", type=pathlib.Path, default=MODELS)
    parser.add_argument("--no-test", action="store_true", help="leave the test part unheard")
    options = parser.parse_args()
    trained = np.load(options.cache / "commands-head.npz")
    folder = options.target / "commands"
    folder.mkdir(parents=True, exist_ok=True)
    onnx_path, tflite_path = folder / "commands.onnx", folder / "commands.tflite"
    head = rounded(Head(*(trained[name] for name in ("kernel", "bias", "out", "offset"))))
    save(head_onnx(head, windows.SEGMENTS, "commands"), onnx_path)
    tflite_path.write_bytes(head_tflite(head, windows.SEGMENTS))

    curve, threshold, held = cross_validated(trained)
    figures: dict[str, object] = {"crossValidated": held}
    print("threshold", threshold, json.dumps(figures))
    if not options.no_test:
        test = measured(onnx_path, options.data, curve, threshold)
        print("test part", json.dumps(test))
        figures |= test
    files = {"onnx": describe_file(onnx_path), "tflite": describe_file(tflite_path)}
    write_manifest(folder, commands_manifest(files, curve, threshold, figures))


if __name__ == "__main__":
    main()
