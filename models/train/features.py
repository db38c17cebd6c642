"""Catnap's two acoustic front ends, in NumPy.

`log_mel_power` is the one that `src/dsp/log-mel.ts` repeats sample for sample (shared vectors in
`test/vectors/logmel.json`); wake-tiny listens through it. `speech_mel_power` is the front end of
Google's speech embedding; it lives inside the ONNX files of wake-heavy and commands.

Both return *linear* band power, because power is what adds up when sounds are mixed: noise is laid
over speech in this domain at training time. `log_mel` / `speech_db` make of it what a model sees.
"""

from __future__ import annotations

import functools

import numpy as np

RATE_HZ = 16_000


@functools.cache
def mel_filters(bands: int, fft_size: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Triangular HTK mel filters of peak 1, shape [fft_size / 2 + 1, bands].

    mel(f) = 2595 log10(1 + f / 700); the corners are evenly spaced in mel and are not rounded to
    FFT bins.
    """

    def to_mel(hz: float) -> float:
        return 2595.0 * np.log10(1.0 + hz / 700.0)

    mels = np.linspace(to_mel(low_hz), to_mel(high_hz), bands + 2)
    corners = 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    bins = np.arange(fft_size // 2 + 1) * (RATE_HZ / fft_size)
    low, centre, high = corners[:-2], corners[1:-1], corners[2:]
    rising = (bins[:, None] - low) / (centre - low)
    falling = (high - bins[:, None]) / (high - centre)
    return np.maximum(0.0, np.minimum(rising, falling))


def _frames(samples: np.ndarray, window: int, step: int) -> np.ndarray:
    count = 1 + (len(samples) - window) // step
    if count < 1:
        return np.zeros((0, window), samples.dtype)
    stride = samples.strides[0]
    return np.lib.stride_tricks.as_strided(samples, (count, window), (step * stride, stride))


def _band_power(samples: np.ndarray, window: np.ndarray, step: int, filters: np.ndarray) -> np.ndarray:
    frames = _frames(samples, len(window), step)
    power = np.empty((len(frames), filters.shape[1]), np.float32)
    for start in range(0, len(frames), 4096):
        spectrum = np.fft.rfft(frames[start : start + 4096] * window)
        energy = spectrum.real**2 + spectrum.imag**2
        power[start : start + 4096] = energy @ filters
    return power


# --- wake-tiny: the front end that TypeScript repeats ---------------------------------------------

LOG_MEL = {
    "kind": "log-mel",
    "rateHz": RATE_HZ,
    "windowSamples": 512,
    "stepSamples": 320,
    "fftSize": 512,
    "bands": 40,
    "lowHz": 60,
    "highHz": 7600,
    "logOffset": 1e-4,
}


def log_mel_power(samples: np.ndarray) -> np.ndarray:
    """Mel power of samples in [-1, 1], shape [frames, 40]: periodic Hann window of 512, step 320."""
    size = LOG_MEL["windowSamples"]
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)
    filters = mel_filters(LOG_MEL["bands"], size, LOG_MEL["lowHz"], LOG_MEL["highHz"])
    return _band_power(samples, window, LOG_MEL["stepSamples"], filters)


def log_mel(power: np.ndarray) -> np.ndarray:
    """ln(power + 1e-4): about -9.2 in silence, at most about +9.2 at full scale."""
    return np.log(power + LOG_MEL["logOffset"], dtype=np.float32)


# --- wake-heavy and commands: the front end of the speech embedding -------------------------------

SPEECH_MEL = {"windowSamples": 512, "stepSamples": 160, "bands": 32}
SPEECH_FLOOR = 1.0


def speech_mel_power(samples: np.ndarray, window: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Mel power at 16-bit scale, shape [frames, 32], step 160; `window` and `filters` are the graph's."""
    return _band_power(samples * 32768.0, window, SPEECH_MEL["stepSamples"], filters)
