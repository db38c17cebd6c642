"""The commonest English words that the dictionary can say, for phrases of everyday speech that sound like a wake word.

    apt-get download scowl && dpkg-deb -x scowl_*.deb DIR && python everyday_words.py --scowl DIR/usr/share/dict/scowl

Levels 10 and 20 of SCOWL (wordlist.aspell.net), the two smallest: a line a word, those of level 10
before an empty line.
"""

from __future__ import annotations

import argparse
import gzip
import pathlib

SPELLING = pathlib.Path(__file__).parent.parent / "spelling"
LEVELS = (10, 20)
LANDS = ("english", "american", "british")


def level_of(scowl: pathlib.Path, level: int) -> set[str]:
    """Words of a level in small letters alone: no names, no possessives."""
    lines = [line for land in LANDS for line in (scowl / f"{land}-words.{level}").read_text("latin1").splitlines()]
    return {word for word in lines if word.isascii() and word.isalpha() and word.islower()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scowl", type=pathlib.Path, required=True)
    scowl = parser.parse_args().scowl
    dictionary = gzip.decompress((SPELLING / "dictionary.txt.gz").read_bytes()).decode()
    said = {line.split("\t")[0] for line in dictionary.splitlines()}
    seen: set[str] = set()
    parts = []
    for level in LEVELS:
        words = (level_of(scowl, level) & said) - seen
        seen |= words
        parts.append("\n".join(sorted(words)))
    (SPELLING / "everyday.txt.gz").write_bytes(gzip.compress("\n\n".join(parts).encode() + b"\n", mtime=0))
    print(f"{len(seen)} words")


if __name__ == "__main__":
    main()
