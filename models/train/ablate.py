"""What each ingredient of wake-heavy brought, on the calibration part; writes ablation.json, which cards.py shows.

    python ablate.py --data ../../../shared/data --cache DIR

Every variant judges what the shipped wake-tiny notices, at the level that lets the same rate of false accepts
through (operate.py). Whole networks are compared as they were trained; single ingredients by heads trained on the
frozen embedding, on one set of drawn windows, which takes seconds instead of an hour.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf

import nets
from augment import PowerAugment
from fit import softmax, speech_features
from listen import Heard, Sound, Timing, detections, heard_part, logit, sounds_of
from operate import LOOKALIKES, Part, Tail
from publish import MODELS, int8_scorer, models_named
from verifier import Verifier, load_all, member_scorer
from wake_data import LABELS, OTHER, Negatives, WindowSampler, Word, wake_words

PER_HOUR = 0.5
LEFT_OUT = {
    ("flight-of-the-amazon-queen",): "without the game's English dialogue (3.2 h)",
    ("talk",): "without synthetic voices talking (0.6 h)",
    ("lookalikes",): "without what resembles the words (0.5 h)",
}
"""Sources of negatives whose absence is measured."""
HEADS = 2
"""Heads trained for each variant, their logits averaged: one alone wobbles."""


@dataclasses.dataclass
class Windows:
    """Embeddings [count, 16, 96] of drawn training windows, their labels and who said them; '' for negatives."""

    embeddings: np.ndarray
    labels: np.ndarray
    voices: np.ndarray

    def where(self, chosen: np.ndarray) -> Windows:
        return Windows(self.embeddings[chosen], self.labels[chosen], self.voices[chosen])


def draw(
    words: list[Word], negatives: Negatives, embedding: tf.keras.Model, batches: int, augment: PowerAugment
) -> Windows:
    """Windows as training draws them, through the frozen embedding."""
    sampler = WindowSampler(
        "speech",
        nets.SPEECH_FRAMES,
        words,
        negatives,
        after_s=(0.0, 0.5),
        augment=augment,
        seed=5,
    )
    run = tf.function(lambda x: embedding(x, training=False))
    embeddings, labels, voices = [], [], []
    for _ in range(batches):
        power, label = sampler.batch(64, 0.5)
        embeddings.append(run(tf.constant(speech_features(power)[..., None])).numpy().astype(np.float16))
        labels.append(label)
        voices += sampler.voices
    return Windows(np.concatenate(embeddings), np.concatenate(labels), np.array(voices))


def train_heads(windows: Windows, steps: int = 400, batch: int = 256) -> list[tf.keras.Model]:
    """Heads on the frozen embedding."""
    heads = []
    for seed in range(HEADS):
        tf.keras.utils.set_random_seed(seed)
        head = nets.head_net(len(LABELS))
        optimiser = tf.keras.optimizers.AdamW(2e-3, weight_decay=1e-4, clipnorm=1.0)
        optimiser.build(head.trainable_variables)

        @tf.function
        def step(
            inputs: tf.Tensor, labels: tf.Tensor, head: tf.keras.Model = head, optimiser: tf.keras.Optimizer = optimiser
        ) -> None:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(nets.loss_of(head(inputs, training=True), labels, len(LABELS), 0.02))
            optimiser.apply_gradients(
                zip(tape.gradient(loss, head.trainable_variables), head.trainable_variables, strict=True)
            )

        rng = np.random.default_rng(seed)
        for index in range(steps):
            optimiser.learning_rate = nets.cosine(index, steps, 2e-3, 20)
            rows = rng.integers(len(windows.labels), size=batch)
            step(tf.constant(windows.embeddings[rows].astype(np.float32)), tf.constant(windows.labels[rows]))
        heads.append(head)
    return heads


@dataclasses.dataclass
class Looks:
    """What heavy is shown of one condition: windows [count, 197, 32] of log power, whether their word is there,
    which word and which clip they belong to; `clips` [count of clips] are the words of all clips."""

    windows: np.ndarray
    truth: np.ndarray
    clip: np.ndarray
    clips: np.ndarray


def looks_of(sounds: Iterable[Sound], heard: list[Heard], threshold: float, timing: Timing) -> Looks:
    """The windows that heavy looks at once tiny notices something."""
    windows, truth, clip = [], [], []
    for index, (sound, scores) in enumerate(zip(sounds, heard, strict=True)):
        high = scores.tiny[:, :OTHER].max(axis=1) >= threshold
        for hop in detections(high, timing):
            end = (min(hop + timing.tail_hops, len(scores.tiny) - 1) + 1) * nets.SPEECH_HOP_FRAMES
            power = sound.powers[1]
            window = np.full((nets.SPEECH_FRAMES, power.shape[1]), -23.0, np.float32)
            shown = power[max(0, end - nets.SPEECH_FRAMES) : end]
            window[len(window) - len(shown) :] = shown
            windows.append(window)
            truth.append(sound.label)
            clip.append(index)
    labels = np.array([h.label for h in heard])
    return Looks(np.array(windows), np.array(truth), np.array(clip), labels)


Judge = Callable[[np.ndarray], np.ndarray]
"""Logits [count, 7] of windows of log power."""


def judged(judge: Judge, parts: list[Looks], hours: float) -> dict[str, float]:
    """Missed at the level that lets `PER_HOUR` false accepts through: clean, at 10 dB."""
    answers = []
    for looks in parts:
        scores = softmax(judge(looks.windows))[:, :OTHER]
        answers.append((scores.argmax(axis=1), logit(scores.max(axis=1))))
    wrong = np.concatenate(
        [
            best[named != looks.truth]
            for (named, best), looks in zip(answers, parts, strict=True)
            if looks is not parts[1]
        ]
    )
    level = Tail.fit(wrong, hours).level(PER_HOUR)
    missed = []
    for looks, (named, best) in zip(parts[:2], answers[:2], strict=True):
        highest = np.full(len(looks.clips), -np.inf)
        right = named == looks.truth
        np.maximum.at(highest, looks.clip[right], best[right])
        missed.append(float(np.mean([(highest[looks.clips == word] < level).mean() for word in range(OTHER)])))
    return {"clean": round(missed[0], 4), "snr10": round(missed[1], 4)}


def batched(model: Callable[[tf.Tensor], tf.Tensor], windows: np.ndarray) -> np.ndarray:
    """A model's answers to windows of log power, a few at a time."""
    inputs = (
        speech_features(np.exp(windows[i : i + 64]) + np.float32(3.0))[..., None] for i in range(0, len(windows), 64)
    )
    return np.concatenate([model(tf.constant(x)).numpy() for x in inputs])


