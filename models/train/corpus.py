"""The recordings: where they lie, which part each belongs to, and their cached band powers."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import scipy.signal
import soundfile

from features import RATE_HZ, log_mel_power, speech_mel_power
from speech_embedding import speech_front_end

HERE = pathlib.Path(__file__).resolve().parent
SPLIT = json.loads((HERE / "split.json").read_text())
POWER_FLOOR = 1e-10
WAKE_WORDS = ("alexa", "computer", "jarvis", "smart_mirror", "snowboy", "view_glass")


@dataclasses.dataclass(frozen=True)
class Recording:
    """One file of one source; `label` is its word, or '' where it holds none of ours."""

    source: str
    path: str
    label: str
    part: str
    group: str


def _share(key: str) -> float:
    """A fixed pseudo-random number in [0, 1) for a name, the same on every machine."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 2**32


def _part(rule: str | dict[str, float], key: str) -> str:
    if isinstance(rule, str):
        return rule
    share = _share(key)
    test = rule.get("test", 0.0)
    if share < test:
        return "test"
    return "calibration" if share < test + rule.get("calibration", 0.0) else "train"


def _rows(data: pathlib.Path, name: str) -> list[dict[str, str]]:
    with open(data / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _spread_speakers(speakers: list[str], rule: dict[str, float]) -> dict[str, str]:
    """Parts for few speakers: exact counts in an order given by their hash, where shares would wobble."""
    order = sorted(speakers, key=_share)
    tests = round(rule["test"] * len(order))
    calibrations = round(rule["calibration"] * len(order))
    parts = ["test"] * tests + ["calibration"] * calibrations
    parts += ["train"] * (len(order) - len(parts))
    return dict(zip(order, parts, strict=True))


def people(data: pathlib.Path) -> Iterator[Recording]:
    """Every recording of the shared data folder."""
    wake = SPLIT["wake"]
    for row in _rows(data, "wake.csv"):
        group = row["group"]
        part = next((p for p in ("test", "calibration") if group in wake[p]), "train")
        yield Recording("wake", str(data / row["file"]), row["keyword"], part, group)
    rows = _rows(data, "commands.csv")
    parts = _spread_speakers(sorted({row["speaker"] for row in rows}), SPLIT["commands"])
    for row in rows:
        speaker = row["speaker"]
        yield Recording("commands", str(data / row["file"]), row["word"], parts[speaker], speaker)
    for source, key in (("wuw", "speaker"), ("orders", "source"), ("noise", "file")):
        for row in _rows(data, f"{source}.csv"):
            part = _part(SPLIT["sources"][source], f"{source}/{row[key]}")
            # "hi computer, how are you" holds a wake word, whatever else the list has it for.
            text = f" {row.get('text', '')} "
            said = next((w for w in WAKE_WORDS if f" {w.replace('_', ' ')} " in text), None)
            label = said or row.get("keyword", "") if source == "wuw" else ""
            yield Recording(source, str(data / row["file"]), label, part, row[key])
    for path in sorted((data / "noise/background").iterdir()):
        part = _part(SPLIT["sources"]["noise"], f"noise/{path.name}")
        yield Recording("noise", str(path), "", part, path.name)


def packaged(cache: pathlib.Path) -> Iterator[Recording]:
    """Speech and music out of Debian packages (fetch-negatives.sh), and synthetic voices."""
    for folder in sorted((cache / "negatives").iterdir()):
        rule = SPLIT["sources"].get(folder.name)
        if rule is None:
            continue
        said = {n: w for w, names in SPLIT["says"].get(folder.name, {}).items() for n in names}
        for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".wav", ".ogg")):
            name = str(path.relative_to(folder))
            synthetic = folder.name.startswith("synthetic")
            label = path.parent.name if synthetic else said.get(path.stem, "")
            part = _part(rule, f"{folder.name}/{name}")
            yield Recording(folder.name, str(path), label if label != "other" else "", part, name)


def read(path: str) -> np.ndarray:
    """Mono float32 samples at 16 kHz."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate != RATE_HZ:
        ratio = Fraction(RATE_HZ, rate)
        mono = scipy.signal.resample_poly(mono, ratio.numerator, ratio.denominator)
    return np.ascontiguousarray(mono, np.float32)


@dataclasses.dataclass
class Powers:
    """Band powers of many recordings end to end, as ln(power + floor) in half precision."""

    recordings: list[Recording]
    tiny: np.ndarray
    tiny_ends: np.ndarray
    speech: np.ndarray
    speech_ends: np.ndarray

    def of(self, index: int, kind: str) -> np.ndarray:
        """Log power of one recording, shape [frames, bands]; `kind` is 'tiny' or 'speech'."""
        table, ends = (self.tiny, self.tiny_ends) if kind == "tiny" else (self.speech, self.speech_ends)
        return table[ends[index - 1] if index else 0 : ends[index]]


def compute_powers(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(tiny, speech) log powers of one recording in float16."""
    front = speech_front_end()
    tiny = np.log(log_mel_power(samples) + POWER_FLOOR).astype(np.float16)
    power = speech_mel_power(samples, front.window, front.filters)
    return tiny, np.log(power + POWER_FLOOR).astype(np.float16)


def cached_powers(cache: pathlib.Path, name: str, recordings: list[Recording]) -> Powers:
    """Powers of `recordings`, computed once and kept under `cache`."""
    folder = cache / "powers"
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / f"{name}.json"
    kept = [dataclasses.asdict(r) for r in recordings]
    arrays = {k: folder / f"{name}.{k}.npy" for k in ("tiny", "tiny_ends", "speech", "speech_ends")}
    if not (index.exists() and json.loads(index.read_text()) == kept):
        pairs = [compute_powers(read(r.path)) for r in recordings]
        for column, kind in enumerate(("tiny", "speech")):
            np.save(arrays[kind], np.concatenate([p[column] for p in pairs]))
            np.save(arrays[f"{kind}_ends"], np.cumsum([len(p[column]) for p in pairs]))
        index.write_text(json.dumps(kept))
    return Powers(recordings, **{k: np.load(p) for k, p in arrays.items()})
