"""Examples for the command model: recordings as they are and varied in audio, through what the runtime would show
the model of them. Every example has a seed of its own, so they can be made in any order and on several cores."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import multiprocessing
import pathlib
from collections.abc import Iterator

import numpy as np
import scipy.signal

from augment import room_response, telephone
from command_windows import SEGMENTS, Span, find_word, sounds_beside, word_window
from corpus import Recording, people, read
from features import RATE_HZ
from moonshine import Encoder, block_powers

COMMANDS = ("open", "close", "print", "project", "process", "signal", "speaker", "speech")
LABELS = (*COMMANDS, "unknown", "silence")
UNKNOWN, SILENCE = len(COMMANDS), len(COMMANDS) + 1
END_SILENCE = int(0.7 * RATE_HZ)
"""What end-pointing leaves behind a word."""

VARIANTS = {"commands": 16, "wake": 1, "wuw": 0, "orders": 0, "noise": 1, "voices": 1}
"""Varied examples of each recording, besides the recording as it is."""
PASSAGES = {"wuw": 1, "orders": 4, "noise": 4}
"""Cuts out of running speech and noise, varied; the recordings as they are would mostly not be shown to the model."""
PAIRS, PIECES = 2, 1
"""Two words in one breath, and beginnings of words, per recording of a command; both are unknown."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One example to make of `recording`; `variant` 0 is the recording as it is."""

    recording: Recording
    kind: str
    variant: int
    other: str = ""

    def rng(self) -> np.random.Generator:
        name = pathlib.Path(self.recording.path).name
        key = f"{self.recording.source}/{name}/{self.recording.group}/{self.kind}/{self.variant}"
        return np.random.default_rng(int(hashlib.sha256(key.encode()).hexdigest()[:16], 16))


@dataclasses.dataclass
class Examples:
    """Features [n, 8, 288] and labels [n] of sounds, and the number in `tasks` of what each was cut out of."""

    features: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    owners: np.ndarray
    tasks: Tasks


@dataclasses.dataclass
class Tasks:
    """Source, group, kind and label of each task; `plain`: the recording as it is."""

    sources: np.ndarray
    groups: np.ndarray
    kinds: np.ndarray
    labels: np.ndarray
    plain: np.ndarray


# --- in audio -------------------------------------------------------------------------------------


