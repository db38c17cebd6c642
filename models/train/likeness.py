"""By which of a network's inner values words are compared: a linear map, in which what people differ in when they say
the same counts for little, and what tells sounds apart for much.

Linear discriminant analysis (Fisher, 1936) by pairs: steps of one word said by two people, aligned, and steps of one
sound and of the same by another vocal tract, in other colours, in noise. No phone and no spelling is asked for, so that
what it learns holds for words of any language. `adopt_phones.py` puts the map into the network's graph.
"""

from __future__ import annotations

import csv
import itertools
import pathlib
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import scipy.linalg
import scipy.signal

from corpus import packaged, people, read
from features import RATE_HZ

Hear = Callable[[np.ndarray], np.ndarray]
"""What a network makes of samples: values [steps, size]."""
PHRASES = ("operator", "voyager", "wildfire", "thinkengine", "onword")
"""Words over the telephone, beside the wake words."""
CLIPS = 60
"""Of a word, at most."""
PAIRS = 150
"""Of people who say a word, at most."""
TALK, TALK_SECONDS = "fillets-ng-data-nl", 3
"""A package of talk of another language, of which so much of a recording is taken: with English alone, it compares
words of another language less well."""
VARIED_CLIPS, VARIED_TALK, VARIANTS = 250, 150, 2
"""Clips of words and recordings of talk that are heard anew, and how often each."""
TRACTS = (0.82, 0.88, 0.93, 1.08, 1.14, 1.22)
"""By how much a voice is higher, and its vocal tract shorter, when it is heard anew."""
COLOUR_HZ, COLOUR_DB = (0, 400, 1200, 3200, 6400, 8000), 5
NOISY_SHARE, SNR_DB = 0.5, (15, 30)
AROUND_S, SILENCE_S = 0.15, 0.4
"""Kept of what is around a word whose place is known; silence before and after each."""
LEAST_PEAK = 0.02
EDGE_DB, BLOCK = 30, 320
"""Where a word begins and ends, below its loudest step."""
FEWEST_STEPS = 8
RIDGE = 0.05
"""Share of the mean variance that is added to each within a word, so that no direction counts for too much."""


class Likeness(NamedTuple):
    """What a step's values are multiplied with, [values, size], and what is added then."""

    weights: np.ndarray
    bias: np.ndarray


class Clip(NamedTuple):
    """A word that somebody says."""

    word: str
    speaker: str
    samples: np.ndarray


