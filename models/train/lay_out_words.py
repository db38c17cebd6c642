"""Lays out own words to choose a phone network on, as a folder that `catnap bench search` measures: links and a list.

    python lay_out_words.py --data ../../../shared/data --cache DIR --target DIR/own-words

Eleven words, three of them over the telephone, by people outside the test part; and, without any of the words, orders
and the English talk of a game, of the calibration part.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import pathlib

import numpy as np

from corpus import Recording, packaged, people
from lay_out_test import link

PHRASES = (
    *("open", "close", "print", "project", "process", "signal", "speaker", "speech"),
    *("operator", "voyager", "wildfire"),
)
CLIPS_EACH = 18
OTHERS = ("orders", "flight-of-the-amazon-queen")


def alone(data: pathlib.Path) -> set[str]:
    """Recordings over the telephone that hold their word and nothing else."""
    with open(data / "wuw.csv", newline="", encoding="utf-8") as file:
        return {str(data / row["file"]) for row in csv.DictReader(file) if row["alone"] == "1"}


def by_turns(recordings: list[Recording]) -> list[Recording]:
    """A few, of as many people as there are."""
    rng = np.random.default_rng(4)
    shuffled = [recordings[i] for i in rng.permutation(len(recordings))]
    groups = [[r for r in shuffled if r.group == group] for group in sorted({r.group for r in recordings})]
    turns = (r for turn in itertools.zip_longest(*groups) for r in turn if r is not None)
    return list(itertools.islice(turns, CLIPS_EACH))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--target", type=pathlib.Path, required=True)
    asked = parser.parse_args()
    single = alone(asked.data)
    known = [r for r in people(asked.data) if r.part != "test"]
    rows = []
    for phrase in PHRASES:
        said = [r for r in known if r.label == phrase and (r.source == "commands" or r.path in single)]
        for recording in by_turns(said):
            path = pathlib.Path(recording.path).relative_to(asked.data)
            link(asked.data / path, asked.target / path)
            rows.append((path, phrase, recording.group))
    with open(asked.target / "words.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "phrase", "speaker"), *rows])
    for recording in (*known, *packaged(asked.cache)):
        if recording.source in OTHERS and recording.part == "calibration" and recording.label == "":
            path = pathlib.Path(recording.path)
            link(path, asked.target / "others" / recording.source / path.name)
    print(f"{len(rows)} clips")


if __name__ == "__main__":
    main()
