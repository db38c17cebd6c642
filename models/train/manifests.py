"""What stands in the manifests of the wake models: their figures aside, and what they were made of."""

from __future__ import annotations

import json
import pathlib

import moonshine
import nets
import speech_windows
from export_head import shape_of
from export_onnx import heavy_samples
from features import LOG_MEL, RATE_HZ
from listen import SPEECH_MOST, Timing
from operate import Curve
from wake_data import LABELS, WORDS

TINY_VERSION, HEAVY_VERSION, SPEECH_VERSION = "1.4.1", "1.4.0", "1.0.0"

Manifest = dict[str, object]

# Levels that both models are trained at (`augment.py` varies clips whose loudest 20 ms are at -23 to -8 dB): what is
# outside is brought to the edge before it is shown.
LEVEL = {"leastDb": -20.0, "mostDb": -6.0, "mostGainDb": 50.0}

# How the words are said, for the network that hears phones, and how long each goes on once its last phone has begun:
# medians over the calibration clips at even places, joined to orders; of `alexa` less, since what follows in the same
# breath cuts its last vowel short (docs/measurements/orders.md).
SPOKEN = {
    "alexa": {"ipa": "ə l ɛ k s ə", "lastPhoneMs": 110},
    "computer": {"ipa": "k ə m p j u t ɚ", "lastPhoneMs": 130},
    "jarvis": {"ipa": "dʒ ɑ ɹ v ɪ s", "lastPhoneMs": 140},
    "smart_mirror": {"ipa": "s m ɑ ɹ t m ɪ ɹ ɚ", "lastPhoneMs": 120},
    "snowboy": {"ipa": "s n oʊ b ɔɪ", "lastPhoneMs": 205},
    "view_glass": {"ipa": "v j u ɡ l æ s", "lastPhoneMs": 110},
}

# What is added to the logit of a word that fits its phones better than `even`, or taken from one that fits worse, for
# each unit of the search's score, and at most: chosen on calibration clips made hard to hear, and on negatives
# (docs/measurements/wake.md).
PHONES = {"weight": 2.5, "even": -1.6, "most": 2.0}

ENCODER_USED = {
    "name": "Moonshine tiny's encoder (Jeffries et al. 2024), read from its npm package",
    "licence": "MIT",
    "use": "listens, as it is",
}
EMBEDDING_USED = {
    "name": "Google speech embedding (Lin et al. 2020), lower half as it is, upper half trained on",
    "licence": "Apache-2.0",
    "use": "weights",
}
DATA_USED = [
    {"name": "Picovoice wake-word-benchmark, re-cut", "licence": "Apache-2.0", "use": "the six words"},
    {"name": "WUW corpus II", "licence": "CC BY-SA 4.0", "use": "speech that is none of the words"},
    {"name": "DSPSpeech-20", "licence": "MIT", "use": "speech that is none of the words"},
    {
        "name": "Picovoice speech-to-intent-benchmark",
        "licence": "Apache-2.0",
        "use": "speech that is none of the words",
    },
    {"name": "ESC-10 and Speech Commands backgrounds", "licence": "CC BY 3.0, CC0, CC BY 4.0", "use": "noise"},
    {
        "name": "Debian's recorded speech and music, two games' dialogue among it (fetch-negatives.sh)",
        "licence": "free, per package",
        "use": "speech and music that are none of the words",
    },
    {"name": "espeak-ng and flite voices (make_synthetic.py)", "licence": "made here", "use": "supplement"},
    {
        "name": "Kokoro-82M voices saying the words (make_voices.py)",
        "licence": "made here; the synthesiser is Apache-2.0",
        "use": "supplement",
    },
    {
        "name": "Kokoro-82M, espeak-ng and flite voices saying what resembles the words (make_lookalikes.py)",
        "licence": "made here",
        "use": "speech that is none of the words",
    },
    {
        "name": "Kokoro-82M, espeak-ng and festival voices reading Debian's fortunes in seven languages (make_talk.py)",
        "licence": "made here",
        "use": "speech that is none of the words",
    },
]


def tensor(name: str, shape: list[int]) -> dict[str, object]:
    """A float tensor of a manifest."""
    return {"name": name, "dtype": "float32", "shape": shape, "quantisation": None}


