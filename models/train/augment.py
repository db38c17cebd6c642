"""Making few clips into many: in audio where it must be (rooms, telephones, speed), in band power
where it can be (noise, gain, colour, tempo, vocal tract), because power adds and is cheap to redraw."""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.interpolate
import scipy.ndimage
import scipy.signal

from features import LOG_MEL, RATE_HZ

# --- in audio -------------------------------------------------------------------------------------


def room_response(rng: np.random.Generator) -> np.ndarray:
    """A synthetic room: direct sound, a few early reflections, an exponentially decaying tail.

    Reverberation time 0.15-0.7 s, direct-to-reverberant ratio 0-14 dB.
    """
    decay_s = rng.uniform(0.15, 0.7)
    length = int(decay_s * RATE_HZ)
    time_s = np.arange(length) / RATE_HZ
    tail = rng.standard_normal(length) * 10.0 ** (-3.0 * time_s / decay_s)
    tail[: int(rng.uniform(0.002, 0.012) * RATE_HZ)] = 0.0
    for _ in range(rng.integers(2, 7)):
        tail[rng.integers(20, 600)] += rng.choice((-1, 1)) * rng.uniform(0.5, 3.0)
    ratio = 10.0 ** (rng.uniform(0.0, 14.0) / 10.0)
    response = tail / np.sqrt(np.sum(tail**2) * ratio)
    response[0] = 1.0
    return response


def telephone(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Band-limited to about 0.25-3.5 kHz through 8 kHz and 8-bit mu-law (ITU-T G.711)."""
    low, high = rng.uniform(100, 330), rng.uniform(3100, 3700)
    band = scipy.signal.butter(3, (low, high), "bandpass", fs=RATE_HZ, output="sos")
    narrow = scipy.signal.resample_poly(scipy.signal.sosfilt(band, samples), 1, 2)
    peak = np.max(np.abs(narrow)) + 1e-9
    squeezed = np.sign(narrow) * np.log1p(255 * np.abs(narrow) / peak) / np.log(256)
    coded = np.round(squeezed * 127) / 127
    opened = np.sign(coded) * (256 ** np.abs(coded) - 1) / 255 * peak
    return scipy.signal.resample_poly(opened, 2, 1)


def in_room(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same samples in a synthetic room, no longer than before."""
    return scipy.signal.fftconvolve(samples, room_response(rng))[: len(samples)]


def vary(samples: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """One acoustic variant of a clip, and the factor by which time was stretched."""
    stretch = 1.0
    if rng.random() < 0.6:
        steps = int(rng.integers(82, 121))
        samples = scipy.signal.resample_poly(samples, steps, 100)
        stretch = steps / 100
    if rng.random() < 0.6:
        samples = in_room(samples, rng)
    draw = rng.random()
    if draw < 0.22:
        samples = telephone(samples, rng)
    elif draw < 0.4:
        corner = rng.uniform(2800, 7000)
        low_pass = scipy.signal.butter(4, corner, "lowpass", fs=RATE_HZ, output="sos")
        samples = scipy.signal.sosfilt(low_pass, samples)
    if rng.random() < 0.1:
        level = np.max(np.abs(samples)) * rng.uniform(0.2, 0.7)
        samples = np.clip(samples, -level, level)
    return np.ascontiguousarray(samples, np.float32), stretch


# --- where the word is ----------------------------------------------------------------------------


def word_span(tiny_log_power: np.ndarray) -> tuple[float, float]:
    """Start and end, in seconds, of the loudest stretch of speech in a single-word clip.

    Frames within 25 dB of the loud ones and clear of the floor count as speech; pauses of up to
    0.24 s are bridged; the stretch with the most energy wins.
    """
    step_s = LOG_MEL["stepSamples"] / RATE_HZ
    power = np.exp(tiny_log_power.astype(np.float32))[:, 4:34].sum(axis=1)
    level = 10.0 * np.log10(power + 1e-7)
    loud, floor = np.percentile(level, 97), np.percentile(level, 10)
    active = level > max(loud - 25.0, floor + 0.3 * (loud - floor))
    active = scipy.ndimage.binary_closing(np.pad(active, 12), np.ones(13))[12:-12]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], active.astype(np.int8), [0]])))
    spans = edges.reshape(-1, 2)
    start, end = max(spans, key=lambda span: power[span[0] : span[1]].sum())
    return start * step_s, end * step_s + 0.012


