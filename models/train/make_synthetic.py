"""Synthetic voices, a supplement only: the wake words by many voices, and English that resembles them.

    python make_synthetic.py --cache DIR

Needs espeak-ng and flite (Debian packages). Writes DIR/negatives/synthetic/<label>/*.wav; the same files
on every run.
"""

from __future__ import annotations

import argparse
import pathlib
import random
import subprocess

SPOKEN = {
    "alexa": "alexa",
    "computer": "computer",
    "jarvis": "jarvis",
    "smart_mirror": "smart mirror",
    "snowboy": "snow boy",
    "view_glass": "view glass",
}

LOOKALIKES = """
alex|alexander|a lexus|electra|elixir|election|a lecture|relax a bit|i like some|complexion|axle|let's see|
commuter|compute|computing|competitor|competent|come put her|community|companion|commuters|committee|computation|
service|harvest|jarring|jars|charge us|java script|jealous|giraffes|travis|chavez|john is|just this|carve this|
smart meter|smart manner|start mirror|smart|mirror|small mirror|smarter|art mirror|similar|my mirror|start me up|
snow|boy|snowball|snow boots|slow boy|so boy|no boy|cowboy|snowman|show boy|playboy|snow buoy|notebook|
view|glass|few glasses|viewing class|the glass|blue glass|new class|you guess|view class|looking glass|view finder
"""

SENTENCES = """
please turn the lights off in the kitchen|what is the weather going to be like tomorrow morning
i told him that i would call back later this afternoon|the children were playing in the garden all day
she sells sea shells by the sea shore|could you pass me the salt and the pepper please
we need to buy some milk and bread on the way home|the train leaves at a quarter past seven from platform nine
he put the new computer science book on the shelf|there was a lot of snow on the road this winter
my brother is a very clever boy and likes to read|a glass of water would be nice right now
the view from the top of the mountain was beautiful|look into the mirror before you go out
this is a smart way to solve the problem|an example of this can be found on page ninety two
i have never seen anything like it in my whole life|let me know when you are ready to start
the meeting has been moved to thursday at three o'clock|nobody knows exactly how many people live there
set a timer for ten minutes|play some music in the living room|stop that right now|how are you doing today
the quick brown fox jumps over the lazy dog|one two three four five six seven eight nine ten
it was the best of times it was the worst of times|to be or not to be that is the question
ask not what your country can do for you|all happy families are alike
the service at that restaurant was excellent|his complexion was pale and his voice was weak
they elected a new committee at the last election|the commuters were waiting for the next bus
""".strip().replace("\n", "|")

ESPEAK_ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-029", "en-gb-x-gbcwmd")
ESPEAK_VARIANTS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "f1", "f2", "f3", "f4", "f5")
FLITE_VOICES = ("slt", "rms", "awb", "kal16")


def espeak(text: str, path: pathlib.Path, rng: random.Random) -> None:
    voice = f"{rng.choice(ESPEAK_ACCENTS)}+{rng.choice(ESPEAK_VARIANTS)}"
    pitch, speed = rng.randint(25, 75), rng.randint(115, 200)
    command = ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "-w", str(path), text]
    subprocess.run(command, check=True)


def flite(text: str, path: pathlib.Path, rng: random.Random) -> None:
    voice, stretch = rng.choice(FLITE_VOICES), rng.uniform(0.8, 1.25)
    command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.2f}", "-t", text]
    subprocess.run([*command, "-o", str(path)], check=True)


def speak_all(tasks: list[tuple[str, str]], target: pathlib.Path, rng: random.Random) -> None:
    """Speaks each (label, text) with a voice drawn anew, into the folder of its label below `target`."""
    for number, (label, text) in enumerate(tasks):
        folder = target / label
        folder.mkdir(parents=True, exist_ok=True)
        speak = flite if rng.random() < 0.45 else espeak
        speak(text, folder / f"{number:04}.wav", rng)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    target = parser.parse_args().cache / "negatives/synthetic"
    rng = random.Random(1)
    tasks: list[tuple[str, str]] = []
    for label, text in SPOKEN.items():
        tasks += [(label, text)] * (60 if label == "alexa" else 24)
    likenesses = [t.strip() for t in LOOKALIKES.replace("\n", "|").split("|") if t.strip()]
    tasks += [("other", text) for text in likenesses * 6]
    tasks += [("other", text) for text in SENTENCES.split("|") * 6]
    speak_all(tasks, target, rng)


if __name__ == "__main__":
    main()
