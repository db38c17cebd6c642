"""Confidence and operating point: fitted on the calibration part, reported on the test part."""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.optimize

from listen import Heard, Noticed, Timing, logit, notice, wilson
from wake_data import WORDS

GRID = np.concatenate([[0.0], 1.0 / (1.0 + np.exp(-np.linspace(-9.0, 9.0, 37))), [1.0]])


@dataclasses.dataclass(frozen=True)
class Curve:
    """Monotone map from score to confidence, as the points an isotonic calibration in a manifest has."""

    x: np.ndarray
    y: np.ndarray

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        return np.interp(scores, self.x, self.y)

    def score(self, confidence: float) -> float:
        """The score that has this confidence."""
        return float(np.interp(confidence, self.y, self.x))

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


def calibration_error(
    confidence: np.ndarray, right: np.ndarray, bins: int = 10
) -> tuple[float, list[dict[str, float]]]:
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
class Tail:
    """How many false accepts per hour lie above a logit: counted below `start`, above it an exponential.

    Peaks over threshold (Pickands 1975; shape 0): a rate of one in two hours is not counted from the one or two
    events that a few hours hold, but follows from how the twenty highest fall off.
    """

    events: np.ndarray
    hours: float
    start: float
    fall: float

    @staticmethod
    def fit(events: np.ndarray, hours: float, highest: int = 20) -> Tail:
        ordered = np.sort(events)[::-1]
        if len(ordered) < 2:
            return Tail(ordered, hours, 0.0, 1.0)
        top = ordered[:highest]
        return Tail(ordered, hours, float(top[-1]), float(max(np.mean(top[:-1] - top[-1]), 0.1)))

    def level(self, per_hour: float) -> float:
        """The lowest level above which no more than `per_hour` lie."""
        allowed, top = per_hour * self.hours, int((self.events >= self.start).sum())
        if allowed >= len(self.events):
            return -6.0
        if allowed >= top:
            return float(self.events[int(allowed)]) + 1e-3
        return self.start + self.fall * float(np.log(top / allowed))


SPEECHLESS = ("noise", "wesnoth-1.16-music")
LOOKALIKES = "lookalikes-calibration"
UNHEARD_HOURS = 0.25
"""A source shorter than this says too little about its own rate to be the worst one."""


def level_for_unheard(levels: np.ndarray, sources: np.ndarray, hours: dict[str, float], per_hour: float) -> float:
    """The lowest level at which no source has more than `per_hour` false accepts.

    Sources differ in voice and language. If the next is a draw from where these came from, it is worse than the
    worst of n with a chance of 1 / (n + 1), whatever the distribution: with ten sources, the worst of them is a 91 %
    upper bound for one never heard. How fast rates fall is the pooled tail's, and each source holds its own
    share of the highest scores.
    """
    tail = Tail.fit(levels, sum(hours.values()))
    level = tail.level(per_hour)
    top = sources[levels >= min(level, tail.start)]
    for source, length in hours.items():
        count = int((top == source).sum())
        if length >= UNHEARD_HOURS and count > per_hour * length:
            level = max(level, tail.start + tail.fall * float(np.log(count / (per_hour * length))))
    return level


