import { describe, expect, it } from 'vitest';
import { logit } from '../../../../../src/core/cascade/calibration.js';
import type { Decision, Judgement } from '../../../../../src/core/cascade/stage.js';
import { AS_TRAINED } from '../../../../../src/core/thresholds.js';
import { allocate, type Engine, floatsNamed, type Tensor } from '../../../../../src/engines/engine.js';
import { type EncodedFrontEnd, encodedWordOf, rawAudioOf } from '../../../../../src/models/front-end.js';
import { type Manifest, shippedModel } from '../../../../../src/models/manifest.js';
import { showEnd, showLevelledEnd } from '../../../../../src/voice/stages/audio-window.js';
import { EncodedModel } from '../../../../../src/voice/stages/encoded.js';
import { LabelledScores } from '../../../../../src/voice/stages/labelled.js';
import { SpeechOpinion } from '../../../../../src/voice/stages/wake-heavy/speech-opinion.js';
import { WakeHeavy } from '../../../../../src/voice/stages/wake-heavy/wake-heavy.js';

const RATE_HZ = 16_000;
const BLOCK = RATE_HZ / 50;
const SAMPLES = 20 * BLOCK;

const { encoder } = encodedWordOf(shippedModel('commands'));
const frontEnd: EncodedFrontEnd = {
  rateHz: RATE_HZ,
  windowSamples: SAMPLES,
  peakLevel: 0.25,
  mostGain: 100,
  frameSamples: 1600,
  segments: 2,
  encoder,
};

/** An engine of one input and one output that says what it is told, and counts how often it is run. */
class ScriptedEngine implements Engine {
  readonly model = 'scripted';
  readonly kind = 'onnx';
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly says: Float32Array;
  runs = 0;
  open = true;

  constructor(inputs: number, outputs: number) {
    this.inputs = [tensor('in', inputs)];
    this.outputs = [tensor('out', outputs)];
    this.says = floatsNamed(this.outputs, 'out', this.model);
  }

  run(): void {
    this.runs += 1;
  }

  reset(): void {}

  async dispose(): Promise<void> {
    this.open = false;
  }
}

function tensor(name: string, length: number): Tensor {
  const shape = [1, length];
  return { name, dtype: 'float32', shape, quantisation: null, data: allocate('float32', shape) };
}

const LABELS = ['alexa', 'jarvis', 'other'];

interface Setting {
  /** Scores of the verifier, and of the second, label by label. */
  readonly heavy: readonly number[];
  readonly speech: Readonly<Record<string, number>> | null;
  readonly weight?: number;
  readonly most?: number;
  readonly words?: readonly string[];
  readonly exact?: boolean;
  /** What its phones take from each label, 3 at most, or add where it is negative; omitted: nobody hears phones. */
  readonly taken?: Readonly<Record<string, number>>;
  /** What its phones add at most; omitted: nothing. */
  readonly lift?: number;
}

/** Hears phones: takes from words what it is told, and has each end at sample 7. */
class ScriptedPhones {
  readonly least = -3;
  runs = 0;
  open = true;

  constructor(
    private readonly taken: Readonly<Record<string, number>>,
    readonly most: number,
  ) {}

  async of(): Promise<Float64Array> {
    this.runs += 1;
    return Float64Array.from(LABELS, (label) => -(this.taken[label] ?? 0));
  }

  endOf(): number {
    return 7;
  }

  reset(): void {}

  async dispose(): Promise<void> {
    this.open = false;
  }
}

/** A verifier that accepts from 0.6 and refuses below 0.3, beside a second that says what it is told. */
function verifier({ heavy, speech, weight = 1, most = 4, words, exact = false, taken, lift = 0 }: Setting) {
  const held = taken === undefined ? null : new ScriptedPhones(taken, lift);
  const second = { manifest: 'second', weight, most };
  const thresholds = { accept: 0.6, reject: 0.3 };
  const manifest: Manifest = {
    ...shippedModel('wake-heavy').manifest,
    labels: LABELS,
    thresholds: { alexa: thresholds, jarvis: thresholds },
    calibration: { kind: 'none' },
    verify: { tailMs: 0, againMs: null, tinyWeight: 0.5, second: speech && second, phones: null },
  };
  const known = Object.keys(speech ?? {});
  const engine = new ScriptedEngine(SAMPLES, LABELS.length);
  const listens = new ScriptedEngine(SAMPLES, 4);
  const head = new ScriptedEngine(4, known.length);
  engine.says.set(heavy);
  head.says.set(Object.values(speech ?? {}));
  const opinion = new SpeechOpinion(second, LABELS, known, new EncodedModel(frontEnd, listens, head));
  const stage = new WakeHeavy(
    { name: 'wake-heavy', budgetMs: 1500 },
    {
      manifest,
      frontEnd: { ...rawAudioOf(shippedModel('wake-heavy')), level: null },
      engine,
      labelled: new LabelledScores('wake-heavy', { manifest, folder: '' }, words ?? null, AS_TRAINED),
      speech: speech && opinion,
      phones: held,
      exact,
    },
  );
  return { stage, engine, listens, head, held };
}

