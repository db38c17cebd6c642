"""Training windows for the wake models: words in variants, hard and easy negatives, backgrounds."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from augment import PowerAugment, vary, warp, word_span
from corpus import WAKE_WORDS, Powers, Recording, cached_powers, compute_powers, packaged, people, read
from features import LOG_MEL, RATE_HZ, SPEECH_MEL

WORDS = WAKE_WORDS
LABELS = (*WORDS, "other")
OTHER = len(WORDS)
STEP_S = {
    "tiny": LOG_MEL["stepSamples"] / RATE_HZ,
    "speech": SPEECH_MEL["stepSamples"] / RATE_HZ,
}


@dataclasses.dataclass
class Word:
    """One variant of one wake clip: log powers of both front ends and where the word lies, seconds."""

    label: int
    group: str
    tiny: np.ndarray
    speech: np.ndarray
    start_s: float
    end_s: float


def word_variants(
    cache: pathlib.Path,
    recordings: list[Recording],
    labels: tuple[str, ...],
    variants: int,
    seed: int,
) -> list[Word]:
    """Each recording as it is, and `variants` acoustic variants of it (a third as many of a synthetic
    voice, which is one of many); kept under `cache`."""
    kept = cache / f"words-{recordings[0].source}-{labels[0]}-{len(recordings)}-{variants}-{seed}.npy"
    if kept.exists():
        return list(np.load(kept, allow_pickle=True))
    rng = np.random.default_rng(seed)
    words = []
    for recording in recordings:
        samples = read(recording.path)
        tiny, speech = compute_powers(samples)
        start_s, end_s = word_span(tiny)
        label = labels.index(recording.label)
        synthetic = recording.source.startswith("synthetic")
        group = recording.source if synthetic else recording.group
        words.append(Word(label, group, tiny, speech, start_s, end_s))
        for _ in range(variants // 3 if synthetic else variants):
            varied, stretch = vary(samples, rng)
            words.append(Word(label, group, *compute_powers(varied), start_s * stretch, end_s * stretch))
    table = np.empty(len(words), object)
    table[:] = words
    np.save(kept, table, allow_pickle=True)
    return words


@dataclasses.dataclass
class Negatives:
    """Everything of one part that is not a wake word, by source."""

    sources: dict[str, tuple[Powers, np.ndarray]]

    @staticmethod
    def load(cache: pathlib.Path, data: pathlib.Path, part: str) -> Negatives:
        by_source: dict[str, list[Recording]] = {}
        for recording in [*people(data), *packaged(cache)]:
            if recording.source != "wake":
                by_source.setdefault(recording.source, []).append(recording)
        sources = {}
        for name, recordings in by_source.items():
            chosen = [i for i, r in enumerate(recordings) if r.part == part and r.label not in WORDS]
            if chosen:
                sources[name] = (cached_powers(cache, name, recordings), np.array(chosen))
        return Negatives(sources)

    def streams(self, kind: str) -> list[tuple[str, np.ndarray]]:
        """(source, log power) of every recording."""
        return [(name, powers.of(int(i), kind)) for name, (powers, chosen) in self.sources.items() for i in chosen]


# English, and what was said in one's own language to a machine, weighs more than the rest.
WEIGHTS = {
    "tuxpaint-stamps-default": 0.7,
    "wuw": 2.5,
    "orders": 3.0,
    "commands": 3.0,
    "synthetic": 1.5,
    "synthetic-neural": 3.0,
    "lookalikes": 6.0,
    "talk": 1.5,
}
NOISES = ("noise", "wesnoth-1.16-music", "hedgewars-data")


def wake_words(cache: pathlib.Path, data: pathlib.Path, variants: int = 6) -> list[Word]:
    """The wake words to train on: people's, and synthetic voices as a supplement."""
    by_source: dict[str, list[Recording]] = {}
    for recording in [*people(data), *packaged(cache)]:
        alone = recording.source == "wake" or recording.source.startswith("synthetic")
        if alone and recording.label in WORDS and recording.part == "train":
            by_source.setdefault(recording.source, []).append(recording)
    return [
        word for recordings in by_source.values() for word in word_variants(cache, recordings, WORDS, variants, seed=1)
    ]


class Voices:
    """The words of one label by who said them.

    A voice is drawn by the square root of how much there is of it: seventy clips of one speaker teach less
    about the next speaker than ten clips of seven. eSpeak and flite count half, for they sound like no one.
    """

    def __init__(self, words: list[Word]) -> None:
        self.groups = sorted({word.group for word in words})
        self.words = [[word for word in words if word.group == group] for group in self.groups]
        share = [0.5 if group == "synthetic" else 1.0 for group in self.groups]
        self.odds = np.cumsum(np.sqrt([len(words) for words in self.words]) * share)

    def draw(self, rng: np.random.Generator) -> Word:
        words = self.words[int(np.searchsorted(self.odds, rng.random() * self.odds[-1], side="right"))]
        return words[rng.integers(len(words))]