@dataclasses.dataclass
class Part:
    """What both models heard of one part of the recordings."""

    clean: list[Heard]
    noisy: list[Heard]
    others: list[Heard]

    def apart(self, source: str) -> tuple[Part, Part]:
        """Everything but one source of what holds no word, and that source alone."""
        rest, alone = ([h for h in self.others if (h.source == source) == chosen] for chosen in (False, True))
        return dataclasses.replace(self, others=rest), Part([], [], alone)

    @property
    def hours(self) -> float:
        """Length of everything that false accepts are counted over."""
        return sum(h.seconds for h in [*self.clean, *self.others]) / 3600

    def source_hours(self) -> dict[str, float]:
        """The same by source, without music and noise: nearly all false accepts come from speech, and a room
        where people talk all day is the one to choose thresholds for."""
        hours: dict[str, float] = {}
        for heard in [*self.clean, *self.others]:
            if heard.source not in SPEECHLESS:
                hours[heard.source] = hours.get(heard.source, 0.0) + heard.seconds / 3600
        return hours

    def tiny_levels(self, noisy: bool, debounce_hops: int) -> dict[str, np.ndarray]:
        """Per word, the highest logit that tiny kept up for `debounce_hops` hops in each clip of it."""
        found: dict[str, list[float]] = {word: [] for word in WORDS}
        for heard in self.noisy if noisy else self.clean:
            loudest = heard.tiny[:, : len(WORDS)].max(axis=1)
            runs = np.lib.stride_tricks.sliding_window_view(loudest, debounce_hops)
            found[WORDS[heard.label]].append(float(logit(runs.min(axis=1).max())))
        return {word: np.array(levels) for word, levels in found.items()}

    def noticed(self, threshold: float, timing: Timing, members: slice = slice(None)) -> NoticedPart:
        """What tiny notices at a threshold of its score."""
        return NoticedPart(
            self, *(notice(h, threshold, timing, members) for h in (self.clean, self.noisy, self.others))
        )


@dataclasses.dataclass
class NoticedPart:
    """What tiny noticed of a part at one threshold; heavy's threshold is free from here on."""

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

    def levels(self, noisy: bool) -> dict[str, np.ndarray]:
        """Per word, the highest logit at which heavy named it in each clip of it; -inf where it never did."""
        table, recordings = (self.noisy, self.part.noisy) if noisy else (self.clean, self.part.clean)
        best = np.full(len(recordings), -np.inf)
        named = table.heavy.argmax(axis=1) == table.truth
        np.maximum.at(best, table.recording[named], logit(table.heavy.max(axis=1, initial=0.0)[named]))
        labels = np.array([h.label for h in recordings])
        return {word: best[labels == label] for label, word in enumerate(WORDS)}

    def missed(self, noisy: bool, level: float | None) -> dict[str, tuple[int, int]]:
        """(missed, clips) per word at a logit of heavy; by tiny alone where it is None."""
        if level is not None:
            return {word: (int((best < level).sum()), len(best)) for word, best in self.levels(noisy).items()}
        table, recordings = (self.noisy, self.part.noisy) if noisy else (self.clean, self.part.clean)
        found = set(table.recording[table.word == table.truth].tolist())
        result = {}
        for label, word in enumerate(WORDS):
            clips = [i for i, h in enumerate(recordings) if h.label == label]
            result[word] = (sum(i not in found for i in clips), len(clips))
        return result

    def false_levels(self) -> tuple[np.ndarray, np.ndarray]:
        """(word, heavy's logit) of each time heavy was woken for nothing: elsewhere, or by another word."""
        tables = (self.clean, self.others)
        named = np.concatenate([t.heavy.argmax(axis=1) for t in tables])
        wrong = named != np.concatenate([t.truth for t in tables])
        best = np.concatenate([t.heavy.max(axis=1, initial=0.0) for t in tables])
        return named[wrong], logit(best[wrong])

    def false_sources(self) -> np.ndarray:
        """The source of each of `false_levels`."""
        pairs = ((self.clean, self.part.clean), (self.others, self.part.others))
        return np.array(
            [
                recordings[i].source
                for table, recordings in pairs
                for i in table.recording[table.heavy.argmax(axis=1) != table.truth]
            ]
        )

    def level(self, per_hour: float, per_hour_word: float) -> float:
        """The lowest level that keeps both rates in a source never heard: all words together, and any one."""
        sources, hours = self.false_sources(), self.part.source_hours()
        words, levels = self.false_levels()
        each = (
            level_for_unheard(levels[words == w], sources[words == w], hours, per_hour_word) for w in range(len(WORDS))
        )
        return max(level_for_unheard(levels, sources, hours, per_hour), *each)

    def false_accepts(self, level: float) -> np.ndarray:
        """False accepts per word at a logit of heavy."""
        words, levels = self.false_levels()
        return np.bincount(words[levels >= level], minlength=len(WORDS))

    def false_wakeups(self) -> int:
        """How often tiny woke heavy for nothing."""
        return sum(int((t.word != t.truth).sum()) for t in (self.clean, self.others))


