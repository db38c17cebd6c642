"""Lays out the untouched test part as a folder that `catnap bench` measures: links and shortened lists.

    python lay_out_test.py --data ../../../shared/data --cache DIR --target DIR/test

Then: catnap bench wake --data DIR/test --negatives DIR/test-negatives
"""

from __future__ import annotations

import argparse
import csv
import pathlib

from corpus import WAKE_WORDS, packaged, people


def link(source: pathlib.Path, target: pathlib.Path) -> None:
    """A symbolic link, made anew."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    target.symlink_to(source.resolve())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--target", type=pathlib.Path, required=True)
    options = parser.parse_args()
    chosen = {r.path for r in people(options.data) if r.part == "test"}
    options.target.mkdir(parents=True, exist_ok=True)
    for name in ("wake", "wuw", "commands", "orders", "noise"):
        with open(options.data / f"{name}.csv", newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            rows = [row for row in reader if str(options.data / row["file"]) in chosen]
            fields = reader.fieldnames or []
        with open(options.target / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fields)
            writer.writeheader()
            writer.writerows(rows)
        for row in rows:
            link(options.data / row["file"], options.target / row["file"])
    negatives = options.target.with_name(options.target.name + "-negatives")
    for recording in packaged(options.cache):
        if recording.part == "test" and recording.label not in WAKE_WORDS:
            link(pathlib.Path(recording.path), negatives / recording.source / recording.group)


if __name__ == "__main__":
    main()
