"""Confidence and operating point: fitted on the calibration part, reported on the test part."""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.optimize

from listen import Heard, Noticed, Timing, notice, wilson
from wake_data import WORDS

GRID = np.concatenate([[0.0], 1.0 / (1.0 + np.exp(-np.linspace(-9.0, 9.0, 37))), [1.0]])


@dataclasses.dataclass(frozen=True)
class Curve:
    """Monotone map from score to confidence, as the points an isotonic calibration in a manifest has."""

    x: np.ndarray
    y: np.ndarray

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        return np.interp(scores, self.x, self.y)

    def manifest(self) -> dict[str, object]:
        return {
            "kind": "isotonic",
            "x": [round(float(v), 6) for v in self.x],
            "y": [round(float(v), 6) for v in self.y],
        }


def fit_curve(scores: np.ndarray, right: np.ndarray) -> Curve:
    """Platt's logistic on the score's logit (slope kept above 0), with his targets against over-confidence."""
    inside = np.clip(scores, 1e-4, 1 - 1e-4)
    logit = np.log(inside / (1 - inside))
    hits, misses = right.sum(), (~right).sum()
    wanted = np.where(right, (hits + 1) / (hits + 2), 1 / (misses + 2))

    def loss(theta: np.ndarray) -> float:
        z = np.exp(theta[0]) * logit + theta[1]
        return float(np.mean(np.logaddexp(0.0, z) - wanted * z))

    slope, shift = scipy.optimize.minimize(loss, np.zeros(2), method="Nelder-Mead").x
    edge = np.clip(GRID, 1e-4, 1 - 1e-4)
    return Curve(GRID, 1 / (1 + np.exp(-(np.exp(slope) * np.log(edge / (1 - edge)) + shift))))


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> tuple[float, list[dict[str, float]]]:
    """Expected calibration error over equal-width bins (Guo et al. 2017), and the reliability diagram."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error, diagram = 0.0, []
    for bin_ in range(bins):
        inside = place == bin_
        if inside.any():
            said, was = float(confidence[inside].mean()), float(right[inside].mean())
            error += inside.mean() * abs(said - was)
            diagram.append({"events": int(inside.sum()), "confidence": round(said, 4), "frequency": round(was, 4)})
    return float(error), diagram


@dataclasses.dataclass(frozen=True)
class Point:
    """An operating point: tiny's threshold, and heavy's per word, on confidence."""

    tiny: float
    heavy: np.ndarray


@dataclasses.dataclass
class Part:
    """What both models heard of one part of the recordings."""

    clean: list[Heard]
    noisy: list[Heard]
    others: list[Heard]

    @property
    def hours(self) -> float:
        """Length of everything that false accepts are counted over."""
        return sum(h.seconds for h in [*self.clean, *self.others]) / 3600

    def confident(self, tiny: Curve, heavy: Curve) -> Part:
        """The same, scores turned into confidence."""

        def turn(heard: list[Heard]) -> list[Heard]:
            return [dataclasses.replace(h, tiny=tiny(h.tiny), heavy=heavy(h.heavy)) for h in heard]

        return Part(turn(self.clean), turn(self.noisy), turn(self.others))

    def noticed(self, threshold: float, timing: Timing) -> NoticedPart:
        return NoticedPart(
            self, notice(self.clean, threshold, timing), notice(self.noisy, threshold, timing),
            notice(self.others, threshold, timing),
        )


@dataclasses.dataclass
class NoticedPart:
    """What tiny noticed of a part at one threshold; heavy's thresholds are free from here on."""

    part: Part
    clean: Noticed
    noisy: Noticed
    others: Noticed

    def tiny_events(self) -> tuple[np.ndarray, np.ndarray]:
        """Tiny's score when it noticed something, and whether that word was there."""
        tables = (self.clean, self.noisy, self.others)
        return (
            np.concatenate([t.tiny for t in tables]),
            np.concatenate([t.word == t.truth for t in tables]),
        )

    def heavy_events(self) -> tuple[np.ndarray, np.ndarray]:
        """Heavy's best score of what tiny noticed, and whether that word was there."""
        tables = (self.clean, self.noisy, self.others)
        return (
            np.concatenate([t.heavy.max(axis=1, initial=0.0) for t in tables]),
            np.concatenate([t.heavy.argmax(axis=1) == t.truth for t in tables]),
        )

    def missed(self, noisy: bool, heavy: np.ndarray | None) -> dict[str, tuple[int, int]]:
        """(missed, clips) per word; by tiny alone where `heavy` is None."""
        table, recordings = (self.noisy, self.part.noisy) if noisy else (self.clean, self.part.clean)
        if heavy is None:
            hit = table.word == table.truth
        else:
            named = table.heavy.argmax(axis=1)
            hit = (named == table.truth) & (table.heavy.max(axis=1, initial=0.0) >= heavy[named])
        found = set(table.recording[hit].tolist())
        result = {}
        for label, word in enumerate(WORDS):
            clips = [i for i, h in enumerate(recordings) if h.label == label]
            result[word] = (sum(i not in found for i in clips), len(clips))
        return result

    def false_accepts(self, heavy: np.ndarray) -> np.ndarray:
        """False accepts per word: other recordings, and wrong names for words."""
        accepts = np.zeros(len(WORDS), int)
        for table in (self.clean, self.others):
            named = table.heavy.argmax(axis=1)
            wrong = (named != table.truth) & (table.heavy.max(axis=1, initial=0.0) >= heavy[named])
            accepts += np.bincount(named[wrong], minlength=len(WORDS))
        return accepts

    def false_wakeups(self) -> int:
        """How often tiny woke heavy for nothing."""
        return sum(int((t.word != t.truth).sum()) for t in (self.clean, self.others))


