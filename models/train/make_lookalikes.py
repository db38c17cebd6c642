"""Synthetic voices saying what resembles the wake words without being one, alone and in running sentences.

    ./fetch-voices.sh DIR && python make_lookalikes.py --cache DIR

Kokoro, espeak-ng and flite speak; Kokoro also says what no language has, two or three sounds away from a wake
word, alone and in babble: what comes near a word in a language that nobody recorded here. Writes
DIR/negatives/lookalikes/*.wav to train on and DIR/negatives/lookalikes-calibration/*.wav by other voices; the
same files on every run. flite's slt, which speaks the fixtures, is left out, and so is what the fixtures say,
so that they stay a check.
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import pathlib
import random
import subprocess
from collections.abc import Callable, Iterable

import numpy as np
import soundfile

from make_voices import KOKORO_RATE_HZ, SPOKEN, Kokoro, phonemes_of

LIKE = {
    "alexa": "election|elections|electric|Alexander|a Lexus|Alex said|a lesson|all exits|I'll ask her|relax a bit|"
    "an elect|reflection|selection|let's see|Alaska|a lecture|collects a|the latest election|election day|elixir|"
    "elects a|electricity|complexion|a Mexican|next action|like some of|relaxing|a Texan|annexation|affection",
    "computer": "commuter|compute it|the pewter|compete here|come to her|compound|competitor|commuting|recruiter|"
    "community|computing|disputed|come through there|can puter|compose her|reputable|tutor|confuse her",
    "jarvis": "harvesting|services|Jarrow's|nervous|jar this|Charles is|jarring|a garbage|starve us|carve this|"
    "jealous|Travis|chart is|car visit|charges|the harvests|larvas|John is|jars of this|our service|harmless",
    "smart_mirror": "smart meter|small mirror|start nearer|mart mirror|smart phone|smart manner|start me here|"
    "smarter|similar|art mirror|smart winner|smart matter|a smaller mirror|rear mirror|smart marina|smart me",
    "snowboy": "snow day|no boy|snowball|so boy|low buoy|slow boy|know, boy|snow bike|show boy|snowboard|cowboy|"
    "snow, boys|noble|snow buy|tomboy|toy boy|snowing by|no point|no buoyancy|snowfall",
    "view_glass": "few glasses|blue glass|view last|new class|hourglass|view finder|viewing class|the glass|you guess|"
    "few last|new grass|you gasp|value glass|through glass|view of grass|two glasses|few class|beautiful glass",
}
CARRIERS = [
    "{}",
    "{}",
    "{}",
    "and then {}, as ever",
    "we talked about {} again yesterday",
    "what about {}?",
    "they say {} will be better",
    "so {}, he said, and left",
    "nobody heard of {} before",
    "I think {} was fine",
    "this is {}, isn't it?",
    "on Monday {} came up",
    "there was {} in the news",
    "you and {} and the others",
]
ACCENTS = {
    "train": ("en-us", "en-gb", "en-gb-scotland", "en-029", "en-gb-x-gbcwmd", "de", "nl", "cs", "pl"),
    "calibration": ("en-gb-x-rp", "en-gb-x-gbclan", "ru", "it", "sv"),
}
VARIANTS = {"train": ("m1", "m2", "m3", "m4", "m5", "f1", "f2", "f3"), "calibration": ("m6", "m7", "f4", "f5")}
FLITE_VOICES = {"train": ("rms", "kal16"), "calibration": ("awb",)}
FOLDERS = {"train": "lookalikes", "calibration": "lookalikes-calibration"}
CLIPS = {"train": (360, 150), "calibration": (120, 50)}
"""(espeak-ng and flite, Kokoro) of each part."""
NEIGHBOURS = {"train": 300, "calibration": 60}
"""Words that no language has, by Kokoro, of each part."""
VOWELS = ("iɪAɛæa", "ɑɔOQʌ", "uʊ", "IWY")
CONSONANTS = ("sz", "tdT", "kɡ", "pb", "fvθð", "ʃʒʧʤ", "mnŋ", "lɹ", "jw", "h")
"""Sounds of Kokoro's alphabet; those of one group may be taken for each other."""
CALIBRATION_VOICE_STEP = 4
"""Every fourth voice of Kokoro speaks for calibration alone."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One clip to make; `text` is written English, of a neighbour the sounds themselves."""

    part: str
    speaker: str
    text: str
    path: pathlib.Path
    seed: int


def another(sound: str, groups: tuple[str, ...], rng: random.Random) -> str:
    """A sound that is not taken for this one."""
    return rng.choice([s for group in groups if sound not in group for s in group])


