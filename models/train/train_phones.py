"""Distils a small phone network from the adopted one: some of its blocks, taught by all of them.

    fetch-phones.sh DIR && python train_phones.py --data DATA --cache DIR --blocks 0 3

No transcripts are needed: the adopted network says what it hears in clean speech, and the small one learns to say the
same of that speech in rooms, over telephones and in noise.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import subprocess

import numpy as np
import torch
from torch.nn import functional

from adopt_phones import read_archive
from augment import PowerAugment, in_room, other_tract, telephone
from corpus import Recording, packaged, people, read
from features import RATE_HZ
from phone_net import BANDS, PhoneNet, load_archive, log_mel, to_archive

SPEECH = (
    "wake",
    "orders",
    "asterisk-core-sounds-es-wav",
    "asterisk-core-sounds-fr-wav",
    "fillets-ng-data-nl",
    "tuxpaint-stamps-default",
)
"""Sources of speech; not those that own words are measured on (`wuw`, `commands`)."""
KEPT_LABELS = 8
"""Labels of a step that are remembered; the rest of its mass is below a hundredth."""
FRAMES = 194
STEPS = FRAMES // 2
EDGE = 8
"""Steps at either end of a crop that lack what surrounds them and are not asked for."""
SILENCE = -23.0
FLITE_VOICES = ("awb", "kal16", "rms", "slt")


@dataclasses.dataclass
class Corpus:
    """Recordings end to end: ln(power) of frames [n, 80]; and, of steps [n / 2], the likeliest labels with their
    probabilities. A recording's frames are even in number."""

    frames: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    ends: np.ndarray


def speak(cache: pathlib.Path, texts: int) -> list[Recording]:
    """flite's voices read Debian's fortunes, one text each in turn."""
    folder = cache / "flite"
    folder.mkdir(parents=True, exist_ok=True)
    fortunes = sorted(path for path in (cache / "texts/en").iterdir() if path.suffix == "")
    said = [text.strip() for path in fortunes for text in path.read_text(errors="ignore").split("\n%\n")]
    said = [" ".join(text.split()) for text in said if 40 < len(text) < 200 and text.isascii()]
    chosen = np.random.default_rng(7).permutation(len(said))[:texts]
    recordings = []
    for number, index in enumerate(chosen):
        voice = FLITE_VOICES[number % len(FLITE_VOICES)]
        path = folder / f"{voice}-{index}.wav"
        if not path.exists():
            subprocess.run(["flite", "-voice", voice, "-t", said[index], "-o", str(path)], check=True)
        recordings.append(Recording("flite", str(path), "", "train", voice))
    return recordings


