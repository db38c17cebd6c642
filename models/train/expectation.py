"""What `catnap words add` says to expect, out of a run of `catnap bench words`: misses by the sounds of a word, false
accepts by how many everyday words are near to it.

    catnap bench words --data DIR --negatives DIR --manners typed --conditions clean --json > run.json
    python expectation.py run.json --said FILE... --sounds snowboy=7 --near print=18 speech=13

`--said` names recordings in which an accepted word is really said: somebody has to listen to those under `accepted`.
`--sounds` counts phrases that the dictionary has not, and `--near` the everyday words near to a phrase (none where it
is not named), as `catnap words add` tells both.
"""

from __future__ import annotations

import argparse
import gzip
import json
import pathlib
import unicodedata

DICTIONARY = pathlib.Path(__file__).parent.parent / "spelling" / "dictionary.txt.gz"


# From so many on false accepts are told apart.
MANY_NEAR = 6


def sounds_of(phrase: str, ways: dict[str, list[str]]) -> int:
    """Letters of the shortest way in IPA: both halves of a diphthong or an affricate count."""
    return sum(min(letters(way) for way in ways[word]) for word in phrase.split())


def letters(way: str) -> int:
    return sum(map(str.isalpha, unicodedata.normalize("NFD", way)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--said", nargs="*", default=[])
    parser.add_argument("--sounds", nargs="*", default=[])
    parser.add_argument("--near", nargs="*", default=[])
    arguments = parser.parse_args()
    told, near = (dict(each.rsplit("=", 1) for each in named) for named in (arguments.sounds, arguments.near))
    ways: dict[str, list[str]] = {}
    for line in gzip.decompress(DICTIONARY.read_bytes()).decode().splitlines():
        word, ipa = line.split("\t")
        ways.setdefault(word, []).append(ipa)
    run = json.loads(arguments.run.read_text())
    real = [each["phrase"] for each in run["accepted"] if pathlib.Path(each["path"]).name in arguments.said]
    by_sounds: dict[int, dict[str, list[int]]] = {}
    by_near: dict[bool, dict[str, list[float]]] = {}
    for phrase, manners in run["phrases"].items():
        typed = manners["typed"]
        sounds = int(told[phrase]) if phrase in told else sounds_of(phrase, ways)
        clean = typed["clean"]
        by_sounds.setdefault(min(8, sounds), {})[phrase] = [clean["missed"], clean["clips"]]
        is_many = int(near.get(phrase, 0)) >= MANY_NEAR
        false_accepts = typed["falseAccepts"] - real.count(phrase)
        by_near.setdefault(is_many, {})[phrase] = [false_accepts, typed["hours"]]
    for sounds, words in sorted(by_sounds.items()):
        missed, clips = summed(words)
        print(f"{sounds} sounds: {', '.join(words)}: {missed} of {clips} missed")
    for is_many, words in sorted(by_near.items()):
        false_accepts, hours = summed(words)
        count = f"{MANY_NEAR} and more" if is_many else f"fewer than {MANY_NEAR}"
        print(f"{count} near: {', '.join(words)}: {false_accepts} false in {hours:.2f} h")


def summed(rows: dict[str, list[float]]) -> list[float]:
    return [sum(column) for column in zip(*rows.values(), strict=True)]


if __name__ == "__main__":
    main()
