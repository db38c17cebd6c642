"""pocketsphinx's phrase spotting on what `catnap bench words` hears: misses and false accepts.

    pip install pocketsphinx numpy scipy soundfile
    python compare_pocketsphinx.py --data DIR --negatives DIR [--every 2] [--hours 0.3]

DIR/words.csv lists `file,phrase,speaker` as for the bench. All phrases are looked for at once, as they are recorded,
each with the same threshold; one whose words its dictionary lacks is left out and named. A line of JSON a threshold.
"""

from __future__ import annotations

import argparse
import csv
import json
import pathlib
import random
import tempfile

import numpy as np
from pocketsphinx import Decoder

from corpus import RATE_HZ, read

THRESHOLDS = ("1e-10", "1e-20", "1e-30", "1e-40")
SOUND = {".wav", ".flac", ".ogg", ".opus"}
# Silence around a recording, as the bench has it around clips.
LEAD_S, TRAIL_S = 1.2, 0.8
# It is asked after so much sound, as a microphone yields it.
BLOCK_S = 0.1


def spotted(decoder: Decoder, path: pathlib.Path) -> list[str]:
    """The phrases found in a recording, one after the other."""
    samples = np.pad(read(str(path)), (int(LEAD_S * RATE_HZ), int(TRAIL_S * RATE_HZ)))
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2")
    found = []
    decoder.start_utt()
    for block in np.split(pcm, range(int(BLOCK_S * RATE_HZ), len(pcm), int(BLOCK_S * RATE_HZ))):
        decoder.process_raw(block.tobytes(), False, False)
        if decoder.hyp() is not None:
            found.append(decoder.hyp().hypstr.strip())
            decoder.end_utt()
            decoder.start_utt()
    decoder.end_utt()
    return found


def listener(phrases: list[str], threshold: str) -> Decoder:
    """Listens for all phrases."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.writelines(f"{phrase} /{threshold}/\n" for phrase in phrases)
        listed.flush()
        return Decoder(lm=None, kws=listed.name, loglevel="FATAL")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--negatives", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--hours", type=float, default=float("inf"))
    options = parser.parse_args()
    with open(options.data / "words.csv", newline="", encoding="utf-8") as file:
        clips = [(options.data / row["file"], row["phrase"]) for row in csv.DictReader(file)]
    dictionary = Decoder(lm=None, loglevel="FATAL")
    phrases = sorted({phrase for _, phrase in clips})
    known = [p for p in phrases if all(dictionary.lookup_word(word) is not None for word in p.split())]
    listed = {path for path, _ in clips}
    folders = [options.data, *options.negatives]
    others = sorted(p for f in folders for p in f.rglob("*") if p.suffix.lower() in SOUND and p not in listed)
    random.Random(7).shuffle(others)
    for threshold in THRESHOLDS:
        decoder = listener(known, threshold)
        heard = {path: spotted(decoder, path) for path, phrase in clips[:: options.every] if phrase in known}
        of = dict(clips)
        missed = {phrase: [0, 0] for phrase in known}
        for path, found in heard.items():
            missed[of[path]][0] += of[path] not in found
            missed[of[path]][1] += 1
        wrong, seconds = 0, 0.0
        for path in others[:: options.every]:
            if seconds >= options.hours * 3600:
                break
            wrong += len(spotted(decoder, path))
            seconds += len(read(str(path))) / RATE_HZ
        print(
            json.dumps(
                {
                    "threshold": threshold,
                    "missed": {p: f"{m}/{n}" for p, (m, n) in missed.items()},
                    "all": f"{sum(m for m, _ in missed.values())}/{len(heard)}",
                    "falseAccepts": wrong,
                    "wordHours": round(seconds / 3600 * len(known), 2),
                    "notInItsDictionary": [p for p in phrases if p not in known],
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