def speech(data: pathlib.Path, cache: pathlib.Path, texts: int, most: int) -> list[Recording]:
    """What is trained on: of the training part at most so many recordings of each source, and flite's voices."""
    found: dict[str, list[Recording]] = {}
    for recording in (*people(data), *packaged(cache)):
        if recording.part == "train" and recording.source in SPEECH:
            found.setdefault(recording.source, []).append(recording)
    rng = np.random.default_rng(5)
    return [r for each in found.values() for r in (each[i] for i in rng.permutation(len(each))[:most])] + speak(
        cache, texts
    )


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
def heard(teacher: PhoneNet, frames: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest labels of each step, and their probabilities."""
    probabilities, labels = teacher(frames[None]).softmax(-1)[0].topk(KEPT_LABELS, dim=-1)
    return labels.numpy().astype(np.uint8), probabilities.numpy().astype(np.float16)


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
    names = ("frames", "labels", "probabilities", "ends")
    if not (folder / "ends.npy").exists():
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(11)
        parts: dict[str, list[np.ndarray]] = {key: [] for key in names[:3]}
        for number, recording in enumerate(recordings):
            if number % 200 == 0:
                print(f"{number} of {len(recordings)}", flush=True)
            try:
                samples = read(recording.path)[: 20 * RATE_HZ]
            except (OSError, RuntimeError):
                continue
            if len(samples) < RATE_HZ // 4:
                continue
            labels, probabilities = heard(teacher, even(log_mel(torch.from_numpy(samples), filters)))
            for variant in (samples, _varied(samples, rng)):
                frames = even(log_mel(torch.from_numpy(variant), shown))
                parts["frames"].append(frames.numpy().astype(np.float16))
                parts["labels"].append(labels)
                parts["probabilities"].append(probabilities)
        for key, pieces in parts.items():
            np.save(folder / f"{key}.npy", np.concatenate(pieces))
        np.save(folder / "ends.npy", np.cumsum([len(piece) for piece in parts["frames"]]))
    return Corpus(*(np.load(folder / f"{key}.npy", mmap_mode="r") for key in names))


def noises(data: pathlib.Path, filters: torch.Tensor) -> np.ndarray:
    """Power of what is laid over speech, end to end: [frames, 80]."""
    found = [r for r in people(data) if r.source == "noise" and r.part == "train"]
    frames = [log_mel(torch.from_numpy(read(r.path)[: 30 * RATE_HZ]), filters) for r in found]
    return torch.cat(frames).exp().numpy()


def crops(
    corpus: Corpus, noise: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Frames [count, FRAMES, 80] as they might have come, and what the teacher heard in them."""
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
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """So many frames of each chosen recording from a frame of it on, silence around it; by other throats, in noise, at
    another level. With them the teacher's labels and probabilities."""
    starts = np.concatenate([[0], corpus.ends[:-1]])
    power = np.zeros((len(chosen), count, BANDS), np.float32)
    labels = np.zeros((len(chosen), count // 2, KEPT_LABELS), np.int64)
    probabilities = np.zeros((len(chosen), count // 2, KEPT_LABELS), np.float32)
    for row, (index, first) in enumerate(zip(chosen, firsts, strict=True)):
        start, end = int(starts[index]), int(corpus.ends[index])
        tract = rng.uniform(0.9, 1.12) if rng.random() < 0.5 else 1.0
        inside = slice(max(0, first), min(end - start, first + count))
        at = slice(inside.start - first, inside.stop - first)
        frames = np.full((count, BANDS), SILENCE, np.float32)
        frames[at] = corpus.frames[start + inside.start : start + inside.stop]
        power[row] = np.exp(other_tract(frames, tract))
        steps = slice(start // 2 + inside.start // 2, start // 2 + inside.stop // 2)
        labels[row, at.start // 2 : at.stop // 2] = corpus.labels[steps]
        probabilities[row, at.start // 2 : at.stop // 2] = corpus.probabilities[steps]
    at = rng.integers(0, len(noise) - count, len(chosen))
    backgrounds = np.stack([noise[first : first + count] for first in at])
    mixed = PowerAugment(noise_share=0.55, snr_db=(0.0, 25.0)).batch(power, backgrounds, rng)
    return torch.from_numpy(np.log(mixed + 1e-10)), torch.from_numpy(labels), torch.from_numpy(probabilities)


def divergence(scores: torch.Tensor, labels: torch.Tensor, probabilities: torch.Tensor, blank: int) -> torch.Tensor:
    """Cross-entropy with the teacher's likeliest labels; a step in which it hears a phone counts five times."""
    found = functional.log_softmax(scores, -1).gather(2, labels)
    silent = (probabilities * (labels == blank)).sum(-1)
    weight = (1 + 4 * (1 - silent)) * (probabilities.sum(-1) > 0)
    weight[:, :EDGE] = 0
    weight[:, -EDGE:] = 0
    return (-(probabilities * found).sum(-1) * weight).sum() / weight.sum()


def agreement(net: PhoneNet, batches: list[tuple[torch.Tensor, ...]], blank: int) -> tuple[float, float]:
    """Divergence on batches kept apart, and the share of steps with a phone whose likeliest label is the teacher's."""
    net.eval()
    losses, same, steps = [], 0, 0
    with torch.no_grad():
        for frames, labels, probabilities in batches:
            scores = net(frames)
            losses.append(divergence(scores, labels, probabilities, blank).item())
            asked = (labels[..., 0] != blank) & (probabilities[..., 0] > 0.5)
            same += int(((scores.argmax(-1) == labels[..., 0]) & asked).sum())
            steps += int(asked.sum())
    net.train()
    return float(np.mean(losses)), same / steps


def fit(net: PhoneNet, corpus: Corpus, noise: np.ndarray, blank: int, args: argparse.Namespace) -> None:
    rng = np.random.default_rng(args.seed)
    torch.manual_seed(args.seed)
    kept = [crops(corpus, noise, 32, np.random.default_rng(99 + i)) for i in range(4)]
    print("start", agreement(net, kept, blank), flush=True)
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, args.rate, args.steps, pct_start=0.05)
    for step in range(1, args.steps + 1):
        frames, labels, probabilities = crops(corpus, noise, args.batch, rng)
        loss = divergence(net(frames), labels, probabilities, blank)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            print(step, loss.item(), agreement(net, kept, blank), flush=True)
            np.savez(args.out, **to_archive(net, tuple(args.blocks)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--blocks", type=int, nargs="+", default=[0, 3])
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--texts", type=int, default=250)
    parser.add_argument("--most", type=int, default=350, help="recordings of a source")
    parser.add_argument("--start", type=pathlib.Path, default=None, help="weights of an earlier run to go on from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=None)
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out = args.out or args.cache / "phones-small.npz"
    weights = read_archive(args.cache / "hama/asr_waveform.hama")
    filters = torch.tensor(weights["mel_fb"])
    labels = len(json.loads((args.cache / "hama/g2p_vocab.json").read_text())["decoder"]) + 2
    teacher = PhoneNet(4, 576, labels).eval()
    load_archive(teacher, weights, (0, 1, 2, 3))
    corpus = prepare(args.cache, teacher, filters, speech(args.data, args.cache, args.texts, args.most), "train")
    print(f"{corpus.ends[-1] / 360_000:.2f} h", flush=True)
    net = PhoneNet(len(args.blocks), 576, labels)
    load_archive(net, weights if args.start is None else np.load(args.start), tuple(args.blocks))
    fit(net, corpus, noises(args.data, filters), labels - 1, args)


if __name__ == "__main__":
    main()
