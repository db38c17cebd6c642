"""Scores of the wake models over a whole part of the recordings, and the cascade replayed over them."""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
import pickle
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from augment import word_span
from corpus import compute_powers, people, read
from features import LOG_MEL, RATE_HZ
from fit import Scorer, softmax
from speech_windows import LEAD_S, TRAIL_S, end_of_hop, end_window
from wake_data import WORDS, Negatives

GAP_S = 0.8
"""Between recordings that are heard one after the other, as `catnap bench wake` has it: half before, half
after each."""
JOINED_S = 60.0
STEP = LOG_MEL["stepSamples"]
HISS = 1e-4
"""-80 dBFS, what a microphone says to silence."""
NOISY_TAKES = 2
"""How many noises each clip is heard in."""


@dataclasses.dataclass
class Heard:
    """One recording as both models heard it, hop by hop: tiny's scores [hops, 7] and the logits of every member
    of heavy [hops, members, 7]; `label` is its word, -1 where it holds none, and then it may be several `recordings`
    of `seconds` in all. `speech` has wake-speech's scores [7] at the hops where it was asked."""

    source: str
    label: int
    recordings: int
    seconds: float
    tiny: np.ndarray
    members: np.ndarray
    speech: dict[int, np.ndarray] = dataclasses.field(default_factory=dict)

    def loudest(self) -> np.ndarray:
        """Tiny's highest score of any word at each hop."""
        return self.tiny[:, : len(WORDS)].max(axis=1)

    def heavy(self, looks: int, members: slice = slice(None)) -> np.ndarray:
        """Heavy's scores [hops, 7]: softmax of the mean logits of its members and of the last `looks` hops."""
        rows = self.members[:, members].astype(np.float32).mean(axis=1)
        padded = np.concatenate([np.repeat(rows[:1], looks - 1, axis=0), rows])
        return softmax(np.mean([padded[i : i + len(rows)] for i in range(looks)], axis=0))


