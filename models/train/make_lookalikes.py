"""Synthetic voices saying what resembles the wake words without being one, alone and in running sentences.

    ./fetch-voices.sh DIR && python make_lookalikes.py --cache DIR

Kokoro, espeak-ng and flite speak. Writes DIR/negatives/lookalikes/*.wav to train on and
DIR/negatives/lookalikes-calibration/*.wav by other voices; the same files on every run. flite's slt, which speaks
the fixtures, is left out, and so is what the fixtures say, so that they stay a check.
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import pathlib
import random
import subprocess

import soundfile

from make_voices import KOKORO_RATE_HZ, Kokoro, phonemes_of

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
CARRIERS = (
    "{}|{}|{}|and then {}, as ever|we talked about {} again yesterday|what about {}?|they say {} will be better|"
    "so {}, he said, and left|nobody heard of {} before|I think {} was fine|this is {}, isn't it?|"
    "on Monday {} came up|there was {} in the news|you and {} and the others"
).split("|")
ACCENTS = {
    "train": ("en-us", "en-gb", "en-gb-scotland", "en-029", "en-gb-x-gbcwmd", "de", "nl", "cs", "pl"),
    "calibration": ("en-gb-x-rp", "en-gb-x-gbclan", "ru", "it", "sv"),
}
VARIANTS = {"train": ("m1", "m2", "m3", "m4", "m5", "f1", "f2", "f3"), "calibration": ("m6", "m7", "f4", "f5")}
FLITE_VOICES = {"train": ("rms", "kal16"), "calibration": ("awb",)}
FOLDERS = {"train": "lookalikes", "calibration": "lookalikes-calibration"}
CLIPS = {"train": (360, 150), "calibration": (120, 50)}
"""(espeak-ng and flite, Kokoro) of each part."""
CALIBRATION_VOICE_STEP = 4
"""Every fourth voice of Kokoro speaks for calibration alone."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One clip to make."""

    part: str
    speaker: str
    text: str
    path: pathlib.Path
    seed: int


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
    return tasks


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
        samples = kokoro.say(phonemes_of(task.text), style, rng.uniform(0.8, 1.25))
        soundfile.write(task.path, samples, KOKORO_RATE_HZ)


def speak_all(cache: pathlib.Path, tasks: list[Task]) -> None:
    """Speaks `tasks` in one process; each part by its own voices of Kokoro."""
    whole = Kokoro.load(cache / "kokoro")
    names = list(whole.voices)
    held = {name for i, name in enumerate(names) if i % CALIBRATION_VOICE_STEP == 0}
    voices = {
        "train": {n: v for n, v in whole.voices.items() if n not in held},
        "calibration": {n: v for n, v in whole.voices.items() if n in held},
    }
    for task in tasks:
        speak(task, dataclasses.replace(whole, voices=voices[task.part]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    tasks = tasks_of(options.cache / "negatives")
    for folder in FOLDERS.values():
        (options.cache / "negatives" / folder).mkdir(parents=True, exist_ok=True)
    shares = [(options.cache, tasks[i :: options.processes]) for i in range(options.processes)]
    with multiprocessing.Pool(options.processes) as pool:
        pool.starmap(speak_all, shares)


if __name__ == "__main__":
    main()