def summary(noticed: NoticedPart, heavy: np.ndarray) -> dict[str, object]:
    """The figures of one operating point."""
    hours, accepts, wakeups = noticed.part.hours, noticed.false_accepts(heavy), noticed.false_wakeups()
    figures: dict[str, object] = {
        "hours": round(hours, 2),
        "falseAccepts": {w: int(a) for w, a in zip(WORDS, accepts, strict=True)},
        "falseAcceptsPerHour": round(float(accepts.sum() / hours), 3),
        "falseHeavyWakeups": wakeups,
        "falseHeavyWakeupsPerHour": round(wakeups / hours, 2),
    }
    for name, noisy in (("clean", False), ("snr10", True)):
        for stage, thresholds in (("tiny", None), ("both", heavy)):
            found = noticed.missed(noisy, thresholds)
            shares = [m / n for m, n in found.values()]
            total = sum(m for m, _ in found.values()), sum(n for _, n in found.values())
            figures[f"{name}-{stage}"] = {
                "missed": {w: f"{m}/{n}" for w, (m, n) in found.items()},
                "average": round(float(np.mean(shares)), 4),
                "worst": round(max(shares), 4),
                "interval": [round(v, 4) for v in wilson(*total)],
            }
    return figures


WAKEUP_COST = 2e-5
"""A false wake-up of heavy per hour weighs as much as this share of missed words: 100 of them 0.2 points."""


def choose(
    part: Part, timing: Timing, tiny_grid: np.ndarray, heavy_grid: np.ndarray, *, together: float
) -> Point:
    """Thresholds with the fewest misses, clean and noisy alike, within the false accepts per hour allowed.

    One threshold for all words at each stage: the part holds too few false accepts to set six.
    """
    best: tuple[float, Point] | None = None
    for tiny in tiny_grid:
        noticed = part.noticed(float(tiny), timing)
        burden = WAKEUP_COST * noticed.false_wakeups() / part.hours
        for level in heavy_grid:
            heavy = np.full(len(WORDS), level)
            if noticed.false_accepts(heavy).sum() / part.hours > together:
                continue
            shares = [m / n for noisy in (False, True) for m, n in noticed.missed(noisy, heavy).values()]
            cost = float(np.mean(shares)) + burden
            if best is None or cost <= best[0] + 1e-9:
                best = cost, Point(float(tiny), heavy)
    if best is None:
        raise ValueError("no threshold of the grid keeps within the false accepts allowed")
    return best[1]
