"""Teaches the adopted phone network, or some of its blocks, to hear in noise what all of it hears in clean speech.

    ./fetch-phones.sh DIR && ./fetch-voices.sh DIR && ./fetch-negatives.sh DIR && python phone_voices.py --cache DIR
    python train_phones.py --data DATA --cache DIR

No transcripts are needed: the adopted network says what it hears in clean speech, and the taught one learns to say the
same, and to have the same inner values, of that speech in rooms, over telephones and in noise. What is written lies
half way from what it was to what it became (Wortsman et al., Robust fine-tuning, arXiv:2109.01903): it hears better in
noise, and still hears the many voices that the adopted one knows and this speech lacks. `adopt_phones.py --weights`
takes it.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import time
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from adopt_phones import WIDTH, read_archive
from augment import PowerAugment, in_room, other_tract, telephone
from corpus import Recording, packaged, people, read
from features import RATE_HZ
from phone_net import BANDS, PhoneNet, load_archive, log_mel, to_archive

SPEECH = ("orders", "asterisk-core-sounds-fr-wav", "fillets-ng-data-nl", "flight-of-the-amazon-queen")
"""Sources of speech: neither those of the words that own words are measured on (`wake`, `wuw`, `commands`), nor talk
that their false accepts are reported on."""
VOICES = "phone-voices"
KEPT_LABELS = 8
"""Labels of a step that are remembered; the rest of its mass is below a hundredth."""
FRAMES = 194
STEPS = FRAMES // 2
EDGE = 8
"""Steps at either end of a crop that lack what surrounds them and are not asked for."""
SILENCE = -23.0
INNER_SHARE = 0.5
"""Of the loss, how far inner values are from the teacher's, beside what is heard."""
NOISE = PowerAugment(noise_share=0.75, snr_db=(-2.0, 25.0))
MUSIC = "wesnoth-1.16-music"
MUSIC_SECONDS = 1_200


@dataclasses.dataclass
class Corpus:
    """Recordings end to end: ln(power) of frames [n, 80]; and, of steps [n / 2], what the teacher heard: the likeliest
    labels with their probabilities, and inner values. A recording's frames are even in number."""

    frames: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    inner: np.ndarray
    ends: np.ndarray


class Crops(NamedTuple):
    """Frames [count, frames, 80] as they might have come, and what the teacher heard in them when they were clean."""

    frames: torch.Tensor
    labels: torch.Tensor
    probabilities: torch.Tensor
    inner: torch.Tensor


def speech(data: pathlib.Path, cache: pathlib.Path, part: str, most: int, sources: tuple[str, ...]) -> list[Recording]:
    """At most so many recordings of a part of each source, and in the training part the packaged voices'."""
    found: dict[str, list[Recording]] = {}
    for recording in (*people(data), *packaged(cache)):
        if recording.part == part and recording.source in sources:
            found.setdefault(recording.source, []).append(recording)
    rng = np.random.default_rng(5)
    spoken = sorted((cache / VOICES).glob("*.wav")) if part == "train" and VOICES in sources else []
    return [
        *(each[i] for each in found.values() for i in rng.permutation(len(each))[:most]),
        *(Recording(VOICES, str(path), "", part, path.stem) for path in spoken),
    ]


