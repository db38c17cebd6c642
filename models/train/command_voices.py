"""Synthetic voices for the command model, a supplement only: the eight words, and words that resemble them.

    python command_voices.py --cache DIR

Needs espeak-ng and flite (Debian packages). Writes DIR/command-voices/<word>/*.wav; the same files on every run.
"""

from __future__ import annotations

import argparse
import pathlib
import random

from make_synthetic import speak_all

WORDS = ("open", "close", "print", "project", "process", "signal", "speaker", "speech")
LOOKALIKES = [
    "opening",
    "opened",
    "oven",
    "often",
    "over",
    "opera",
    "cosy",
    "closer",
    "closet",
    "clothes",
    "clock",
    "cloud",
    "cold",
    "loose",
    "glow",
    "prince",
    "printer",
    "pint",
    "paint",
    "spring",
    "sprint",
    "product",
    "protect",
    "projector",
    "promise",
    "progress",
    "progressive",
    "prophet",
    "possess",
    "princess",
    "success",
    "processor",
    "precious",
    "single",
    "sign",
    "signature",
    "sickle",
    "sequel",
    "cynical",
    "figure",
    "speak",
    "peak",
    "speakers",
    "beaker",
    "sneaker",
    "spider",
    "spectre",
    "special",
    "speed",
    "peach",
    "beach",
    "preach",
    "spinach",
    "each",
    "screech",
    "stop",
    "start",
    "yes",
    "no",
    "left",
    "right",
    "go",
    "up",
    "down",
    "play",
    "pause",
    "next",
    "back",
    "help",
    "cancel",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    target = parser.parse_args().cache / "command-voices"
    rng = random.Random(1)
    tasks = [(word, word) for word in WORDS for _ in range(16)]
    tasks += [("other", word) for word in LOOKALIKES for _ in range(3)]
    speak_all(tasks, target, rng)


if __name__ == "__main__":
    main()