# --- in band power --------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class PowerAugment:
    """Strengths of what is redrawn for every example; the same numbers serve both front ends."""

    noise_share: float = 0.75
    snr_db: tuple[float, float] = (-3.0, 22.0)
    gain_db: tuple[float, float] = (-18.0, 12.0)
    colour_db: float = 6.0
    warp_share: float = 0.6
    mask_share: float = 0.4

    def batch(
        self,
        speech: np.ndarray,
        backgrounds: np.ndarray,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Linear power in [batch, frames, bands], mixed, coloured and scaled; masks are left to `mask`."""
        count, _, bands = speech.shape
        level = np.percentile(speech.sum(axis=2), 90, axis=1) + 1e-12
        noise_level = np.percentile(backgrounds.sum(axis=2), 60, axis=1) + 1e-12
        snr = 10.0 ** (rng.uniform(*self.snr_db, count) / 10.0)
        share = np.where(rng.random(count) < self.noise_share, level / (noise_level * snr), 0.0)
        mixed = speech + backgrounds * share[:, None, None]
        hiss = level * 10.0 ** (rng.uniform(-70.0, -25.0, count) / 10.0) / bands
        mixed += hiss[:, None, None] * rng.gamma(2.0, 0.5, mixed.shape).astype(np.float32)
        knots = rng.normal(0.0, self.colour_db / 2.0, (count, 5))
        colour = scipy.interpolate.interp1d(np.linspace(0, bands - 1, 5), knots, axis=1)(np.arange(bands))
        gain = rng.uniform(*self.gain_db, count)
        mixed *= (10.0 ** ((colour + gain[:, None]) / 10.0))[:, None, :]
        return mixed.astype(np.float32)

    def mask(self, features: np.ndarray, rng: np.random.Generator, fill: float) -> None:
        """SpecAugment (Park et al. 2019), lightly and in place: one band mask, one time mask."""
        _, frames, bands = features.shape
        for row in np.flatnonzero(rng.random(len(features)) < self.mask_share):
            width = rng.integers(1, bands // 8 + 1)
            start = rng.integers(0, bands - width)
            features[row, :, start : start + width] = fill
            width = rng.integers(1, frames // 14 + 1)
            start = rng.integers(0, frames - width)
            features[row, start : start + width] = fill


def other_tract(frames: np.ndarray, tract: float) -> np.ndarray:
    """The same frames [frames, bands] from a shorter or longer vocal tract."""
    bands = frames.shape[1]
    position = np.clip(np.arange(bands) * tract, 0, bands - 1)
    low = position.astype(np.int32)
    high = np.minimum(low + 1, bands - 1)
    part = (position - low).astype(np.float32)
    return frames[:, low] * (1 - part) + frames[:, high] * part


def warp(log_power: np.ndarray, end: float, frames: int, rng: np.random.Generator, share: float) -> np.ndarray:
    """`frames` frames of log power ending at frame `end`, tempo and vocal tract warped in part.

    Time outside the recording is silence; linear interpolation in both directions.
    """
    total = len(log_power)
    tempo, tract = 1.0, 1.0
    if rng.random() < share:
        tempo, tract = rng.uniform(0.85, 1.18), rng.uniform(0.88, 1.15)
    at = end - np.arange(frames)[::-1] * tempo
    inside = (at >= 0) & (at <= total - 1)
    left = np.clip(at.astype(np.int32), 0, total - 1)
    window = log_power[left].astype(np.float32)
    if tempo != 1.0:
        right = np.minimum(left + 1, total - 1)
        part = np.clip(at - left, 0.0, 1.0)[:, None].astype(np.float32)
        window += (log_power[right].astype(np.float32) - window) * part
        window = other_tract(window, tract)
    window[~inside] = -23.0
    return window
