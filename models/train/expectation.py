"""What `catnap words add` says to expect, by the sounds of a word, out of a run of `catnap bench words`.

    catnap bench words --data DIR --negatives DIR --manners typed --conditions clean --json > run.json
    python expectation.py run.json --said FILE... --sounds snowboy=7

`--said` names recordings in which an accepted word is really said: somebody has to listen to those under `accepted`.
`--sounds` counts phrases that the dictionary has not, as `catnap words add` tells them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import pathlib
import unicodedata

DICTIONARY = pathlib.Path(__file__).parent.parent / "spelling" / "dictionary.txt.gz"


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
    arguments = parser.parse_args()
    told = dict(each.rsplit("=", 1) for each in arguments.sounds)
    ways: dict[str, list[str]] = {}
    for line in gzip.decompress(DICTIONARY.read_bytes()).decode().splitlines():
        word, ipa = line.split("\t")
        ways.setdefault(word, []).append(ipa)
    run = json.loads(arguments.run.read_text())
    real = [each["phrase"] for each in run["accepted"] if pathlib.Path(each["path"]).name in arguments.said]
    rows: dict[int, dict[str, list[float]]] = {}
    for phrase, manners in run["phrases"].items():
        typed = manners["typed"]
        missed, clips = typed["clean"]["missed"], typed["clean"]["clips"]
        false_accepts = typed["falseAccepts"] - real.count(phrase)
        sounds = int(told[phrase]) if phrase in told else sounds_of(phrase, ways)
        row = rows.setdefault(min(8, sounds), {})
        row[phrase] = [missed, clips, false_accepts, typed["hours"]]
    for sounds, words in sorted(rows.items()):
        missed, clips, false_accepts, hours = (sum(column) for column in zip(*words.values(), strict=True))
        print(f"{sounds}: {', '.join(words)}: {missed} of {clips} missed, {false_accepts} false in {hours:.2f} h")


if __name__ == "__main__":
    main()