def _listen(tiny: Scorer, heavy: Scorer, powers: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    tiny_scores, heavy_logits = softmax(tiny(powers[0])[0]), heavy(powers[1])[0].astype(np.float16)
    hops = min(len(tiny_scores), len(heavy_logits))
    return tiny_scores[:hops], heavy_logits[:hops]


def noises_of(data: pathlib.Path, part: str) -> list[np.ndarray]:
    return [read(r.path) for r in people(data) if r.source == "noise" and r.part == part]


def at_snr(samples: np.ndarray, span: tuple[float, float], noise: np.ndarray, snr_db: float) -> np.ndarray:
    first, last = (int(t * RATE_HZ) for t in span)
    speech = np.mean(samples[first:last] ** 2)
    noise = np.tile(noise, 1 + len(samples) // len(noise))[: len(samples)]
    scale = np.sqrt(speech / (np.mean(noise**2) + 1e-12) / 10.0 ** (snr_db / 10.0))
    return (samples + noise * scale).astype(np.float32)


@dataclasses.dataclass
class Sound:
    """One recording, or several joined, as band powers of both front ends, and its `samples` for whoever
    asks; `label` is its word, -1 where it holds none."""

    source: str
    label: int
    recordings: int
    seconds: float
    powers: tuple[np.ndarray, np.ndarray]
    samples: Callable[[], np.ndarray]


def words_of(data: pathlib.Path, part: str, snr_db: float | None, seed: int = 7) -> Iterator[Sound]:
    """Every wake clip of a part with silence around it, clean or with environmental noises of that part."""
    rng = np.random.default_rng(seed)
    noises = noises_of(data, part) if snr_db is not None else []
    for recording in (r for r in people(data) if r.source == "wake" and r.part == part):
        samples = np.pad(read(recording.path), (int(LEAD_S * RATE_HZ), int(TRAIL_S * RATE_HZ)))
        takes = [samples]
        if snr_db is not None:
            chosen = [noises[i] for i in rng.integers(len(noises), size=NOISY_TAKES)]
            span = word_span(compute_powers(samples)[0])
            takes = [at_snr(samples, span, noise, snr_db) for noise in chosen]
        for take in takes:
            label, seconds = WORDS.index(recording.label), len(samples) / RATE_HZ
            yield Sound("wake", label, 1, seconds, compute_powers(take), lambda take=take: take)


def in_step(tiny: np.ndarray, speech: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Powers of one length in time, two frames of the speech front end to one of tiny's, so that pieces can
    be joined."""
    frames = 2 * len(tiny)
    return tiny, np.concatenate([speech[:frames], np.repeat(speech[-1:], max(0, frames - len(speech)), axis=0)])


def others_of(negatives: Negatives) -> Iterator[Sound]:
    """Every recording of a part that holds no wake word, one after the other as a device hears them, a minute
    at a time: what ends with the last word said would otherwise be over before anything is noticed."""
    hiss = np.random.default_rng(3).normal(0.0, HISS, int(GAP_S / 2 * RATE_HZ)).astype(np.float32)
    pause = in_step(*compute_powers(hiss))

    def joined(paths: list[tuple[str, int]]) -> np.ndarray:
        quiet = hiss[: len(pause[0]) * STEP]
        return np.concatenate(
            [piece for path, frames in paths for piece in (quiet, read(path)[: frames * STEP], quiet)]
        )

    for source, (powers, chosen) in negatives.sources.items():
        pieces: list[tuple[np.ndarray, np.ndarray]] = []
        paths: list[tuple[str, int]] = []
        seconds = 0.0
        for index in map(int, chosen):
            both = powers.of(index, "tiny"), powers.of(index, "speech")
            if len(both[0]) and len(both[1]):
                pieces += [pause, in_step(*both), pause]
                paths.append((powers.recordings[index].path, len(both[0])))
                seconds += len(both[0]) * STEP / RATE_HZ
            if pieces and (seconds >= JOINED_S or index == chosen[-1]):
                tiny, speech = (np.concatenate(column) for column in zip(*pieces, strict=True))
                yield Sound(source, -1, len(paths), seconds, (tiny, speech), lambda paths=paths: joined(paths))
                pieces, paths, seconds = [], [], 0.0


def sounds_of(cache: pathlib.Path, data: pathlib.Path, part: str) -> tuple[Iterator[Sound], ...]:
    """(clean words, words at 10 dB SNR, everything else) of one part, always in the same order."""
    return words_of(data, part, None), words_of(data, part, 10.0), others_of(Negatives.load(cache, data, part))


def heard_part(
    tiny: Scorer, heavy: Scorer, cache: pathlib.Path, data: pathlib.Path, part: str, models: str
) -> tuple[list[Heard], list[Heard], list[Heard]]:
    """(clean words, words at 10 dB SNR, everything else) of one part; kept under `cache` by the `models`' name."""
    what = f"{models} {GAP_S} {JOINED_S}"
    kept = cache / f"heard-{part}-{hashlib.sha256(what.encode()).hexdigest()[:16]}.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    heard = tuple(
        [Heard(s.source, s.label, s.recordings, s.seconds, *_listen(tiny, heavy, s.powers)) for s in sounds]
        for sounds in sounds_of(cache, data, part)
    )
    kept.write_bytes(pickle.dumps(heard))
    return heard


@dataclasses.dataclass(frozen=True)
class Timing:
    """How tiny's hops become a detection, as src/core/cascade/detector.ts does it, and when heavy looks:
    `tail_hops` after what was noticed, at the mean of its last `looks` hops; tiny's logit counts
    `tiny_weight` beside heavy's, and wake-speech's `speech_weight`, within `SPEECH_MOST`. What heavy refuses
    it is shown again `again_hops` later, and after twice as long each time, while tiny insists."""

    debounce_hops: int = 2
    tail_hops: int = 3
    looks: int = 1
    rearm_hops: int = 2
    tiny_weight: float = 0.0
    again_hops: int | None = None
    speech_weight: float = 0.0

    def look_hops(self, hop: int, high: np.ndarray) -> list[int]:
        """The hops at whose ends heavy looks at what was noticed at `hop`."""
        look, last = min(hop + self.tail_hops, len(high) - 1), len(high) - 1
        found, wait = [look], self.again_hops
        while wait is not None and look + wait <= last and high[look : look + wait].all():
            look, wait = look + wait, 2 * wait
            found.append(look)
        return found


@dataclasses.dataclass
class Noticed:
    """Everything tiny noticed in some recordings at one threshold: a row per detection, with the scores that
    both together gave it (`heavy`)."""

    recording: np.ndarray
    truth: np.ndarray
    word: np.ndarray
    tiny: np.ndarray
    heavy: np.ndarray


def detections(high: np.ndarray, timing: Timing) -> list[int]:
    """Hops at which something is noticed."""
    found: list[int] = []
    hop, agreeing = 0, 0
    while hop < len(high):
        agreeing = agreeing + 1 if high[hop] else 0
        hop += 1
        if agreeing < timing.debounce_hops:
            continue
        found.append(hop - 1)
        falling = 0
        while hop < len(high) and falling < timing.rearm_hops:
            falling = 0 if high[hop] else falling + 1
            hop += 1
        agreeing = 0
    return found


UNHEARD_SCORE = 0.01
"""What tiny's score of a word counts as where it never named it."""
SPEECH_MOST = 4.0
"""How far from even wake-speech's word counts at most: a logit of 4 is 98 in 100."""


def logit(scores: np.ndarray) -> np.ndarray:
    """ln(p / (1 - p)), within what float16 logits carry."""
    inside = np.clip(scores, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


def joint(heavy: np.ndarray, tiny: np.ndarray, speech: np.ndarray | None, timing: Timing) -> np.ndarray:
    """What all models say of each word as one score, their logits weighed by `timing`: heavy's [words], the
    highest that tiny gave each word over some hops [hops, words] while it named it, and wake-speech's
    [words]; as src/voice/stages/wake-heavy/wake-heavy.ts does it."""
    named = tiny.argmax(axis=1)[:, None] == np.arange(tiny.shape[1])
    highest = np.where(named, tiny, UNHEARD_SCORE).max(axis=0, initial=UNHEARD_SCORE)
    levels = logit(heavy) + timing.tiny_weight * logit(np.clip(highest, UNHEARD_SCORE, 1 - UNHEARD_SCORE))
    if speech is not None:
        levels += timing.speech_weight * np.clip(logit(speech), -SPEECH_MOST, SPEECH_MOST)
    return 1 / (1 + np.exp(-levels))


def notice(recordings: list[Heard], threshold: float, timing: Timing, members: slice = slice(None)) -> Noticed:
    """The cascade's first stage over `recordings` at a threshold of tiny's score, and the scores of all together."""
    words = len(WORDS)
    rows: list[tuple[int, int, int, float, np.ndarray]] = []
    for index, heard in enumerate(recordings):
        loudest = heard.loudest()
        hops = detections(loudest >= threshold, timing)
        heavy = heard.heavy(timing.looks, members) if hops else None
        for hop in hops:
            word = int(heard.tiny[hop, :words].argmax())
            # Heavy is asked before tiny has heard the hop at whose end it looks.
            judged = [
                joint(
                    heavy[look, :words],
                    heard.tiny[hop : max(hop + 1, look), :words],
                    heard.speech[look][:words] if timing.speech_weight > 0 else None,
                    timing,
                )
                for look in timing.look_hops(hop, loudest >= threshold)
            ]
            rows.append((index, heard.label, word, float(loudest[hop]), np.max(judged, axis=0)))
    recording, truth, word, tiny, heavy = zip(*rows, strict=True) if rows else ((),) * 5
    return Noticed(
        np.array(recording, int),
        np.array(truth, int),
        np.array(word, int),
        np.array(tiny, float),
        np.array(heavy, float).reshape(-1, words),
    )


def ask_speech(
    speech: Callable[[np.ndarray], np.ndarray],
    heard: list[Heard],
    sounds: Iterator[Sound],
    thresholds: Sequence[float],
    timings: Sequence[Timing],
) -> None:
    """Lets wake-speech judge (a window of two seconds to scores) whenever heavy is asked about what tiny
    notices at any of the thresholds, at any of the timings."""
    for one, sound in zip(heard, sounds, strict=True):
        loudest = one.loudest()
        looks = {
            look
            for threshold in thresholds
            for timing in timings
            for hop in detections(loudest >= threshold, timing)
            for look in timing.look_hops(hop, loudest >= threshold)
        }
        samples = sound.samples() if looks else None
        one.speech = {look: speech(end_window(samples, end_of_hop(look))) for look in sorted(looks)}


def wilson(missed: int, clips: int) -> tuple[float, float]:
    """95 % Wilson interval of a share."""
    if clips == 0:
        return 0.0, 1.0
    z, share = 1.96, missed / clips
    middle = share + z * z / (2 * clips)
    half = z * np.sqrt(share * (1 - share) / clips + z * z / (4 * clips * clips))
    scale = 1 + z * z / clips
    return float((middle - half) / scale), float((middle + half) / scale)