class Scatter:
    """Sums over steps, and over how they differ from others that are of the same sound."""

    def __init__(self, size: int) -> None:
        self.within, self.whole, self.sum = np.zeros((size, size)), np.zeros((size, size)), np.zeros(size)
        self.steps = 0

    def add(self, some: np.ndarray, others: np.ndarray) -> None:
        apart = some - others
        self.within += apart.T @ apart / 2
        self.whole += some.T @ some
        self.sum += some.sum(axis=0)
        self.steps += len(some)

    def covariances(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Within a sound, of all sounds, and their mean."""
        mean = self.sum / self.steps
        return self.within / self.steps, self.whole / self.steps - np.outer(mean, mean), mean


def clips_of(data: pathlib.Path, rng: random.Random) -> list[Clip]:
    """Words of the train part, each by many people."""
    trained = [recording for recording in people(data) if recording.part == "train"]
    taught = {recording.path for recording in trained if recording.source == "wuw"}
    clips = [
        (recording.label, recording.group, recording.path, None) for recording in trained if recording.source == "wake"
    ]
    with open(data / "wuw.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = str(data / row["file"])
            if row["alone"] == "1" and row["keyword"] in PHRASES and path in taught:
                clips.append((row["keyword"], row["speaker"], path, (float(row["start"]), float(row["end"]))))
    rng.shuffle(clips)
    taken = []
    for _, same in itertools.groupby(sorted(clips, key=lambda clip: clip[0]), key=lambda clip: clip[0]):
        taken += list(same)[:CLIPS]
    silence = int(SILENCE_S * RATE_HZ)
    return [Clip(word, speaker, np.pad(stretch_of(read(path), span), silence)) for word, speaker, path, span in taken]


def talk_of(cache: pathlib.Path, rng: random.Random) -> list[np.ndarray]:
    """Stretches of talk."""
    paths = [talk.path for talk in packaged(cache) if talk.source == TALK and talk.part == "train"]
    rng.shuffle(paths)
    length, found = TALK_SECONDS * RATE_HZ, []
    for path in paths:
        samples = read(path)
        if len(samples) >= length and np.abs(samples).max() >= LEAST_PEAK:
            start = rng.randrange(len(samples) - length + 1)
            found.append(samples[start : start + length])
        if len(found) == VARIED_TALK:
            break
    return found


def stretch_of(samples: np.ndarray, span: tuple[float, float] | None) -> np.ndarray:
    """The samples between two seconds, and little around them; all where no span is known."""
    if span is None:
        return samples
    return samples[max(0, int((span[0] - AROUND_S) * RATE_HZ)) : int((span[1] + AROUND_S) * RATE_HZ)]


def loud_steps(samples: np.ndarray) -> slice:
    blocks = samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)
    power = (blocks**2).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10 ** (-EDGE_DB / 10))
    return slice(loud[0], loud[-1] + 1)


def aligned(word: np.ndarray, other: np.ndarray) -> tuple[list[int], list[int]]:
    """Steps of a word and of a recording of it that are of the same sound: dynamic time warping, which may begin and
    end anywhere in the recording."""
    some, others = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (word, other))
    apart = (1 - some @ others.T).tolist()
    cost = [apart[0]]
    for row in apart[1:]:
        above, costs = cost[-1], [cost[-1][0] + row[0]]
        for step in range(1, len(row)):
            costs.append(min(above[step - 1], above[step], costs[-1]) + row[step])
        cost.append(costs)
    at, step = len(word) - 1, int(np.argmin(cost[-1]))
    pairs = [(at, step)]
    while at > 0:
        ways = [(cost[at - 1][step], at - 1, step)]
        if step > 0:
            ways += [(cost[at - 1][step - 1], at - 1, step - 1), (cost[at][step - 1], at, step - 1)]
        _, at, step = min(ways)
        pairs.append((at, step))
    return [at for at, _ in pairs], [step for _, step in pairs]


def by_others(
    clips: list[Clip], heard: list[np.ndarray], rng: random.Random
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Steps of a word and the same of the word as somebody else says it."""
    by_word: dict[str, list[int]] = {}
    for at, clip in enumerate(clips):
        by_word.setdefault(clip.word, []).append(at)
    for places in by_word.values():
        pairs = [
            (some, other)
            for some, other in itertools.combinations(places, 2)
            if clips[some].speaker != clips[other].speaker
        ]
        rng.shuffle(pairs)
        for some, other in pairs[:PAIRS]:
            word = heard[some][loud_steps(clips[some].samples)]
            if len(word) >= FEWEST_STEPS:
                ats, steps = aligned(word, heard[other])
                yield word[ats], heard[other][steps]


def varied(samples: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """A sound by another vocal tract, in other colours, in noise; and how many times as high it is, and as short."""
    tract = Fraction(str(rng.choice(TRACTS)))
    other = scipy.signal.resample_poly(samples, tract.denominator, tract.numerator)
    gains = 10 ** (rng.normal(0, COLOUR_DB, len(COLOUR_HZ)) / 20)
    other = scipy.signal.lfilter(scipy.signal.firwin2(65, COLOUR_HZ, gains, fs=RATE_HZ), 1, other)
    if rng.random() < NOISY_SHARE:
        level = np.sqrt(np.mean(other**2)) * 10 ** (-rng.uniform(*SNR_DB) / 20)
        other = other + level * rng.standard_normal(len(other))
    return other.astype(np.float32), float(tract)


def otherwise(
    sounds: list[np.ndarray], hear: Hear, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Steps of a sound and the same of what it becomes when it is `varied`."""
    for samples in sounds:
        heard = hear(samples)
        for _ in range(VARIANTS):
            other, tract = varied(samples, rng)
            again = hear(other)
            steps = np.minimum(np.round(np.arange(len(heard)) / tract).astype(int), len(again) - 1)
            yield heard, again[steps]


def fit_likeness(hear: Hear, data: pathlib.Path, cache: pathlib.Path, size: int) -> Likeness:
    """Learns the map to `size` values from people of the train part and from talk; minutes on one core."""
    rng, numbers = random.Random(1), np.random.default_rng(1)
    clips = clips_of(data, rng)
    whole = [hear(clip.samples) for clip in clips]
    steps = np.concatenate(whole)
    mean, spread = steps.mean(axis=0), steps.std(axis=0)
    by_people, by_variants = Scatter(len(mean)), Scatter(len(mean))
    for pair in by_others(clips, [(values - mean) / spread for values in whole], rng):
        by_people.add(*pair)
    sounds = [clip.samples for clip in rng.sample(clips, VARIED_CLIPS)] + talk_of(cache, rng)
    for pair in otherwise(sounds, lambda samples: (hear(samples) - mean) / spread, numbers):
        by_variants.add(*pair)
    (said, of_words, middle), (heard, of_sounds, _) = by_people.covariances(), by_variants.covariances()
    within, whole_of_both = said + heard, of_words + of_sounds
    ridge = RIDGE * np.trace(within) / len(within) * np.eye(len(within))
    _, directions = scipy.linalg.eigh(whole_of_both - within, within + ridge)
    weights = directions[:, ::-1][:, :size] / spread[:, None]
    return Likeness(weights.astype(np.float32), (-(mean + middle * spread) @ weights).astype(np.float32))
