"""Weights to the shipped command model: export, calibrate, choose the threshold, measure, describe.

    python publish_commands.py --data ../../../shared/data --cache DIR --weights commands
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np
import onnxruntime

from corpus import Recording, people, read
from export_onnx import heavy_onnx, heavy_samples, save
from features import RATE_HZ
from operate import calibration_error, fit_curve
from publish import (
    DATA_USED,
    EMBEDDING_USED,
    MODELS,
    VERSION,
    describe_file,
    heavy_member,
    session,
    tensor,
    write_manifest,
)
from train_commands import COMMANDS, LABELS
from train_wake_heavy import FROZEN_CONVOLUTIONS

LOOKS = 1
SAMPLES = heavy_samples(LOOKS)
Judged = tuple[np.ndarray, np.ndarray]


END_SILENCE_S = 0.7
AFTER_WORD_S = 0.4
LONGEST_WORD_S = 1.4
EDGE_DB = 25.0


def word_window(samples: np.ndarray) -> np.ndarray | None:
    """What src/stages/commands.ts shows the model of an utterance: two seconds that end 0.4 s after the
    last loud 20 ms block, silence in front where there are fewer; None where it is longer than one word."""
    samples = np.pad(samples, (0, int(END_SILENCE_S * RATE_HZ)))
    block = RATE_HZ // 50
    power = np.mean(samples[: len(samples) // block * block].reshape(-1, block) ** 2, axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-EDGE_DB / 10))
    if (loud[-1] + 1 - loud[0]) * block > LONGEST_WORD_S * RATE_HZ:
        return None
    end = (loud[-1] + 1) * block + int(AFTER_WORD_S * RATE_HZ)
    return np.pad(samples[:end], (SAMPLES, 0))[-SAMPLES:].astype(np.float32)


def judge(runner: onnxruntime.InferenceSession, recordings: list[Recording]) -> Judged:
    """(scores [n, labels], label index or -1 for none of the eight words) of whole recordings."""
    windows = [word_window(read(r.path)) for r in recordings]
    refused = np.zeros(len(LABELS), np.float32)
    scores = [refused if w is None else runner.run(None, {"audio": w[None]})[0][0] for w in windows]
    labels = [COMMANDS.index(r.label) if r.label in COMMANDS else -1 for r in recordings]
    return np.array(scores), np.array(labels)


def figures_at(judged: Judged, confidence: np.ndarray, threshold: float) -> dict[str, object]:
    """Accuracy on the eight words, per class, and how much of everything else is refused."""
    scores, labels = judged
    named = scores[:, : len(COMMANDS)].argmax(axis=1)
    answer = np.where(confidence >= threshold, named, -1)
    ours = labels >= 0
    return {
        "clips": int(ours.sum()),
        "correct": int((answer[ours] == labels[ours]).sum()),
        "confused": int(((answer[ours] != labels[ours]) & (answer[ours] >= 0)).sum()),
        "recall": {
            word: f"{int((answer[labels == i] == i).sum())}/{int((labels == i).sum())}"
            for i, word in enumerate(COMMANDS)
        },
        "otherClips": int((~ours).sum()),
        "otherRefused": int((answer[~ours] == -1).sum()),
    }


def part_of(data: pathlib.Path, part: str) -> dict[str, list[Recording]]:
    """The command corpus and, apart, other people's speech and noise, of one part."""
    rows = [r for r in people(data) if r.part == part]
    return {
        "commands": [r for r in rows if r.source == "commands"],
        "elsewhere": [r for r in rows if r.source in ("wake", "wuw", "orders", "noise")],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--weights", default="commands")
    parser.add_argument("--target", type=pathlib.Path, default=MODELS)
    options = parser.parse_args()
    member = heavy_member(options.cache / f"{options.weights}.weights.h5", len(LABELS))
    folder = options.target / "commands"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "commands.onnx"
    save(heavy_onnx([member], LOOKS, FROZEN_CONVOLUTIONS, "commands"), path)
    runner = session(path)

    held = part_of(options.data, "calibration")
    judged = judge(runner, [*held["commands"], *held["elsewhere"]])
    best = judged[0][:, : len(COMMANDS)]
    curve = fit_curve(best.max(axis=1), best.argmax(axis=1) == judged[1])
    confidence = curve(best.max(axis=1))
    grid = np.linspace(0.3, 0.9, 13)

    def cost(threshold: float) -> float:
        found = figures_at(judged, confidence, threshold)
        return -found["correct"] / found["clips"] - found["otherRefused"] / found["otherClips"]

    threshold = float(min(grid, key=cost))
    print("calibration part", threshold, json.dumps(figures_at(judged, confidence, threshold)))

    figures: dict[str, object] = {}
    for name, recordings in part_of(options.data, "test").items():
        judged = judge(runner, recordings)
        best = judged[0][:, : len(COMMANDS)]
        confidence = curve(best.max(axis=1))
        figures[name] = figures_at(judged, confidence, threshold)
        if name == "commands":
            right = best.argmax(axis=1) == judged[1]
            figures["expectedCalibrationError"], figures["reliability"] = calibration_error(confidence, right)
    print("test part", json.dumps(figures))
    write_manifest(folder, {
        "schema": 1, "name": "commands", "kind": "commands", "version": VERSION, "licence": "Apache-2.0",
        "files": {"onnx": describe_file(path)},
        "inputs": [tensor("audio", [1, SAMPLES])],
        "outputs": [tensor("scores", [1, len(LABELS)])], "state": [],
        "frontEnd": {"kind": "raw-audio", "rateHz": RATE_HZ, "windowSamples": SAMPLES},
        "hopMs": None, "labels": list(LABELS),
        "thresholds": {word: {"accept": round(threshold, 4), "reject": round(threshold, 4)} for word in COMMANDS},
        "calibration": curve.manifest(), "figures": figures,
        "data": [
            EMBEDDING_USED,
            {"name": "DSPSpeech-20", "licence": "MIT", "use": "the eight words, and words of another language"},
            *(d for d in DATA_USED if "DSPSpeech" not in d["name"]),
        ],
    })


if __name__ == "__main__":
    main()
