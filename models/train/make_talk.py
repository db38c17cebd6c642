"""Synthetic voices talking in many languages, none of the wake words among it.

    ./fetch-voices.sh DIR && python make_talk.py --cache DIR

Packages with recorded speech in Slavic languages are few; voices of Kokoro, festival and eSpeak read Debian's
fortunes. Writes DIR/negatives/talk/*.wav to train on and DIR/negatives/talk-calibration/*.wav by other voices
reading other texts; the same files on every run. Needs espeak-ng and festival-czech.
"""

from __future__ import annotations

import dataclasses
import pathlib
import random
import re
import subprocess

import soundfile

from make_lookalikes import VARIANTS, run, voices_of
from make_voices import KOKORO_RATE_HZ, Kokoro, phonemes_of

TEXTS = {
    "cs": ("zemeplocha", "citace", "klasik-cz"),
    "pl": ("dowcipy",),
    "ru": ("life", "murphy", "love"),
    "bg": ("bgauthors", "intauthors"),
    "de": ("witze",),
    "es": ("refranes.fortunes",),
    "it": ("norm",),
}
KOKORO_CLIPS = {
    "train": {"cs": 35, "pl": 35, "ru": 25, "bg": 8, "de": 8, "es": 5, "it": 5},
    "calibration": {"cs": 8, "pl": 8, "ru": 8, "bg": 6},
}
FESTIVAL_CLIPS = {"train": 120, "calibration": 30}
FESTIVAL_VOICES = {"train": ("czech_dita", "czech_krb", "czech_machac"), "calibration": ("czech_ph",)}
ESPEAK_CLIPS = {"train": {"pl": 60, "ru": 60, "bg": 30}, "calibration": {"pl": 15, "ru": 15, "bg": 10}}
FOLDERS = {"train": "talk", "calibration": "talk-calibration"}
SAYS_A_WORD = re.compile(r"comput|komp|комп|alex|алекс|jarvis|mirror|snow|glass", re.IGNORECASE)
SENTENCE_CHARACTERS = (40, 150)


def sentences(folder: pathlib.Path, language: str) -> list[str]:
    """Sentences of fortunes in one language, none with what sounds like a wake word."""
    found = []
    for name in TEXTS[language]:
        text = (folder / language / name).read_text("utf-8", "ignore")
        for fortune in text.split("\n%\n"):
            for sentence in re.split(r"(?<=[.!?])\s+", re.sub(r"\s+", " ", fortune)):
                spoken = re.sub(r"[^\w\s,.!?'-]|[_\d]", "", sentence).strip()
                low, high = SENTENCE_CHARACTERS
                if low <= len(spoken) <= high and not SAYS_A_WORD.search(spoken):
                    found.append(spoken)
    return found


@dataclasses.dataclass(frozen=True)
class Task:
    """One sentence to say; `voice` is festival's or eSpeak's, or '' for Kokoro."""

    part: str
    language: str
    voice: str
    text: str
    path: pathlib.Path
    seed: int


def tasks_of(cache: pathlib.Path) -> list[Task]:
    """Every sentence, none read twice."""
    rng = random.Random(8)
    texts = {language: sentences(cache / "texts", language) for language in TEXTS}
    for sentences_of in texts.values():
        rng.shuffle(sentences_of)
    tasks: list[Task] = []

    def add(part: str, language: str, voice: str) -> None:
        path = cache / "negatives" / FOLDERS[part] / f"{voice or 'kokoro'}-{language}-{len(tasks):04}.wav"
        tasks.append(Task(part, language, voice, texts[language].pop().lstrip("- "), path, len(tasks)))

    for part in FOLDERS:
        for language, count in KOKORO_CLIPS[part].items():
            for _ in range(count):
                add(part, language, "")
        for number in range(FESTIVAL_CLIPS[part]):
            add(part, "cs", FESTIVAL_VOICES[part][number % len(FESTIVAL_VOICES[part])])
        for language, count in ESPEAK_CLIPS[part].items():
            for _ in range(count):
                add(part, language, f"{language}+{rng.choice(VARIANTS[part])}")
    return tasks


def speak(task: Task, kokoro: Kokoro) -> None:
    """Writes the clip of one task."""
    rng = random.Random(task.seed)
    if "+" in task.voice:
        pace = ["-p", str(rng.randint(25, 75)), "-s", str(rng.randint(130, 210))]
        subprocess.run(["espeak-ng", "-v", task.voice, *pace, "-w", str(task.path), task.text], check=True)
        return
    if task.voice:
        # Festival's Czech reads ISO 8859-2.
        text = task.text.encode("iso-8859-2", "ignore")
        command = ["text2wave", "-eval", f"(voice_{task.voice})", "-o", str(task.path), "-"]
        subprocess.run(command, input=text, check=True, capture_output=True)
        return
    phonemes = phonemes_of(task.text, task.language)
    samples = kokoro.say(phonemes, kokoro.voice(rng, 0.4), rng.uniform(0.8, 1.3))
    soundfile.write(task.path, samples, KOKORO_RATE_HZ)


def speak_all(cache: pathlib.Path, tasks: list[Task]) -> None:
    """Speaks `tasks` in one process."""
    kokoro = Kokoro.load(cache / "kokoro")
    for task in (task for task in tasks if not task.path.exists()):
        speak(task, dataclasses.replace(kokoro, voices=voices_of(kokoro, task.part)))


if __name__ == "__main__":
    run(__doc__, FOLDERS.values(), tasks_of, speak_all)