function judged(setting: Setting, noticed?: readonly (readonly [string, number])[]): Promise<Decision> {
  const data = new Float32Array(SAMPLES).fill(0.1);
  const told = noticed && { noticed: new Map(noticed) };
  return verifier(setting).stage.decide({
    source: 's',
    startSample: 0,
    rateHz: RATE_HZ,
    channels: 1,
    data,
    ...told,
  });
}

function logitOf(decision: Decision): number {
  if (decision.kind === 'abstain') throw new Error(decision.code);
  return logit(decision.score);
}

describe('a verifier and its second', () => {
  it('add their logits, and that of what woke them', async () => {
    const heavy = [0.6, 0.2, 0.2];
    const speech = { alexa: 0.8, jarvis: 0.1, other: 0.1 };
    const alone = await judged({ heavy, speech: null });
    const both = await judged({ heavy, speech });
    const three = await judged({ heavy, speech, weight: 0.5 }, [['alexa', 0.9]]);
    expect(logitOf(alone)).toBeCloseTo(logit(0.6), 4);
    expect(logitOf(both)).toBeCloseTo(logit(0.6) + logit(0.8), 4);
    expect(logitOf(three)).toBeCloseTo(logit(0.6) + 0.5 * logit(0.8) + 0.5 * logit(0.9), 4);
  });

  it('believe together what one doubts, and refuse what the second does not hear', async () => {
    const heavy = [0.4, 0.3, 0.3];
    expect(await judged({ heavy, speech: null })).toMatchObject({ kind: 'uncertain', label: 'alexa' });
    expect(await judged({ heavy, speech: { alexa: 0.9, jarvis: 0.05, other: 0.05 } })).toMatchObject({
      kind: 'accept',
      label: 'alexa',
    });
    expect(await judged({ heavy, speech: { alexa: 0.05, jarvis: 0.05, other: 0.9 } })).toMatchObject({
      kind: 'reject',
    });
    expect(await judged({ heavy, speech: { alexa: 0.05, jarvis: 0.9, other: 0.05 } })).toMatchObject({
      kind: 'accept',
      label: 'jarvis',
    });
  });

  it('count the second no further than its manifest says', async () => {
    const heavy = [0.6, 0.2, 0.2];
    const sure = await judged({ heavy, speech: { alexa: 1, jarvis: 0, other: 0 }, weight: 0.5, most: 2 });
    const never = await judged({ heavy, speech: { alexa: 0, jarvis: 0, other: 1 }, weight: 0.5, most: 2 });
    expect(logitOf(sure)).toBeCloseTo(logit(0.6) + 1, 4);
    expect(logitOf(never)).toBeCloseTo(logit(0.6) - 1, 4);
  });

  it('match labels by name, and what the second does not know stays as it is', async () => {
    const heavy = [0.6, 0.2, 0.2];
    const turned = await judged({ heavy, speech: { other: 0.1, jarvis: 0.1, alexa: 0.8 } });
    expect(logitOf(turned)).toBeCloseTo(logit(0.6) + logit(0.8), 4);
    const unknown = await judged({ heavy, speech: { jarvis: 0.01, other: 0.99 } });
    expect(logitOf(unknown)).toBeCloseTo(logit(0.6), 4);
  });

  it('does not run the second where its answer cannot decide, and then takes it to agree', async () => {
    const window = { source: 's', startSample: 0, rateHz: RATE_HZ, channels: 1, data: new Float32Array(9) };
    // logit(0.3) is -0.85: with 4 added a word is open from -4.85, a score of 0.0078, on.
    const runs = async (score: number, words?: readonly string[]) => {
      const heavy = [score, 0.001, 0.999 - score];
      const speech = { alexa: 0.99, jarvis: 0.005, other: 0.005 };
      const { stage, engine, listens, head } = verifier({ heavy, speech, ...(words && { words }) });
      const decision = await stage.decide(window);
      expect(engine.runs).toBe(1);
      expect(head.runs).toBe(listens.runs);
      return { runs: listens.runs, decision };
    };
    expect(await runs(0.007)).toMatchObject({ runs: 0, decision: { kind: 'reject', label: 'alexa' } });
    expect(logitOf((await runs(0.007)).decision)).toBeCloseTo(logit(0.007) - 4, 4);
    expect(await runs(0.009)).toMatchObject({ runs: 1, decision: { label: 'alexa' } });
    expect(await runs(0.9)).toMatchObject({ runs: 1, decision: { kind: 'accept' } });
    // logit(0.6) is 0.41: with 4 taken away a word is believed from 4.41, a score of 0.988, on.
    expect(await runs(0.987)).toMatchObject({ runs: 1, decision: { kind: 'accept' } });
    expect(await runs(0.989)).toMatchObject({ runs: 0, decision: { kind: 'accept', label: 'alexa' } });
    expect(logitOf((await runs(0.989)).decision)).toBeCloseTo(logit(0.989) + 4, 3);
    expect(await runs(0.9, ['jarvis'])).toMatchObject({
      runs: 0,
      decision: { kind: 'reject', label: 'jarvis' },
    });
  });

  it.each([0.001, 0.999])(
    'is the surer the surer the verifier is, the second asked or not: %d',
    async (alexa) => {
      const logits: number[] = [];
      for (const score of [0.0001, 0.005, 0.0077, 0.0079, 0.1, 0.5, 0.9, 0.987, 0.989, 0.999]) {
        const heavy = [score, 0, 1 - score];
        logits.push(logitOf(await judged({ heavy, speech: { alexa, jarvis: 0, other: 1 - alexa } })));
      }
      expect(logits).toEqual(logits.toSorted((a, b) => a - b));
    },
  );

  it.each([
    ['the verifier', [Number.NaN, 0.1, 0.1], 0.5],
    ['the verifier, endlessly', [Number.POSITIVE_INFINITY, 0.1, 0.1], 0.5],
    ['the second', [0.5, 0.1, 0.1], Number.NaN],
    ['the second, endlessly', [0.5, 0.1, 0.1], Number.NEGATIVE_INFINITY],
  ])('abstains on what is no number: %s', async (_who, heavy, alexa) => {
    const speech = { alexa, jarvis: 0.1, other: 0.1 };
    expect(await judged({ heavy, speech })).toEqual({
      kind: 'abstain',
      stage: 'wake-heavy',
      code: 'MODEL_OUTPUT',
    });
  });

  it('are freed together', async () => {
    const { stage, engine, listens, head, held } = verifier({
      heavy: [0, 0, 1],
      speech: { alexa: 1 },
      taken: {},
    });
    await stage.dispose();
    expect([engine, listens, head, held].map((part) => part?.open)).toEqual([false, false, false, false]);
  });
});

