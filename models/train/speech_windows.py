"""What wake-speech is shown: the end of what was heard, as src/voice/stages/wake-heavy/speech-opinion.ts shows it, of
whatever wakes wake-tiny in the recordings."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import multiprocessing
import pathlib
from collections.abc import Callable

import numpy as np

import moonshine
import nets
from command_examples import vary
from corpus import Recording, compute_powers, packaged, people, read
from features import LOG_MEL, RATE_HZ
from fit import Scorer, softmax
from wake_data import LABELS, OTHER, WORDS

WINDOW_SAMPLES = 32_000
FRAMES = 82
SEGMENTS = 12
LEAD_S, TRAIL_S = 0.4, 0.8
"""Silence around a clip."""

NOTICED = 0.1
"""Tiny's score from which on a moment is an example: below what wakes it when it ships."""
LOOK_HOPS = (2, 5)
"""From what tiny notices to what is shown; the runtime looks after three, and again after five."""
LASTING_HOPS = 12
"""What goes on for longer gives another example."""
VARIANTS = 4
"""Varied examples of a recording of a word, besides the recording as it is."""
SHORTEST = RATE_HZ // 10
"""Samples of a recording that is heard at all."""


def end_window(samples: np.ndarray, end: int) -> np.ndarray:
    """The two seconds before `end`, silence where there is no signal, the loudest 20 ms at -12 dB."""
    window = np.zeros(WINDOW_SAMPLES, np.float32)
    first, last = max(0, end - WINDOW_SAMPLES), min(len(samples), end)
    if last > first:
        place = WINDOW_SAMPLES - (end - first)
        window[place : place + last - first] = samples[first:last]
    return (window * moonshine.gain_of(window)).astype(np.float32)


def end_of_hop(hop: int) -> int:
    """The sample at which a hop of tiny ends; frames of 512 samples begin every 320, from the first sample on."""
    last_frame = (hop + 1) * nets.TINY_HOP_FRAMES - 1
    return last_frame * LOG_MEL["stepSamples"] + LOG_MEL["windowSamples"]


@dataclasses.dataclass(frozen=True)
class Task:
    """One take of a recording; take 0 is the recording as it is."""

    recording: Recording
    take: int

    def rng(self) -> np.random.Generator:
        key = f"{self.recording.source}/{pathlib.Path(self.recording.path).name}/{self.recording.group}/{self.take}"
        return np.random.default_rng(int(hashlib.sha256(key.encode()).hexdigest()[:16], 16))


def moments(scores: np.ndarray, label: int | None) -> list[int]:
    """Hops at which tiny first names a word, and again while it goes on; `label` alone where it is known."""
    named, best = scores[:, :OTHER].argmax(axis=1), scores[:, :OTHER].max(axis=1)
    high = best >= NOTICED if label is None else (best >= NOTICED) & (named == label)
    found: list[int] = []
    for hop in np.flatnonzero(high):
        if not found or hop - found[-1] >= LASTING_HOPS:
            found.append(int(hop))
    return found


def make(task: Task) -> list[np.ndarray]:
    """Features [12, 288] of every moment of a take."""
    rng, recording = task.rng(), task.recording
    samples = read(recording.path)
    if len(samples) < SHORTEST:
        return []
    if task.take > 0:
        samples = vary(samples, rng, _NOISES)
    samples = np.pad(samples, (int(LEAD_S * RATE_HZ), int(TRAIL_S * RATE_HZ)))
    label = WORDS.index(recording.label) if recording.label in WORDS else None
    scores = softmax(_TINY[0](compute_powers(samples)[0])[0])
    found = []
    for hop in moments(scores, label):
        look = hop + int(rng.integers(LOOK_HOPS[0], LOOK_HOPS[1] + 1))
        window = end_window(samples, end_of_hop(look))
        found.append(_encoder()(window, WINDOW_SAMPLES, SEGMENTS).astype(np.float16))
    return found


@functools.cache
def _encoder() -> moonshine.Encoder:
    return moonshine.Encoder()


_TINY: list[Scorer] = []
_NOISES: list[np.ndarray] = []


def _start(make_tiny: Callable[[pathlib.Path], Scorer], tiny: pathlib.Path, noises: list[str]) -> None:
    _TINY[:] = [make_tiny(tiny)]
    _NOISES[:] = [n for n in map(read, noises) if n.any()]


@dataclasses.dataclass
class Examples:
    """Features [n, 12, 288], labels and sources [n]; `plain`: of a recording as it is."""

    features: np.ndarray
    labels: np.ndarray
    sources: np.ndarray
    plain: np.ndarray


def tasks_of(data: pathlib.Path, cache: pathlib.Path) -> list[Task]:
    """The train part: people's words in variants, and everything that holds none. Voices that were made are left out
    where they say the words: people's clips are what the encoder is to be read for."""
    tasks = []
    for recording in [*people(data), *packaged(cache)]:
        word = recording.label in WORDS
        if recording.part != "train" or (word and recording.source != "wake"):
            continue
        tasks += [Task(recording, take) for take in range(1 + (VARIANTS if word else 0))]
    return tasks


def examples(
    data: pathlib.Path,
    cache: pathlib.Path,
    make_tiny: Callable[[pathlib.Path], Scorer],
    tiny: pathlib.Path,
    workers: int,
) -> Examples:
    """All examples of the train part, made once for a wake-tiny and kept under `cache`."""
    kept = cache / f"speech-examples-{hashlib.sha256(tiny.read_bytes()).hexdigest()[:16]}.npz"
    if not kept.exists():
        tasks = tasks_of(data, cache)
        noises = [r.path for r in people(data) if r.source == "noise" and r.part == "train"]
        with multiprocessing.get_context("spawn").Pool(workers, _start, (make_tiny, tiny, noises)) as pool:
            made = pool.map(make, tasks, chunksize=32)
        flat = [(t, features) for t, some in zip(tasks, made, strict=True) for features in some]
        np.savez(
            kept,
            features=np.stack([features for _, features in flat]),
            labels=[LABELS.index(t.recording.label) if t.recording.label in WORDS else OTHER for t, _ in flat],
            sources=[t.recording.source for t, _ in flat],
            plain=[t.take == 0 for t, _ in flat],
        )
    return Examples(**np.load(kept))