def stretch(samples: np.ndarray, rate: float) -> np.ndarray:
    """`rate` times as fast at the same pitch: a phase vocoder (Flanagan and Golden 1966)."""
    size, hop = 512, 128
    spectrum = scipy.signal.stft(samples, nperseg=size, noverlap=size - hop)[2]
    steps = np.arange(0, spectrum.shape[1] - 1, rate)
    left = steps.astype(int)
    share = steps - left
    level = (1 - share) * np.abs(spectrum[:, left]) + share * np.abs(spectrum[:, left + 1])
    angle = np.angle(spectrum)
    expected = 2 * np.pi * hop * np.arange(size // 2 + 1)[:, None] / size
    drift = np.diff(angle, axis=1) - expected
    drift -= 2 * np.pi * np.round(drift / (2 * np.pi))
    turns = (expected + drift)[:, left]
    phase = np.cumsum(np.concatenate([angle[:, :1], turns[:, :-1]], axis=1), axis=1)
    return scipy.signal.istft(level * np.exp(1j * phase), nperseg=size, noverlap=size - hop)[1]


def coloured(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A microphone's or a throat's own curve: five bands, 4 dB of standard deviation."""
    spectrum = np.fft.rfft(samples)
    curve = np.interp(np.linspace(0, 4, len(spectrum)), np.arange(5), rng.normal(0.0, 4.0, 5))
    return np.fft.irfft(spectrum * 10 ** (curve / 20), len(samples))


def filtered(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sometimes a telephone, a low-pass or a high-pass."""
    draw = rng.random()
    if draw < 0.08:
        return telephone(samples, rng)
    if draw < 0.2:
        low_pass = scipy.signal.butter(4, rng.uniform(2800, 7000), "lowpass", fs=RATE_HZ, output="sos")
        return scipy.signal.sosfilt(low_pass, samples)
    if draw < 0.28:
        high_pass = scipy.signal.butter(2, rng.uniform(100, 400), "highpass", fs=RATE_HZ, output="sos")
        return scipy.signal.sosfilt(high_pass, samples)
    return samples


def vary(samples: np.ndarray, rng: np.random.Generator, noises: list[np.ndarray]) -> np.ndarray:
    """Another speaker's pitch and pace, another room, microphone and background: 0 to 25 dB of noise in two fifths."""
    if rng.random() < 0.75:
        samples = scipy.signal.resample_poly(samples, int(rng.integers(84, 119)), 100)
    if rng.random() < 0.5:
        samples = stretch(samples, rng.uniform(0.8, 1.25))
    if rng.random() < 0.5:
        samples = coloured(samples, rng)
    if rng.random() < 0.35:
        samples = scipy.signal.fftconvolve(samples, room_response(rng))[: len(samples) + RATE_HZ * 3 // 10]
    samples = filtered(samples, rng)
    if rng.random() < 0.08:
        level = np.max(np.abs(samples)) * rng.uniform(0.2, 0.7)
        samples = np.clip(samples, -level, level)
    # A word's mean level is about 5 dB below that of its loudest 20 ms.
    loudest = np.sqrt(block_powers(samples).max(initial=0.0)) + 1e-9
    if rng.random() < 0.4:
        noise = excerpt(noises[rng.integers(len(noises))], len(samples), rng)
        level = np.sqrt(np.mean(noise**2)) + 1e-9
        samples = samples + noise * (0.56 * loudest / level * 10 ** (-rng.uniform(0.0, 25.0) / 20))
    if rng.random() < 0.5:
        hiss = rng.standard_normal(len(samples))
        samples = samples + hiss * loudest * 10 ** (-rng.uniform(25.0, 65.0) / 20)
    return np.ascontiguousarray(samples, np.float32)


def excerpt(samples: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    """`length` samples from anywhere, the recording repeated where it is shorter."""
    if len(samples) < length:
        samples = np.tile(samples, -(-length // len(samples)))
    start = rng.integers(0, len(samples) - length + 1)
    return samples[start : start + length]


# --- what is made of them -------------------------------------------------------------------------


def label_of(recording: Recording) -> int:
    if recording.source == "noise":
        return SILENCE
    return COMMANDS.index(recording.label) if recording.label in COMMANDS else UNKNOWN


def tasks_of(recordings: list[Recording]) -> Iterator[Task]:
    """Every example of these recordings."""
    words = [r for r in recordings if r.source == "commands" and r.label in COMMANDS]
    for recording in recordings:
        for variant in range(VARIANTS[recording.source] + 1):
            yield Task(recording, "word", variant)
        for variant in range(PASSAGES.get(recording.source, 0)):
            yield Task(recording, "passage", variant + 1)
    for recording in words:
        own = [r.path for r in words if r.group == recording.group]
        for variant in range(PAIRS):
            task = Task(recording, "pair", variant + 1)
            yield dataclasses.replace(task, other=own[task.rng().integers(len(own))])
        for variant in range(PIECES):
            yield Task(recording, "piece", variant + 1)
    for recording in words:
        for variant in range(2):
            yield Task(recording, "beside", variant)


def heard(task: Task, rng: np.random.Generator) -> np.ndarray:
    """A recording as the runtime hears it, varied from the first variant on."""
    samples = read(task.recording.path)
    return vary(samples, rng, noises()) if task.variant > 0 else np.pad(samples, (0, END_SILENCE))


def somewhere(samples: np.ndarray, rng: np.random.Generator) -> Span | None:
    """0.3 to 1.2 s of running speech or noise, beginning in something loud."""
    powers = block_powers(samples)
    loud = np.flatnonzero(powers >= powers.max() * 10 ** (-1.7))
    if powers.max() == 0.0:
        return None
    length = int(rng.uniform(0.3, 1.2) * RATE_HZ)
    start = max(0, int(loud[rng.integers(len(loud))]) * (RATE_HZ // 50) - int(rng.uniform(0.0, 0.5) * length))
    return (start, min(len(samples), start + length)) if len(samples) - start > RATE_HZ // 5 else None


def joined(task: Task, rng: np.random.Generator) -> np.ndarray:
    """Two words of one speaker in one breath, up to 60 ms apart, a little faster than alone."""
    parts = []
    for path in (task.recording.path, task.other):
        samples = read(path)
        found = find_word(samples)
        start, end = (0, len(samples)) if found is None else found[0]
        parts.append(samples[start:end])
    pause = np.zeros(int(rng.uniform(0.0, 0.06) * RATE_HZ), np.float32)
    samples = stretch(np.concatenate([parts[0], pause, parts[1]]), rng.uniform(1.0, 1.5))
    return np.pad(samples, (RATE_HZ // 4, RATE_HZ // 4)).astype(np.float32)


def piece(samples: np.ndarray, span: Span, rng: np.random.Generator) -> np.ndarray:
    """The first third to half of a word."""
    end = span[0] + int((span[1] - span[0]) * rng.uniform(0.3, 0.5))
    return np.pad(samples[max(0, span[0] - RATE_HZ // 5) : end], (0, RATE_HZ // 4))


Cut = tuple[Span, int, str]
"""What is cut out of an example's audio, its label, and what kind of example it is."""


def cuts(task: Task, rng: np.random.Generator) -> tuple[np.ndarray, list[Cut]]:
    """Audio of an example, and what is cut out of it. What sounds beside one of the eight words, said alone, is a
    click, a breath or noise: silence, to the model; beside other speech it is speech."""
    samples = joined(task, rng) if task.kind == "pair" else heard(task, rng)
    label = label_of(task.recording)
    if task.kind == "passage":
        span = somewhere(samples, rng)
        return samples, [] if span is None else [(span, label, task.kind)]
    found = find_word(samples)
    if task.kind == "beside":
        return samples, [] if found is None else [
            (span, SILENCE, task.kind) for span in sounds_beside(samples, found[0])
        ]
    if task.kind == "piece" and found is not None:
        samples = piece(samples, found[0], rng)
        found = find_word(samples)
    if found is None:
        return samples, []
    if task.kind != "word":
        return samples, [(found[0], UNKNOWN, task.kind)]
    beside = UNKNOWN if label == UNKNOWN else SILENCE
    return samples, [(found[0], label, task.kind), *((span, beside, "rival") for span in found[1])]


JITTER = int(0.06 * RATE_HZ)


def make(task: Task) -> list[tuple[np.ndarray, int, str]]:
    """Features, label and kind of what an example holds; nothing where the runtime would ask no model."""
    rng, made = task.rng(), []
    samples, found = cuts(task, rng)
    for (start, end), label, kind in found:
        if task.variant > 0 and kind != "rival":
            moved = rng.integers(-JITTER, JITTER + 1, 2)
            start, end = max(0, start + int(moved[0])), min(len(samples), end + int(moved[1]))
        if end - start >= RATE_HZ // 20 and samples[start:end].any():
            made.append((encoder()(*word_window(samples, start, end), SEGMENTS).astype(np.float16), label, kind))
    return made


@functools.cache
def encoder() -> Encoder:
    return Encoder()


@functools.cache
def noises() -> list[np.ndarray]:
    return [n for n in (read(path) for path in NOISE_PATHS) if n.any()]


NOISE_PATHS: list[str] = []


def _start(paths: list[str]) -> None:
    NOISE_PATHS[:] = paths


def learnable(data: pathlib.Path, cache: pathlib.Path) -> list[Recording]:
    """Everything that may be learnt from: all parts but test, and synthetic voices (command_voices.py)."""
    real = [r for r in people(data) if r.part != "test" and r.source in VARIANTS]
    voices = sorted((cache / "command-voices").rglob("*.wav"))
    return [*real, *(Recording("voices", str(path), path.parent.name, "train", path.stem) for path in voices)]


def examples(data: pathlib.Path, cache: pathlib.Path, workers: int) -> Examples:
    """All examples, made once and kept under `cache`."""
    kept = cache / "command-examples.npz"
    recordings = learnable(data, cache)
    todo = list(tasks_of(recordings))
    tasks = Tasks(
        np.array([t.recording.source for t in todo]),
        np.array([t.recording.group for t in todo]),
        np.array([t.kind for t in todo]),
        np.array([label_of(t.recording) for t in todo]),
        np.array([t.kind == "word" and t.variant == 0 for t in todo]),
    )
    if not kept.exists():
        paths = [r.path for r in recordings if r.source == "noise"]
        with multiprocessing.get_context("spawn").Pool(workers, _start, (paths,)) as pool:
            made = pool.map(make, todo, chunksize=32)
        flat = [(owner, *one) for owner, some in enumerate(made) for one in some]
        owners, features, labels, kinds = zip(*flat, strict=True)
        np.savez(kept, features=np.stack(features), labels=labels, kinds=kinds, owners=owners)
    return Examples(**np.load(kept), tasks=tasks)