describe('a verifier that hears the phones of words', () => {
  const window = { source: 's', startSample: 100, rateHz: RATE_HZ, channels: 1, data: new Float32Array(9) };

  it('takes from the logit of a word what it does not sound like, and doubts it with that', async () => {
    const heavy = [0.8, 0.1, 0.1];
    const decision = await judged({ heavy, speech: null, taken: { alexa: 1.5 } });
    expect(logitOf(decision)).toBeCloseTo(logit(0.8) - 1.5, 4);
    expect(decision.kind).toBe('uncertain');
    expect(await judged({ heavy, speech: null, taken: { jarvis: 3 } })).toMatchObject({ kind: 'accept' });
  });

  it('believes what it doubts where the phones of the word were said, and what it refuses no further than they may', async () => {
    const asked = async (alexa: number) => {
      const heavy = [alexa, 0, 1 - alexa];
      const { stage, held } = verifier({ heavy, speech: null, taken: { alexa: -2 }, lift: 2 });
      return { decision: await stage.decide(window), runs: held?.runs };
    };
    const doubted = await asked(0.35);
    expect(doubted).toMatchObject({ decision: { kind: 'accept', label: 'alexa', endSample: 107 }, runs: 1 });
    expect(logitOf(doubted.decision)).toBeCloseTo(logit(0.35) + 2, 4);
    // logit(0.3) is -0.85: with 2 added a word is refused up to -2.85, a score of 0.055.
    expect(await asked(0.05)).toMatchObject({ decision: { kind: 'reject' }, runs: 0 });
  });

  it('tells what is sure before it hears phones, which say where the word ends when that is asked', async () => {
    const { stage, engine, held, listens } = verifier({
      heavy: [0.9999, 0, 0.0001],
      speech: { alexa: 0.9 },
      taken: { alexa: 1 },
    });
    const sure = await stage.decide(window);
    expect(sure).toMatchObject({ kind: 'accept' });
    expect(sure).not.toHaveProperty('endSample');
    expect([engine.runs, held?.runs, listens.runs]).toEqual([1, 0, 0]);
    expect(await stage.endOf(window, 'alexa')).toBe(107);
    expect([engine.runs, held?.runs, listens.runs]).toEqual([1, 1, 0]);
  });

  it('tells where a word ends whose phones it heard to believe it', async () => {
    const { stage, held } = verifier({ heavy: [0.8, 0.1, 0.1], speech: null, taken: {} });
    const heard = await stage.decide(window);
    expect(heard).toMatchObject({ kind: 'accept', endSample: 107 });
    expect(held?.runs).toBe(1);
  });

  it('asks the speech encoder first where it has to be asked whatever phones say, then phones if they can decide', async () => {
    const runs = async (alexa: number) => {
      const asked = verifier({ heavy: [0.9, 0, 0.1], speech: { alexa }, taken: {} });
      await asked.stage.decide(window);
      return [asked.held?.runs, asked.listens.runs];
    };
    // logit(0.9) is 2.2, and 0.41 is believed: after 4 more, phones can no longer doubt it.
    expect(await runs(0.999)).toEqual([0, 1]);
    expect(await runs(0.5)).toEqual([1, 1]);
  });

  it('asks nobody about what none can save, and no speech encoder about what phones refuse', async () => {
    const hopeless = verifier({ heavy: [0.005, 0, 0.995], speech: { alexa: 0.9 }, taken: {} });
    const { kind, range } = (await hopeless.stage.decide(window)) as Judgement;
    expect([kind, hopeless.held?.runs, hopeless.listens.runs]).toEqual(['reject', 0, 0]);
    expect(logit(range?.least ?? 0)).toBeCloseTo(logit(0.005) - 4 - 3, 3);
    expect(logit(range?.most ?? 0)).toBeCloseTo(logit(0.005) + 4, 3);
    const otherwise = verifier({ heavy: [0.02, 0, 0.98], speech: { alexa: 0.9 }, taken: { alexa: 3 } });
    expect(await otherwise.stage.decide(window)).toMatchObject({ kind: 'reject' });
    expect([otherwise.held?.runs, otherwise.listens.runs]).toEqual([1, 0]);
  });

  it('asks all where every confidence is to be known', async () => {
    const { stage, held, listens } = verifier({
      heavy: [0.9999, 0, 0.0001],
      speech: { alexa: 0.9 },
      taken: {},
      exact: true,
    });
    await stage.decide(window);
    expect([held?.runs, listens.runs]).toEqual([1, 1]);
  });
});