def write_manifest(folder: pathlib.Path, manifest: dict[str, object]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def described(name: str, version: str, files: Manifest, given: Manifest, front_end: Manifest) -> Manifest:
    """What every manifest begins with; scores of the same labels come out of each model."""
    return {
        "schema": 1,
        "version": version,
        "licence": "Apache-2.0",
        "name": name,
        "kind": name,
        "files": files,
        "inputs": [given],
        "outputs": [tensor("scores", [1, len(LABELS)])],
        "state": [],
        "frontEnd": front_end,
    }


# The runtime looks at every frame once a word scores a fifth, and holds a score for 60 ms where `listen.py` wants two
# hops in a row: fewer false notices, and no word depends on where it stands between two hops. Where the middle of a
# word's score lies was measured on the clips at even places of the calibration part with orders right behind them. What
# `calm` says was chosen there, too, on scores at four places, clean and at 10 dB SNR: of 2,080 words 12% are noticed a
# hop late, none verified late, and half of the hops in speech need no wake-up of their own.
LOOKS: Manifest = {
    "idleFrames": 4,
    "risenScore": 0.2,
    "heldFrames": 3,
    "centreAfterEndMs": {
        "alexa": 130,
        "computer": 175,
        "jarvis": 100,
        "smart_mirror": 105,
        "snowboy": 125,
        "view_glass": 130,
    },
    "calm": {"below": 0.0001, "waitMs": 80},
}


def tiny_manifest(files: Manifest, reject: float, curve: Curve, timing: Timing, figures: Manifest) -> Manifest:
    given = tensor("features", [1, nets.TINY_FRAMES, LOG_MEL["bands"]])
    front_end = {**LOG_MEL, "framesPerCall": nets.TINY_HOP_FRAMES, "windowFrames": nets.TINY_FRAMES, "level": LEVEL}
    return {
        **described("wake-tiny", TINY_VERSION, files, given, front_end),
        "hopMs": 80,
        "labels": list(LABELS),
        "thresholds": {w: {"accept": max(0.95, reject), "reject": reject} for w in WORDS},
        "calibration": curve.manifest(),
        "looks": LOOKS,
        "debounce": {"hops": 1, "refractoryMs": 1520, "rearmHops": timing.rearm_hops},
        "figures": figures,
        "data": DATA_USED,
    }


def heavy_manifest(
    files: Manifest, members: int, accept: float, curve: Curve, timing: Timing, figures: Manifest
) -> Manifest:
    samples, looks = heavy_samples(timing.looks), timing.looks
    front_end = {
        "kind": "raw-audio",
        "rateHz": RATE_HZ,
        "windowSamples": samples,
        "looks": looks,
        "members": members,
        "level": LEVEL,
    }
    second = {
        "manifest": "../wake-speech/manifest.json",
        "weight": timing.speech_weight,
        "most": SPEECH_MOST,
    }
    return {
        **described("wake-heavy", HEAVY_VERSION, files, tensor("audio", [1, samples]), front_end),
        "verify": {
            "windowMs": samples // 16 - 80 * timing.tail_hops,
            "tailMs": 80 * timing.tail_hops,
            "againMs": 80 * timing.again_hops,
            "tinyWeight": timing.tiny_weight,
            "second": second,
            "phones": {"manifest": "../phones/manifest.json", **PHONES, "words": SPOKEN},
        },
        "hopMs": None,
        "labels": list(LABELS),
        "thresholds": {w: {"accept": accept, "reject": round(accept / 2, 4)} for w in WORDS},
        "calibration": curve.manifest(),
        "figures": figures,
        "data": [EMBEDDING_USED, *DATA_USED],
    }


def speech_manifest(files: Manifest) -> Manifest:
    """Without figures of its own: they are the cascade's, in wake-heavy's manifest."""
    segments = speech_windows.SEGMENTS
    front_end = {
        "kind": "encoded-window",
        "rateHz": RATE_HZ,
        "windowSamples": speech_windows.WINDOW_SAMPLES,
        "peakLevel": moonshine.LEVEL,
        "mostGain": moonshine.MOST_GAIN,
        "frameSamples": moonshine.FRAME_SAMPLES,
        "segments": segments,
        "encoder": moonshine.described(speech_windows.WINDOW_SAMPLES, speech_windows.FRAMES),
    }
    return {
        **described("wake-speech", SPEECH_VERSION, files, tensor("segments", shape_of(segments)), front_end),
        "hopMs": None,
        "labels": list(LABELS),
        "thresholds": {},
        "data": [ENCODER_USED, *(d for d in DATA_USED if d["use"] != "supplement")],
    }
