"""Writes the spoken lines of three adventure games' data files as WAV, one file a line:

    unpack_talkies.py FOLDER OUT

FOLDER holds `queen.1c` (Flight of the Amazon Queen), `sky.dnr` and `sky.dsk` (Beneath a Steel
Sky), or `*.ALS` (Drascula, a language a folder), as Debian packages them. The packing of the second
is Rob Northen's ProPack, described at https://segaretro.org/Rob_Northen_compression.
"""

from __future__ import annotations

import io
import pathlib
import struct
import sys
from collections.abc import Iterator

import numpy as np
import soundfile

UNSIGNED_RATE_HZ = 11025
SKY_FIRST_SPEECH, SKY_END_SPEECH = 50000, 60000
SKY_HEADER_BYTES = 22
RNC_HEADER = struct.Struct(">3sBIIHHBB")


class _Bits:
    """Bits, low ones first, out of 16-bit little-endian words between which whole bytes may stand."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data + b"\0\0"
        self.at = at
        self.held = 0
        self.count = 0

    def _load(self) -> None:
        self.held |= (self.data[self.at] | self.data[self.at + 1] << 8) << self.count
        self.count += 16
        self.at += 2

    def take(self, count: int) -> int:
        """The next `count` bits, 16 at most."""
        if count > self.count:
            self._load()
        value = self.held & ((1 << count) - 1)
        self.held >>= count
        self.count -= count
        return value

    def code(self, table: dict[int, int], lengths: list[int]) -> int:
        """The number under the next Huffman code of `table`, whose keys are 1-led codes."""
        for length in lengths:
            if length > self.count:
                self._load()
            mask = 1 << length
            symbol = table.get(self.held & (mask - 1) | mask)
            if symbol is not None:
                self.held >>= length
                self.count -= length
                return symbol if symbol < 2 else 1 << (symbol - 1) | self.take(symbol - 1)
        raise ValueError("Rob Northen stream: no such Huffman code")

    def code_table(self) -> tuple[dict[int, int], list[int]]:
        """A canonical Huffman table: ({1-led reversed code: symbol}, code lengths in use)."""
        sizes = [self.take(4) for _ in range(self.take(5))]
        table, code = {}, 0
        for length in range(1, 16):
            for symbol in (s for s, size in enumerate(sizes) if size == length):
                table[int(f"{code:0{length}b}"[::-1], 2) | 1 << length] = symbol
                code += 1
            code <<= 1
        return table, sorted(set(sizes) - {0})


def unpack_rnc(packed: bytes) -> bytes:
    """The bytes behind one block of Rob Northen's packing, method 1."""
    magic, method, size, *_, chunks = RNC_HEADER.unpack_from(packed)
    if (magic, method) != (b"RNC", 1):
        raise ValueError(f"expected a Rob Northen block of method 1, found {magic!r} {method}")
    bits, out = _Bits(packed, RNC_HEADER.size), bytearray()
    bits.take(2)
    for _ in range(chunks):
        literals, distances, repeats = (bits.code_table() for _ in range(3))
        for left in range(bits.take(16) - 1, -1, -1):
            count = bits.code(*literals)
            out += bits.data[bits.at : bits.at + count]
            bits.at += count
            if left:
                start = len(out) - bits.code(*distances) - 1
                count = bits.code(*repeats) + 2
                piece = out[start : start + count]
                out += (piece * (count // len(piece) + 1))[:count]
    if len(out) != size:
        raise ValueError(f"Rob Northen block: expected {size} bytes, found {len(out)}")
    return bytes(out)


def sky_lines(folder: pathlib.Path) -> Iterator[tuple[str, np.ndarray, int]]:
    """(name, int16 samples, rate in Hz) of each spoken line of `sky.dnr` and `sky.dsk`.

    The index is a 32-bit count, then per file its number (16 bits), its place (24 bits; the top
    one says that the place counts 16 bytes) and its size (22 bits) under two flags: 1 for a
    picture, 2 for what is not packed. Spoken lines have neither flag and a number in the fifty
    thousands; they are unsigned 8-bit samples, packed, behind a header of 22 bytes.
    """
    index, data = (folder / "sky.dnr").read_bytes(), (folder / "sky.dsk").read_bytes()
    for number, low, high, size, top in struct.iter_unpack("<HHBHB", index[4:]):
        flags, size = top >> 6, size | (top & 0x3F) << 16
        place = (low | (high & 0x7F) << 16) << (4 if high & 0x80 else 0)
        if flags == 0 and SKY_FIRST_SPEECH <= number < SKY_END_SPEECH:
            samples = unpack_rnc(data[place + SKY_HEADER_BYTES : place + size])
            yield str(number), widened(samples), UNSIGNED_RATE_HZ


def drascula_lines(folder: pathlib.Path) -> Iterator[tuple[str, np.ndarray, int]]:
    """(name, int16 samples, rate in Hz) of each spoken line: bare unsigned 8-bit samples."""
    for path in sorted(folder.glob("*.ALS")):
        # Versions for other languages link what is not said in theirs to a package that may not be there.
        if path.exists():
            yield path.stem.lower(), widened(path.read_bytes()), UNSIGNED_RATE_HZ


def widened(samples: bytes) -> np.ndarray:
    """Unsigned 8-bit samples as int16."""
    return (np.frombuffer(samples, np.uint8).astype(np.int16) - 128) << 8


def queen_lines(folder: pathlib.Path) -> Iterator[tuple[str, np.ndarray, int]]:
    """(name, int16 samples, rate in Hz) of each spoken line of `queen.1c`.

    Behind 13 bytes of head stand a 16-bit count and, per file, its name (12 bytes), a byte, its
    place and its size, all big-endian. Spoken lines are MP3 under names that end in .SB.
    """
    data = (folder / "queen.1c").read_bytes()
    (count,) = struct.unpack_from(">H", data, 13)
    for name, _, place, size in struct.iter_unpack(">12sBII", data[15 : 15 + 21 * count]):
        stem, _, kind = name.rstrip(b"\0").decode("ascii").partition(".")
        if kind == "SB":
            samples, rate = soundfile.read(io.BytesIO(data[place : place + size]), dtype="int16")
            yield stem.lower(), samples, rate


def lines_of(folder: pathlib.Path) -> Iterator[tuple[str, np.ndarray, int]]:
    """The lines of whichever game lies in the folder."""
    if (folder / "queen.1c").exists():
        return queen_lines(folder)
    if (folder / "sky.dnr").exists():
        return sky_lines(folder)
    return drascula_lines(folder)


def main() -> None:
    """Writes every line of the game found under the first folder into the second."""
    folder, out = (pathlib.Path(name) for name in sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    for name, samples, rate in lines_of(folder):
        soundfile.write(out / f"{name}.wav", samples, rate, subtype="PCM_16")


if __name__ == "__main__":
    main()