class WindowSampler:
    """Draws augmented training batches of log-power windows for one front end.

    Where `members` are trained at once, `weights` [count, members] of the last batch says how much each
    member heeds an example: every member weighs the voices in its own way (Rubin's Bayesian bootstrap), so
    that their mistakes differ. `voices` are who said each word of it.
    """

    def __init__(
        self,
        kind: str,
        frames: int,
        words: list[Word],
        negatives: Negatives,
        *,
        after_s: tuple[float, float],
        augment: PowerAugment,
        seed: int,
        weights: dict[str, float] = WEIGHTS,
        members: int = 1,
    ) -> None:
        self.kind, self.frames, self.after_s, self.augment = kind, frames, after_s, augment
        self.step_s = STEP_S[kind]
        self.rng = np.random.default_rng(seed)
        self.other = 1 + max(w.label for w in words)
        self.by_label = [Voices([w for w in words if w.label == label]) for label in range(self.other)]
        groups = sorted({w.group for w in words})
        heed = self.rng.gamma(2.0, 0.5, (len(groups), members)) if members > 1 else np.ones((len(groups), 1))
        self.heed = dict(zip(groups, heed.astype(np.float32), strict=True))
        self.indifferent = np.ones(members, np.float32)
        self.weights = np.ones((1, members), np.float32)
        self.voices: list[str] = []
        self.streams = [s for s in negatives.streams(kind) if len(s[1])]
        lengths = np.array([len(s) for _, s in self.streams], np.float64)
        weight = np.array([weights.get(name, 1.0) for name, _ in self.streams])
        noisy = np.array([name in NOISES for name, _ in self.streams])
        self.stream_odds = np.cumsum(lengths * weight)
        self.noise_ids = np.flatnonzero(noisy)
        self.noise_odds = (
            np.where([self.streams[i][0] == "noise" for i in self.noise_ids], 4.0, 1.0) * lengths[self.noise_ids]
        )
        self.noise_odds = np.cumsum(self.noise_odds)
        self.hard: list[tuple[int, int]] = []

    def _draw(self, odds: np.ndarray) -> int:
        return int(np.searchsorted(odds, self.rng.random() * odds[-1], side="right"))

    def _negative(self) -> np.ndarray:
        if self.hard and self.rng.random() < 0.4:
            stream, end = self.hard[self.rng.integers(len(self.hard))]
            at = end + self.rng.uniform(-0.1, 0.1) / self.step_s
        else:
            stream = self._draw(self.stream_odds)
            length = len(self.streams[stream][1])
            at = self.rng.uniform(min(0.3 * self.frames, 0.5 * length), length)
        power = self.streams[stream][1]
        return warp(power, at, self.frames, self.rng, self.augment.warp_share)

    def _partial(self) -> np.ndarray:
        """A wake word broken off before 55 % of it was said, or its second half alone."""
        word = self._word(self.rng.integers(self.other))
        power = getattr(word, self.kind)
        length = word.end_s - word.start_s
        if self.rng.random() < 0.6:
            end = (word.start_s + length * self.rng.uniform(0.2, 0.55)) / self.step_s
            return warp(power, end, self.frames, self.rng, self.augment.warp_share)
        end = (word.end_s + self.rng.uniform(0.0, 0.3)) / self.step_s
        window = warp(power, end, self.frames, self.rng, 0.0)
        cut = end - (word.start_s + length * self.rng.uniform(0.45, 0.8)) / self.step_s
        window[: max(0, int(self.frames - cut))] = -23.0
        return window

    def _word(self, label: int) -> Word:
        return self.by_label[label].draw(self.rng)

    def _positive(self, word: Word) -> np.ndarray:
        power = getattr(word, self.kind)
        end = (word.end_s + self.rng.uniform(*self.after_s)) / self.step_s
        window = warp(power, end, self.frames, self.rng, self.augment.warp_share)
        if self.rng.random() < 0.35:
            self._speak_before(window, end - word.start_s / self.step_s)
        return window

    def _speak_before(self, window: np.ndarray, word_frames: float) -> None:
        """Other speech up to shortly before the word, as in running talk."""
        gap = self.rng.uniform(0.08, 0.4) / self.step_s
        free = int(self.frames - 1.14 * word_frames - gap)
        if free > 3:
            talk = self._negative()[-free:]
            np.maximum(window[:free], talk + window.max() - talk.max(), out=window[:free])

    def _background(self) -> np.ndarray:
        return self._negative() if self.rng.random() < 0.2 else self._noise()

    def _noise(self) -> np.ndarray:
        stream = self.noise_ids[self._draw(self.noise_odds)]
        power = self.streams[stream][1]
        at = self.rng.uniform(self.frames, max(len(power), self.frames + 1))
        return warp(power, at, self.frames, self.rng, 0.0)

    def _window(self, label: int, weights: np.ndarray) -> np.ndarray:
        weights[:] = self.indifferent
        self.voices.append("")
        if label < self.other:
            word = self._word(label)
            weights[:] = self.heed[word.group]
            self.voices[-1] = word.group
            return self._positive(word)
        return self._partial() if self.rng.random() < 0.12 else self._negative()

    def batch(self, count: int, positive_share: float) -> tuple[np.ndarray, np.ndarray]:
        """(linear power [count, frames, bands], labels [count])."""
        draw = self.rng.random(count)
        labels = np.where(draw < positive_share, self.rng.integers(self.other, size=count), self.other)
        self.weights = np.empty((count, len(self.indifferent)), np.float32)
        self.voices.clear()
        windows = [self._window(label, row) for label, row in zip(labels, self.weights, strict=True)]
        speech = np.exp(np.stack(windows))
        backgrounds = np.exp(np.stack([self._background() for _ in range(count)]))
        return self.augment.batch(speech, backgrounds, self.rng), labels