describe('the end of a window at one level', () => {
  const input = new Float32Array(SAMPLES);
  const shown = (data: Float32Array) => {
    input.fill(9);
    showLevelledEnd(data, frontEnd, input);
    return input;
  };

  it('has its loudest 20 ms at that level, and zeros in front where there is less of it', () => {
    const data = new Float32Array(10 * BLOCK).fill(0.01);
    data.fill(0.05, 4 * BLOCK, 5 * BLOCK);
    shown(data);
    expect(input.subarray(0, 10 * BLOCK).every((value) => value === 0)).toBe(true);
    expect(input[14 * BLOCK]).toBeCloseTo(0.25, 6);
    expect(input.at(-1)).toBeCloseTo(0.05, 6);
  });

  it('is the last samples of a longer one, and what came before sets no level', () => {
    const data = new Float32Array(SAMPLES + BLOCK).fill(0.02);
    data.fill(0.9, 0, BLOCK);
    data[BLOCK] = -0.02;
    shown(data);
    expect(input[0]).toBeCloseTo(-0.25, 6);
    expect(input.at(-1)).toBeCloseTo(0.25, 6);
  });

  it('counts blocks from where the window begins', () => {
    const data = new Float32Array(SAMPLES);
    data.fill(0.1, 2.5 * BLOCK, 3.5 * BLOCK);
    shown(data);
    // Half a block each: their root mean square is 0.1 / sqrt(2).
    expect(Math.max(...input)).toBeCloseTo(0.25 * Math.SQRT2, 6);
  });

  it('is raised by no more than the manifest says, and silence stays silent', () => {
    shown(new Float32Array(SAMPLES).fill(0.0001));
    expect(input.at(-1)).toBeCloseTo(0.01, 6);
    expect(shown(new Float32Array(0)).every((value) => value === 0)).toBe(true);
  });

  it('is what a verifier itself is shown, but for the level', () => {
    const data = Float32Array.from({ length: 2 * SAMPLES }, (_, i) => 0.1 * Math.sin(i));
    shown(data);
    const plain = new Float32Array(SAMPLES);
    showEnd(data, plain);
    expect(plain).toEqual(data.subarray(SAMPLES));
    const gain = (input[7] as number) / (plain[7] as number);
    for (const i of [0, 1000, SAMPLES - 1]) expect(input[i]).toBeCloseTo(gain * (plain[i] as number), 6);
  });
});