def summary(noticed: NoticedPart, level: float) -> dict[str, object]:
    """The figures of one operating point."""
    hours, accepts, wakeups = noticed.part.hours, noticed.false_accepts(level), noticed.false_wakeups()
    figures: dict[str, object] = {
        "hours": round(hours, 2),
        "falseAccepts": {w: int(a) for w, a in zip(WORDS, accepts, strict=True)},
        "falseAcceptsPerHour": round(float(accepts.sum() / hours), 3),
        "falseHeavyWakeups": wakeups,
        "falseHeavyWakeupsPerHour": round(wakeups / hours, 2),
    }
    for name, noisy in (("clean", False), ("snr10", True)):
        for stage, at in (("tiny", None), ("both", level)):
            found = noticed.missed(noisy, at)
            shares = [m / n for m, n in found.values()]
            total = sum(m for m, _ in found.values()), sum(n for _, n in found.values())
            figures[f"{name}-{stage}"] = {
                "missed": {w: f"{m}/{n}" for w, (m, n) in found.items()},
                "average": round(float(np.mean(shares)), 4),
                "worst": round(max(shares), 4),
                "interval": [round(v, 4) for v in wilson(*total)],
            }
    return figures


@dataclasses.dataclass(frozen=True)
class Point:
    """An operating point: tiny's threshold on its score, heavy's on its logit, and when heavy looks."""

    tiny: float
    heavy: float
    timing: Timing


WAKEUP_COST = 2e-5
"""A false wake-up of heavy per hour weighs as much as this share of missed words: 100 of them 0.2 points."""
DELAY_COST = 5e-4
"""And so does a hop of 80 ms more before heavy looks: 0.05 points."""
MISS_WIDTH = 0.5
"""A word that clears the threshold by this logit is counted as missed by 0.27 of one, and the other way about:
few clips lie near any threshold, and how near says more about the next speaker than on which side."""


def soft_missed(noticed: NoticedPart, point: Point) -> float:
    """Share of missed words, clean and noisy alike, the mean over words, both stages smoothed by `MISS_WIDTH`."""
    bar = float(logit(np.array(point.tiny)))
    shares = []
    for noisy in (False, True):
        levels = noticed.part.tiny_levels(noisy, point.timing.debounce_hops)
        for word, best in noticed.levels(noisy).items():
            kept = [
                1 / (1 + np.exp(-np.clip((level - bar_) / MISS_WIDTH, -30, 30)))
                for level, bar_ in ((levels[word], bar), (best, point.heavy))
            ]
            shares.append(np.mean(1 - kept[0] * kept[1]))
    return float(np.mean(shares))


def choose(
    part: Part, timings: list[Timing], tiny_grid: list[float], *, per_hour: float, per_hour_word: float
) -> Point:
    """Both thresholds, and when heavy looks: the fewest misses for `per_hour` false accepts of all words together
    and `per_hour_word` of any one, in an hour of speech from a source never heard.

    For every threshold of tiny, heavy's follows from the rate allowed; what is left to weigh is misses against
    wake-ups and delay. One threshold for all words: the part holds too few false accepts to set six.
    """
    best: Point | None = None
    least = np.inf
    for timing in timings:
        for tiny in tiny_grid:
            noticed = part.noticed(tiny, timing)
            level = noticed.level(per_hour, per_hour_word)
            point = Point(tiny, level, timing)
            cost = soft_missed(noticed, point) + WAKEUP_COST * noticed.false_wakeups() / part.hours
            cost += DELAY_COST * timing.tail_hops
            if cost < least - 1e-9:
                best, least = point, cost
    if best is None:
        raise ValueError("nothing to choose from: expected at least one timing and one threshold")
    return best