def of_members(verifiers: list[Verifier], count: int) -> Judge:
    """The mean of the first `count` members."""

    def judge(windows: np.ndarray) -> np.ndarray:
        answers = [batched(lambda x, v=v: v.whole(x, training=False), windows) for v in verifiers]
        return np.concatenate(answers, axis=1)[:, :count].mean(axis=1)

    return judge


def of_heads(heads: list[tf.keras.Model]) -> Callable[[np.ndarray], np.ndarray]:
    """The mean of heads, given embeddings."""
    return lambda embeddings: np.mean([h.predict(embeddings, batch_size=1024, verbose=0) for h in heads], axis=0)


def tiny_alone(part: Part) -> dict[str, float]:
    """Missed by tiny with no heavy behind it, its own threshold raised until `PER_HOUR` false accepts are left."""
    noticed = part.noticed(0.3, Timing())
    wrong = [logit(t.tiny[t.word != t.truth]) for t in (noticed.clean, noticed.others)]
    level = Tail.fit(np.concatenate(wrong), part.hours).level(PER_HOUR)
    found = [
        np.mean([(levels < level).mean() for levels in part.tiny_levels(noisy, 2).values()]) for noisy in (False, True)
    ]
    return {"clean": round(float(found[0]), 4), "snr10": round(float(found[1]), 4)}


@dataclasses.dataclass
class Ablation:
    """What is judged, by every variant alike, and the rows found so far."""

    parts: list[Looks]
    hours: float
    rows: list[dict[str, object]] = dataclasses.field(default_factory=list)

    def note(self, what: str, judge: Judge, parts: list[Looks] | None = None) -> None:
        self.rows.append({"what": what, **judged(judge, self.parts if parts is None else parts, self.hours)})
        print(self.rows[-1], flush=True)


def looks_by(everything: list[list[Heard]], cache: pathlib.Path, data: pathlib.Path) -> list[Looks]:
    """What the shipped wake-tiny notices of the calibration part, each looked at once."""
    natural = [(s for s in sounds if s.source != LOOKALIKES) for sounds in sounds_of(cache, data, "calibration")]
    manifest = json.loads((MODELS / "wake-tiny/manifest.json").read_text())
    curve, accept = manifest["calibration"], manifest["thresholds"]["alexa"]["reject"]
    threshold = float(np.interp(accept, curve["y"], curve["x"]))
    tail = json.loads((MODELS / "wake-heavy/manifest.json").read_text())["verify"]["tailMs"] // 80
    timing = Timing(tail_hops=tail)
    return [looks_of(s, h, threshold, timing) for s, h in zip(natural, everything, strict=True)]