def neighbour(word: str, rng: random.Random) -> str:
    """A word with two sounds that matter, three of a long one, made others or left out: consonants and
    stressed vowels."""
    sounds = list(word)
    vowels = [i for i, s in enumerate(sounds) if any(s in g for g in VOWELS) and "ˈ" in sounds[max(0, i - 1) : i]]
    consonants = [i for i, s in enumerate(sounds) if any(s in g for g in CONSONANTS)]
    salient = vowels + consonants
    for place in rng.sample(salient, 3 if len(salient) > 6 else 2):
        groups = VOWELS if place in vowels else CONSONANTS
        left_out = place in consonants and rng.random() < 0.2
        sounds[place] = "" if left_out else another(sounds[place], groups, rng)
    return "".join(sounds)


def babble(rng: random.Random) -> str:
    """A few syllables of nothing."""
    vowel, consonant = "".join(VOWELS), "".join(CONSONANTS)
    return "".join(
        rng.choice(consonant) + rng.choice(("", "ˈ")) + rng.choice(vowel) + rng.choice(("", rng.choice(consonant)))
        for _ in range(rng.randint(1, 4))
    )


def neighbours_of(target: pathlib.Path, first_seed: int) -> list[Task]:
    """Neighbours of the words in turn, two fifths of them alone."""
    rng, tasks = random.Random(6), []
    for part, count in NEIGHBOURS.items():
        for number in range(count):
            word = list(SPOKEN)[number % len(SPOKEN)]
            sounds = neighbour(rng.choice(SPOKEN[word]), rng)
            if rng.random() < 0.6:
                sounds = f"{babble(rng)} {sounds} {babble(rng)}"
            path = target / FOLDERS[part] / f"neighbour-{word}-{number:04}.wav"
            tasks.append(Task(part, "neighbour", sounds, path, first_seed + len(tasks)))
    return tasks


def tasks_of(target: pathlib.Path) -> list[Task]:
    """Every clip; the words in turn, so that each is resembled equally often."""
    rng, tasks = random.Random(5), []
    for part, counts in CLIPS.items():
        for kind, count in zip(("simple", "kokoro"), counts, strict=True):
            for number in range(count):
                word = list(LIKE)[number % len(LIKE)]
                text = rng.choice(CARRIERS).format(rng.choice(LIKE[word].split("|")))
                speaker = kind if kind == "kokoro" else ("flite" if rng.random() < 0.3 else "espeak")
                path = target / FOLDERS[part] / f"{kind}-{word}-{number:04}.wav"
                tasks.append(Task(part, speaker, text, path, len(tasks)))
    return tasks + neighbours_of(target, len(tasks))


def speak(task: Task, kokoro: Kokoro | None) -> None:
    """Writes the clip of one task."""
    rng, part = random.Random(task.seed), task.part
    if task.speaker == "flite":
        setting = f"duration_stretch={rng.uniform(0.8, 1.25):.2f}"
        voice = rng.choice(FLITE_VOICES[part])
        subprocess.run(["flite", "-voice", voice, "--setf", setting, "-t", task.text, "-o", str(task.path)], check=True)
    elif task.speaker == "espeak":
        voice = f"{rng.choice(ACCENTS[part])}+{rng.choice(VARIANTS[part])}"
        pace = ["-p", str(rng.randint(25, 75)), "-s", str(rng.randint(115, 200))]
        subprocess.run(["espeak-ng", "-v", voice, *pace, "-w", str(task.path), task.text], check=True)
    elif kokoro is not None:
        style = kokoro.voice(rng, 0.75)
        sounds = task.text if task.speaker == "neighbour" else phonemes_of(task.text)
        samples = kokoro.say(sounds, style, rng.uniform(0.8, 1.25))
        soundfile.write(task.path, samples, KOKORO_RATE_HZ)


def voices_of(kokoro: Kokoro, part: str) -> dict[str, np.ndarray]:
    """The voices of Kokoro that speak for one part."""
    chosen = part == "calibration"
    return {n: v for i, (n, v) in enumerate(kokoro.voices.items()) if (i % CALIBRATION_VOICE_STEP == 0) == chosen}


def speak_all(cache: pathlib.Path, tasks: list[Task]) -> None:
    """Speaks `tasks` in one process; each part by its own voices of Kokoro."""
    kokoro = Kokoro.load(cache / "kokoro")
    for task in (task for task in tasks if not task.path.exists()):
        speak(task, dataclasses.replace(kokoro, voices=voices_of(kokoro, task.part)))


def run(
    doc: str,
    folders: Iterable[str],
    tasks_of: Callable[[pathlib.Path], list],
    speak_all: Callable[[pathlib.Path, list], None],
) -> None:
    """The command line of a maker of voices: its tasks for a cache, in turn to a few processes that each
    speak their share."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    for folder in folders:
        (options.cache / "negatives" / folder).mkdir(parents=True, exist_ok=True)
    tasks = tasks_of(options.cache)
    shares = [(options.cache, tasks[i :: options.processes]) for i in range(options.processes)]
    with multiprocessing.Pool(options.processes) as pool:
        pool.starmap(speak_all, shares)


if __name__ == "__main__":
    run(__doc__, FOLDERS.values(), lambda cache: tasks_of(cache / "negatives"), speak_all)