def even(frames: torch.Tensor) -> torch.Tensor:
    """Without a last frame that would be half a step."""
    return frames[: len(frames) // 2 * 2]


def _varied(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same speech in a room, over a telephone, or both; nothing moves in time."""
    draw = rng.random()
    if draw < 0.7:
        samples = in_room(samples, rng)
    if draw > 0.55:
        samples = telephone(samples, rng)[: len(samples)]
    return np.ascontiguousarray(samples, np.float32)


@torch.no_grad()
def heard(teacher: PhoneNet, frames: torch.Tensor) -> dict[str, np.ndarray]:
    """The likeliest labels of each step with their probabilities, and inner values."""
    scores, inner = teacher(frames[None])
    probabilities, labels = scores.softmax(-1)[0].topk(KEPT_LABELS, dim=-1)
    return {
        "labels": labels.numpy().astype(np.uint8),
        "probabilities": probabilities.numpy().astype(np.float16),
        "inner": inner[0].numpy().astype(np.float16),
    }


def prepare(
    cache: pathlib.Path,
    teacher: PhoneNet,
    filters: torch.Tensor,
    recordings: list[Recording],
    name: str,
    shown: torch.Tensor | None = None,
) -> Corpus:
    """Hears every recording as it is and once varied; kept under `cache`. The frames are those of the mel filters
    `shown`, where they are others than the teacher's."""
    shown = filters if shown is None else shown
    folder = cache / f"phones-{name}"
    names = ("frames", "labels", "probabilities", "inner", "ends")
    if not (folder / "ends.npy").exists():
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(11)
        parts: dict[str, list[np.ndarray]] = {key: [] for key in names[:-1]}
        for number, recording in enumerate(recordings):
            if number % 200 == 0:
                print(f"{number} of {len(recordings)}", flush=True)
            try:
                samples = read(recording.path)[: 20 * RATE_HZ]
            except (OSError, RuntimeError):
                continue
            if len(samples) < RATE_HZ // 4:
                continue
            wanted = heard(teacher, even(log_mel(torch.from_numpy(samples), filters)))
            for variant in (samples, _varied(samples, rng)):
                frames = even(log_mel(torch.from_numpy(variant), shown))
                parts["frames"].append(frames.numpy().astype(np.float16))
                for key, values in wanted.items():
                    parts[key].append(values)
        for key, pieces in parts.items():
            np.save(folder / f"{key}.npy", np.concatenate(pieces))
        np.save(folder / "ends.npy", np.cumsum([len(piece) for piece in parts["frames"]]))
    return Corpus(*(np.load(folder / f"{key}.npy", mmap_mode="r") for key in names))


def noises(data: pathlib.Path, cache: pathlib.Path, part: str, filters: torch.Tensor) -> np.ndarray:
    """Power of what is laid over speech, end to end: [frames, 80]."""
    found = [r for r in people(data) if r.source == "noise" and r.part == part]
    music = [r for r in packaged(cache) if r.source == MUSIC and r.part == part]
    lengths = [30] * len(found) + [MUSIC_SECONDS // max(1, len(music))] * len(music)
    frames = [
        log_mel(torch.from_numpy(read(r.path)[: seconds * RATE_HZ]), filters)
        for r, seconds in zip([*found, *music], lengths, strict=True)
    ]
    return torch.cat(frames).exp().numpy()


def crops(corpus: Corpus, noise: np.ndarray, count: int, rng: np.random.Generator) -> Crops:
    """So many pieces of as many recordings, long ones oftener."""
    lengths = np.diff(corpus.ends, prepend=0)
    weights = np.sqrt(lengths)
    chosen = rng.choice(len(lengths), count, p=weights / weights.sum())
    firsts = [int(rng.integers(-60, max(-59, lengths[index] - FRAMES + 60))) // 2 * 2 for index in chosen]
    return played(corpus, noise, chosen, firsts, FRAMES, rng)


def played(
    corpus: Corpus,
    noise: np.ndarray,
    chosen: np.ndarray,
    firsts: list[int],
    count: int,
    rng: np.random.Generator,
) -> Crops:
    """So many frames of each chosen recording from a frame of it on, silence around it; by other throats, in noise, at
    another level."""
    starts = np.concatenate([[0], corpus.ends[:-1]])
    power = np.zeros((len(chosen), count, BANDS), np.float32)
    labels = np.zeros((len(chosen), count // 2, KEPT_LABELS), np.int64)
    probabilities = np.zeros((len(chosen), count // 2, KEPT_LABELS), np.float32)
    inner = np.zeros((len(chosen), count // 2, WIDTH), np.float32)
    for row, (index, first) in enumerate(zip(chosen, firsts, strict=True)):
        start, end = int(starts[index]), int(corpus.ends[index])
        tract = rng.uniform(0.9, 1.12) if rng.random() < 0.5 else 1.0
        inside = slice(max(0, first), min(end - start, first + count))
        at = slice(inside.start - first, inside.stop - first)
        frames = np.full((count, BANDS), SILENCE, np.float32)
        frames[at] = corpus.frames[start + inside.start : start + inside.stop]
        power[row] = np.exp(other_tract(frames, tract))
        steps = slice(start // 2 + inside.start // 2, start // 2 + inside.stop // 2)
        inside_steps = slice(at.start // 2, at.stop // 2)
        labels[row, inside_steps] = corpus.labels[steps]
        probabilities[row, inside_steps] = corpus.probabilities[steps]
        inner[row, inside_steps] = corpus.inner[steps]
    at = rng.integers(0, len(noise) - count, len(chosen))
    backgrounds = np.stack([noise[first : first + count] for first in at])
    mixed = NOISE.batch(power, backgrounds, rng)
    return Crops(*(torch.from_numpy(values) for values in (np.log(mixed + 1e-10), labels, probabilities, inner)))


def weighed(crops: Crops, blank: int) -> torch.Tensor:
    """How much each step counts, in sum 1: where the teacher hears a phone, five times."""
    silent = (crops.probabilities * (crops.labels == blank)).sum(-1)
    weight = (1 + 4 * (1 - silent)) * (crops.probabilities.sum(-1) > 0)
    weight[:, :EDGE] = 0
    weight[:, -EDGE:] = 0
    return weight / weight.sum()


def divergence(scores: torch.Tensor, crops: Crops, blank: int) -> torch.Tensor:
    """Cross-entropy with the teacher's likeliest labels."""
    found = functional.log_softmax(scores, -1).gather(2, crops.labels)
    return (-(crops.probabilities * found).sum(-1) * weighed(crops, blank)).sum()


def distance(inner: torch.Tensor, crops: Crops, scale: torch.Tensor, blank: int) -> torch.Tensor:
    """Mean square of how far inner values are from the teacher's, in units of `scale` [144]."""
    return ((((inner - crops.inner) / scale) ** 2).mean(-1) * weighed(crops, blank)).sum()


class Agreement(NamedTuple):
    """Divergence on pieces kept apart; the share of steps with a phone whose likeliest label is the teacher's; how far
    inner values are."""

    divergence: float
    same: float
    distance: float


def agreement(net: PhoneNet, kept: list[Crops], scale: torch.Tensor, blank: int) -> Agreement:
    net.eval()
    losses, apart, same, steps = [], [], 0, 0
    with torch.no_grad():
        for each in kept:
            scores, inner = net(each.frames)
            losses.append(divergence(scores, each, blank).item())
            apart.append(distance(inner, each, scale, blank).item())
            asked = (each.labels[..., 0] != blank) & (each.probabilities[..., 0] > 0.5)
            same += int(((scores.argmax(-1) == each.labels[..., 0]) & asked).sum())
            steps += int(asked.sum())
    net.train()
    return Agreement(float(np.mean(losses)), same / steps, float(np.mean(apart)))


def fit(net: PhoneNet, corpus: Corpus, noise: np.ndarray, kept: list[Crops], args: argparse.Namespace) -> None:
    """Trains for so many minutes, with a rate that falls to nothing."""
    blank, rng = net.head.out_features - 1, np.random.default_rng(args.seed)
    scale = torch.from_numpy(corpus.inner[:: max(1, len(corpus.inner) // 100_000)].astype(np.float32).std(axis=0))
    print("start", agreement(net, kept, scale, blank), flush=True)
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=0.01, betas=(0.9, 0.98))
    began, step = time.monotonic(), 0
    while (gone := (time.monotonic() - began) / 60 / args.minutes) < 1:
        for group in optimiser.param_groups:
            group["lr"] = args.rate * min(1, (step + 1) / 100) * (1 + np.cos(np.pi * gone)) / 2
        batch = crops(corpus, noise, args.batch, rng)
        with torch.autocast("cpu", torch.bfloat16):
            scores, inner = net(batch.frames)
        loss = divergence(scores.float(), batch, blank)
        loss = loss + INNER_SHARE * distance(inner.float(), batch, scale, blank)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % 200 == 0:
            minutes = (time.monotonic() - began) / 60
            print(f"{minutes:.1f} min, step {step}: {loss.item():.3f}", agreement(net, kept, scale, blank), flush=True)
    print(f"{step} steps", agreement(net, kept, scale, blank), flush=True)


def between(before: dict[str, np.ndarray], after: dict[str, np.ndarray], way: float) -> dict[str, np.ndarray]:
    """Weights so far on the way from one network to another."""
    return {name: ((1 - way) * before[name] + way * weight).astype(np.float32) for name, weight in after.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--blocks", type=int, nargs="+", default=[0, 1, 2, 3])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--most", type=int, default=1500, help="recordings of a source")
    parser.add_argument("--way", type=float, default=0.5, help="how far from what it was to what it became")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=None)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    args.out = args.out or args.cache / "phones-in-noise.npz"
    weights = read_archive(args.cache / "hama/asr_waveform.hama")
    filters = torch.tensor(weights["mel_fb"])
    labels = len(json.loads((args.cache / "hama/g2p_vocab.json").read_text())["decoder"]) + 2
    teacher = PhoneNet(4, 576, labels).eval()
    load_archive(teacher, weights, (0, 1, 2, 3))
    parts = {}
    for part, most in (("train", args.most), ("calibration", 60)):
        recordings = speech(args.data, args.cache, part, most, (*SPEECH, VOICES))
        corpus = prepare(args.cache, teacher, filters, recordings, f"in-noise-{part}")
        parts[part] = corpus, noises(args.data, args.cache, part, filters)
        print(f"{part}: {corpus.ends[-1] / 360_000:.2f} h", flush=True)
    kept = [crops(*parts["calibration"], 32, np.random.default_rng(99 + i)) for i in range(6)]
    net = PhoneNet(len(args.blocks), 576, labels)
    load_archive(net, weights, tuple(args.blocks))
    fit(net, *parts["train"], kept, args)
    np.savez(args.out, **between(weights, to_archive(net, tuple(args.blocks)), args.way))


if __name__ == "__main__":
    main()