def whole_networks(ablation: Ablation, verifiers: list[Verifier], options: argparse.Namespace) -> None:
    """Networks as they were trained: all of them, each by itself, and before its upper half was trained on."""
    count = options.members * len(verifiers)
    ablation.note(f"wake-heavy, {count} members", of_members(verifiers, count))
    for name, verifier in zip(options.heavy, verifiers, strict=True):
        ablation.note(f"`{name}`, 1 member", of_members([verifier], 1))
        ablation.note(f"`{name}`, {options.members} members", of_members([verifier], options.members))
        frozen = options.cache / f"{name}-frozen.weights.h5"
        if frozen.exists():
            heads = of_members([Verifier.load(frozen, len(LABELS), options.members)], options.members)
            ablation.note(f"`{name}` before its upper half was trained on, {options.members} members", heads)


def ingredients(ablation: Ablation, cache: pathlib.Path, data: pathlib.Path, batches: int) -> None:
    """Quick heads on the frozen embedding, with one ingredient left out or cut at a time."""
    embedding = nets.embedding_net()
    embedded = [
        dataclasses.replace(p, windows=batched(lambda x: embedding(x, training=False), p.windows))
        for p in ablation.parts
    ]
    words, negatives = wake_words(cache, data), Negatives.load(cache, data, "train")
    windows = draw(words, negatives, embedding, batches, PowerAugment())
    people = sorted(
        {v for v in windows.voices if v and not v.startswith("synthetic")},
        key=lambda v: hashlib.sha256(v.encode()).hexdigest(),
    )
    spoken = np.array([not v or not v.startswith("synthetic") for v in windows.voices])

    def try_windows(what: str, chosen: Windows) -> None:
        ablation.note(f"quick heads: {what}", of_heads(train_heads(chosen)), embedded)

    try_windows(f"all ({len(people)} groups of people, synthetic voices)", windows)
    try_windows("without synthetic voices", windows.where(spoken))
    for share in (0.75, 0.5, 0.25):
        kept = {*people[: round(share * len(people))], ""}
        chosen = np.array([v in kept for v in windows.voices])
        try_windows(f"{len(kept) - 1} groups of people, no synthetic voices", windows.where(chosen))
    negative = windows.labels == OTHER
    for share in (0.3, 0.1):
        chosen = ~negative | (np.random.default_rng(1).random(len(negative)) < share)
        try_windows(f"{share:.0%} of the windows without a word", windows.where(chosen))
    bare = PowerAugment(noise_share=0.0, gain_db=(0.0, 0.0), colour_db=0.0, warp_share=0.0)
    try_windows("no noise, gain, colour nor warping", draw(words, negatives, embedding, batches, bare))
    for left_out, what in LEFT_OUT.items():
        kept = Negatives({name: found for name, found in negatives.sources.items() if name not in left_out})
        try_windows(what, draw(words, kept, embedding, batches, PowerAugment()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--heavy", nargs="+", default=["wake-heavy-1", "wake-heavy-2", "wake-heavy-3"])
    parser.add_argument("--members", type=int, default=2)
    parser.add_argument("--weigh", type=float, nargs="+", default=[1, 1, 1])
    parser.add_argument("--batches", type=int, default=160)
    options = parser.parse_args()
    cache, data = options.cache, options.data
    paths = [cache / f"{name}.weights.h5" for name in options.heavy]
    verifiers = load_all(paths, len(LABELS), options.members, options.weigh)
    tiny_path = MODELS / "wake-tiny/wake-tiny.onnx"
    names = models_named([tiny_path, *paths], options.weigh)
    everything = heard_part(int8_scorer(tiny_path), member_scorer(verifiers), cache, data, "calibration", names)
    held = [[h for h in heard if h.source != LOOKALIKES] for heard in everything]
    hours = sum(h.seconds for h in [*held[0], *held[2]]) / 3600
    ablation = Ablation(looks_by(held, cache, data), hours)
    alone = tiny_alone(Part(*held))
    ablation.rows.append({"what": "wake-tiny alone: no pretrained embedding, int8, 64,703 weights", **alone})
    whole_networks(ablation, verifiers, options)
    ingredients(ablation, cache, data, options.batches)
    about = (
        f"On the calibration part ({hours:.1f} h), given what wake-tiny notices there, at the level that lets "
        f"{PER_HOUR} false accepts per hour through. Every row is one look, judged by heavy alone: neither tiny's "
        "score nor a second look helps here. *Quick heads* are two heads on the frozen embedding, 400 steps without "
        "mined negatives: they compare ingredients with each other, not with wake-heavy. A clip is "
        f"{100 / len(held[0]):.1f} points of the whole."
    )
    found = {"about": about, "rows": ablation.rows}
    (MODELS / "train/ablation.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
