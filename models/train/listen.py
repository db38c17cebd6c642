"""Scores of the wake models over a whole part of the recordings, and the cascade replayed over them."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from augment import word_span
from corpus import compute_powers, people, read
from features import RATE_HZ
from fit import Scorer, softmax
from wake_data import WORDS, Negatives

HOP_S = 0.08
LEAD_S, TRAIL_S = 0.4, 0.8


@dataclasses.dataclass
class Heard:
    """Scores per hop [hops, 7] of one recording by tiny and by heavy."""

    source: str
    label: int
    name: str
    seconds: float
    tiny: np.ndarray
    heavy: np.ndarray
    end_s: float = 0.0


def _listen(tiny: Scorer, heavy: Scorer, powers: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    tiny_scores, heavy_scores = softmax(tiny(powers[0])[0]), softmax(heavy(powers[1])[0])
    hops = min(len(tiny_scores), len(heavy_scores))
    return tiny_scores[:hops], heavy_scores[:hops]


def noises_of(data: pathlib.Path, part: str) -> list[np.ndarray]:
    return [read(r.path) for r in people(data) if r.source == "noise" and r.part == part]


def at_snr(samples: np.ndarray, span: tuple[float, float], noise: np.ndarray, snr_db: float) -> np.ndarray:
    first, last = (int(t * RATE_HZ) for t in span)
    speech = np.mean(samples[first:last] ** 2)
    noise = np.tile(noise, 1 + len(samples) // len(noise))[: len(samples)]
    scale = np.sqrt(speech / (np.mean(noise**2) + 1e-12) / 10.0 ** (snr_db / 10.0))
    return (samples + noise * scale).astype(np.float32)


def hear_words(
    tiny: Scorer, heavy: Scorer, data: pathlib.Path, part: str, snr_db: float | None, seed: int = 7
) -> list[Heard]:
    """Every wake clip of a part with silence around it, clean or with environmental noise of that part."""
    rng = np.random.default_rng(seed)
    noises = noises_of(data, part) if snr_db is not None else []
    heard = []
    for recording in (r for r in people(data) if r.source == "wake" and r.part == part):
        samples = np.pad(read(recording.path), (int(LEAD_S * RATE_HZ), int(TRAIL_S * RATE_HZ)))
        powers = compute_powers(samples)
        span = word_span(powers[0])
        if snr_db is not None:
            noise = noises[rng.integers(len(noises))]
            powers = compute_powers(at_snr(samples, span, noise, snr_db))
        scores = _listen(tiny, heavy, powers)
        label = WORDS.index(recording.label)
        heard.append(Heard("wake", label, recording.path, len(samples) / RATE_HZ, *scores, span[1]))
    return heard


def hear_others(tiny: Scorer, heavy: Scorer, negatives: Negatives) -> list[Heard]:
    """Every recording of a part that holds no wake word."""
    heard = []
    for source, (powers, chosen) in negatives.sources.items():
        for index in map(int, chosen):
            both = powers.of(index, "tiny"), powers.of(index, "speech")
            if len(both[0]) and len(both[1]):
                name = powers.recordings[index].path
                seconds = len(both[0]) * 0.02
                heard.append(Heard(source, -1, name, seconds, *_listen(tiny, heavy, both)))
    return heard


@dataclasses.dataclass(frozen=True)
class Timing:
    """How tiny's hops become a detection, as src/core/detector.ts does it, and when heavy looks.

    What heavy refuses it is shown again `again_hops` later, then after twice as long, and so on, while
    tiny still does not reject it; None: once only.
    """

    debounce_hops: int = 2
    tail_hops: int = 3
    again_hops: int | None = None
    rearm_hops: int = 2


@dataclasses.dataclass
class Noticed:
    """Everything tiny noticed in some recordings at one threshold: a row per detection.

    `heavy` are the scores of the look that found most; a detection is accepted where any look is.
    """

    recording: np.ndarray
    truth: np.ndarray
    word: np.ndarray
    tiny: np.ndarray
    heavy: np.ndarray
    looks: np.ndarray


MOST_LOOKS = 4


def detections(high: np.ndarray, timing: Timing) -> list[tuple[int, list[int]]]:
    """Hops at which something is noticed, and those at which heavy looks at it if it refuses each time."""
    found: list[tuple[int, list[int]]] = []
    hop, agreeing = 0, 0
    while hop < len(high):
        agreeing = agreeing + 1 if high[hop] else 0
        hop += 1
        if agreeing < timing.debounce_hops:
            continue
        noticed = hop - 1
        looks = [noticed + timing.tail_hops]
        wait = timing.again_hops
        while wait is not None and len(looks) < MOST_LOOKS:
            at = looks[-1] + wait
            if at >= len(high) or not high[looks[-1] : at + 1].all():
                break
            looks.append(at)
            wait *= 2
        found.append((noticed, looks))
        falling = 0
        while hop < len(high) and falling < timing.rearm_hops:
            falling = 0 if high[hop] else falling + 1
            hop += 1
        agreeing = 0
    return found


def notice(recordings: list[Heard], threshold: float, timing: Timing) -> Noticed:
    """The cascade's first stage over `recordings`, and heavy's scores of what it noticed."""
    words = len(WORDS)
    rows: list[tuple[int, int, int, float, np.ndarray, int]] = []
    for index, heard in enumerate(recordings):
        loudest = heard.tiny[:, :words].max(axis=1)
        high = loudest >= threshold
        if not high.any():
            continue
        for hop, looks in detections(high, timing):
            word = int(heard.tiny[hop, :words].argmax())
            judged = heard.heavy[np.minimum(looks, len(heard.heavy) - 1), :words]
            best = judged[judged.max(axis=1).argmax()]
            rows.append((index, heard.label, word, float(loudest[hop]), best, len(looks)))
    recording, truth, word, tiny, heavy, count = zip(*rows, strict=True) if rows else ((),) * 6
    return Noticed(
        np.array(recording, int), np.array(truth, int), np.array(word, int),
        np.array(tiny, float), np.array(heavy, float).reshape(-1, words), np.array(count, int),
    )


def wilson(missed: int, clips: int) -> tuple[float, float]:
    """95 % Wilson interval of a share."""
    if clips == 0:
        return 0.0, 1.0
    z, share = 1.96, missed / clips
    middle = share + z * z / (2 * clips)
    half = z * np.sqrt(share * (1 - share) / clips + z * z / (4 * clips * clips))
    scale = 1 + z * z / clips
    return float((middle - half) / scale), float((middle + half) / scale)
