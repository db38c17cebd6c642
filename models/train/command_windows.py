"""What the command model is shown: the word that src/dsp/trim.ts finds in an utterance, cut out, brought to one
level. The same numbers as src/voice/stages/commands/commands.ts."""

from __future__ import annotations

import numpy as np

from features import RATE_HZ
from moonshine import BLOCK, block_powers, gain_of

WINDOW_SAMPLES = 25_600
FRAMES = 65
"""What the encoder makes of a window: frames 24 ms apart."""
SEGMENTS = 8

WORD_DB = (25.0, 20.0, 15.0, 10.0, 6.0)
FLOOR_SHARE = 0.6
BRIDGED_BLOCKS = 12
LONGEST_WORD_BLOCKS = 70
RIVAL_BLOCKS = 8
RIVAL_DB = 15.0
MOST_RIVALS = 3
BEFORE_WORD, AFTER_WORD = int(0.16 * RATE_HZ), int(0.24 * RATE_HZ)
FADE = RATE_HZ // 100

Span = tuple[int, int]


def find_word(samples: np.ndarray) -> tuple[Span, list[Span]] | None:
    """Start and end, samples, of the word in an utterance, and of other sound that may be a second one; None where
    nothing sounds, or too much for one word."""
    powers = block_powers(samples)
    peak = powers.max(initial=0.0)
    if peak == 0.0:
        return None
    sounding = np.sort(powers[powers > 0])
    floor = sounding[len(sounding) // 10]
    for below_db in WORD_DB:
        least = max(peak * 10 ** (-below_db / 10), floor**FLOOR_SHARE * peak ** (1 - FLOOR_SHARE))
        loud = np.flatnonzero(powers >= least)
        breaks = np.flatnonzero(np.diff(loud) > BRIDGED_BLOCKS) + 1
        spans = [(int(part[0]), int(part[-1]) + 1) for part in np.split(loud, breaks)]
        word = max(spans, key=lambda span: powers[span[0] : span[1]].sum())
        if word[1] - word[0] > LONGEST_WORD_BLOCKS:
            continue
        rival = peak * 10 ** (-RIVAL_DB / 10)
        rivals = [(a, b) for a, b in spans if (a, b) != word and (powers[a:b] >= rival).sum() >= RIVAL_BLOCKS]
        if len(rivals) > MOST_RIVALS:
            return None

        def samples_of(span: Span) -> Span:
            return span[0] * BLOCK, min(len(samples), span[1] * BLOCK)

        return samples_of(word), [samples_of(span) for span in rivals]
    return None


def sounds_beside(samples: np.ndarray, word: Span) -> list[Span]:
    """What else sounds in a recording of one word, 0.1 s and more from it, 60 ms and longer, down to 40 dB below its
    loudest block: clicks, breaths, a chair."""
    powers = block_powers(samples)
    peak = powers.max(initial=0.0)
    floor = np.sort(powers[powers > 0])[(powers > 0).sum() // 10]
    powers[max(0, word[0] // BLOCK - 5) : word[1] // BLOCK + 5] = 0.0
    loud = np.flatnonzero(powers >= max(peak * 1e-4, floor**0.8 * peak**0.2))
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > BRIDGED_BLOCKS) + 1) if len(loud) else []
    return [(int(p[0]) * BLOCK, (int(p[-1]) + 1) * BLOCK) for p in parts if len(p) >= 3]


def word_window(samples: np.ndarray, start: int, end: int) -> tuple[np.ndarray, int]:
    """The word with 0.16 s before and 0.24 s after it at the beginning of 1.6 s, silence behind, and how many
    samples that is; its loudest 20 ms at -12 dB; faded over 10 ms at the cuts."""
    first, last = max(0, start - BEFORE_WORD), min(len(samples), end + AFTER_WORD)
    kept = samples[first:last][:WINDOW_SAMPLES].astype(np.float64)
    kept *= gain_of(samples[start:end])
    fade = min(FADE, len(kept) // 2)
    ramp = np.arange(fade) / FADE
    kept[:fade] *= ramp
    kept[len(kept) - fade :] *= ramp[::-1]
    window = np.zeros(WINDOW_SAMPLES, np.float32)
    window[: len(kept)] = kept
    return window, len(kept)
