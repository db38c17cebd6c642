import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, needsNothing } from '../../../../../src/config/load.js';
import type { Piece, Recognition, Window } from '../../../../../src/core/cascade/stage.js';
import { learnJudge } from '../../../../../src/learning/judges/learn-judge.js';
import {
  TRANSCRIPT_NAMES,
  transcriptFeatures,
} from '../../../../../src/learning/judges/transcripts/transcript-features.js';
import type {
  Rehearings,
  Transcript,
} from '../../../../../src/learning/judges/transcripts/transcript-judge.js';
import { voiceSchema } from '../../../../../src/runtime/config.js';
import { voicePlan } from '../../../../../src/runtime/plan.js';
import { createTranscriptJudge } from '../../../../../src/runtime/stage-judges.js';
import { createRecogniser } from '../../../../../src/runtime/stages.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';
import { recogniser } from '../../../../support/stages.js';
import { temporaryFolder } from '../../../../support/temporary-folder.js';
import { root } from '../../../../support/tools.js';

const window: Window = {
  source: 'kitchen',
  startSample: 0,
  rateHz: 16_000,
  channels: 1,
  data: new Float32Array(32_000),
};

const sure: Piece = { probability: 0.98, next: 0.01, open: 0.1 };
const torn: Piece = { probability: 0.5, next: 0.45, open: 0.9 };

function heard(text: string, confidence: number, pieces?: readonly Piece[]): Transcript {
  const transcript = { kind: 'transcript', stage: 'words', text, confidence } as const;
  return pieces === undefined ? transcript : { ...transcript, pieces };
}

const EMPTY: Recognition = { kind: 'empty', stage: 'words' };
const AWAY: Recognition = { kind: 'abstain', stage: 'words', code: 'STAGE_CRASHED' };

function again(later: readonly Recognition[], other: Recognition | null = null): Rehearings {
  const left = [...later];
  return { later: async () => left.shift() ?? AWAY, other: async () => other };
}

/** What a judge says that a cascade names by its word, or by such settings. */
async function opinion(judge: string | object, transcript: Transcript, further: Rehearings = again([])) {
  const { judge: config } = voiceSchema.parse({ kind: 'voice', recogniser: { judge } }).recogniser;
  return createTranscriptJudge(config).judge(transcript, window, further);
}

describe('a judge of what a recogniser wrote', () => {
  it('by margin asks how far ahead of the next the least sure piece is', async () => {
    const { confidence, because } = await opinion('margin', heard('lights on', 0.9, [sure, torn, sure]));
    expect(confidence).toBeCloseTo(0.05);
    expect(because).toBe('1 of 3 pieces had a close rival');
    expect((await opinion('margin', heard('lights on', 0.7))).confidence).toBe(0.7);
  });

  it('by entropy is the surer, the less each choice left open', async () => {
    const [few, many] = [
      await opinion('entropy', heard('on', 1, [sure])),
      await opinion('entropy', heard('on', 1, [torn])),
    ];
    expect(few.confidence).toBeCloseTo(Math.exp(-0.1));
    expect(many.confidence).toBeLessThan(few.confidence);
  });

  it('by agreement takes the mean of all looks, for as much as each writes the same', async () => {
    const other = again([heard('Lights on.', 0.6), heard('lights', 0.8), EMPTY]);
    const judge = { kind: 'agreement', shiftsMs: [20, 40, 60, 80] };
    const { confidence, because } = await opinion(judge, heard('Lights, on!', 1), other);
    expect(confidence).toBeCloseTo((1 + 0.6 + 0.8 * (1 - 2 / 8) + 0) / 4);
    expect(because).toBe('2 of 4 looks say the same');
  });

  it('by agreement with another recogniser counts that as a look, and wants at least one', async () => {
    const judge = { kind: 'agreement', shiftsMs: [], with: 'moonshine' };
    expect((await opinion(judge, heard('on', 1), again([], heard('on', 0.5)))).confidence).toBe(0.75);
    expect(() =>
      voiceSchema.parse({ kind: 'voice', recogniser: { judge: { ...judge, with: null } } }),
    ).toThrow('one who listens once agrees with nobody');
  });

  it('by rules leaves what keeps them as sure as it was, and says which is broken', async () => {
    const order = heard('turn on the lamp', 0.8, [sure, torn]);
    expect(await opinion('rule', order)).toEqual({ confidence: 0.8, because: 'keeps to the rules' });
    const broken = async (its: object) => (await opinion({ kind: 'rule', ...its }, order)).because;
    expect(await broken({ expect: '^turn' })).toBe('keeps to the rules');
    expect(await broken({ expect: 'please' })).toBe('lacks what is expected');
    expect(await broken({ refuse: 'LAMP' })).toBe('holds what is refused');
    expect(await broken({ maxWords: 3 })).toBe('more than 3 words');
    expect(await broken({ maxWordsPerSecond: 1 })).toBe('more than 1 words a second');
    expect(await broken({ minPiece: 0.6 })).toBe('a piece is less likely than 0.6');
  });

  it('that was learnt is as sure as what it learnt from', async () => {
    const examples = Array.from({ length: 200 }, (_, at) => {
      const transcript = heard('on', 0.9 - (at % 7) / 50, [at % 2 === 0 ? sure : torn]);
      return { features: transcriptFeatures(transcript, window), isRight: at % 2 === 0 };
    });
    const path = join(temporaryFolder(), 'judge.json');
    writeFileSync(path, JSON.stringify(learnJudge(examples, TRANSCRIPT_NAMES)));
    const config = voiceSchema.parse({ kind: 'voice', recogniser: { judge: { kind: 'learnt', path } } });
    const spec = (await voicePlan(config)).recogniser as unknown as { judge: { kind: string } };
    const judge = createTranscriptJudge(spec.judge);
    const by = async (pieces: readonly Piece[]) => judge.judge(heard('on', 0.85, pieces), window, again([]));
    expect((await by([sure])).confidence).toBeGreaterThan(0.9);
    expect((await by([torn])).confidence).toBeLessThan(0.1);
  });

  it('whose file is that of a judge of heavy is refused where it stands', () => {
    const folder = temporaryFolder();
    const wrong = learnJudge([], ['loudness']);
    writeFileSync(join(folder, 'judge.json'), JSON.stringify(wrong));
    const file = join(folder, 'catnap.yaml');
    writeFileSync(
      file,
      `sources: [{ id: kitchen, kind: stdin }]
cascades:
  voice: { kind: voice, recogniser: { judge: { kind: learnt, path: judge.json } } }
`,
    );
    expect(() => loadConfig(file, {}, needsNothing)).toThrow(/recogniser\.judge\.path.*found another file/s);
  });
});

/** What is said behind the wake word of a golden recording. */
async function order(): Promise<Float32Array> {
  return (await readAudio(join(root, 'fixtures/voice/complex.wav'))).subarray(48_000);
}

describe('a recogniser with a judge', () => {
  it('is planned with it, and the words that it writes are as sure as that says', async () => {
    const config = voiceSchema.parse({
      kind: 'voice',
      recogniser: { judge: { kind: 'agreement', shiftsMs: [8], with: 'moonshine' } },
    });
    const { recogniser: spec } = await voicePlan(config);
    if (spec === null) throw new Error('expected a recogniser');
    const judged = await createRecogniser(spec);
    const data = await order();
    const found = await judged.recognise({ ...window, data }, new AbortController().signal);
    expect(found).toMatchObject({ kind: 'transcript', stage: 'moonshine' });
    if (found.kind !== 'transcript') return;
    expect(found.judged?.because).toMatch(/^\d of 3 looks say the same$/);
    expect(found.pieces).toBeUndefined();
    expect(found.judged?.own).not.toBe(found.confidence);
    await judged.dispose();
  });

  it('tells of each piece how it was chosen: the confidence of the words is their geometric mean', async () => {
    const moonshine = await recogniser('moonshine');
    const data = await order();
    const found = await moonshine.recognise({ ...window, data }, new AbortController().signal);
    if (found.kind !== 'transcript') throw new Error('expected words');
    const pieces = found.pieces ?? [];
    const mean = pieces.reduce((sum, { probability }) => sum + Math.log(probability), 0) / pieces.length;
    expect(Math.exp(mean)).toBeCloseTo(found.confidence, 6);
    for (const { probability, next, open } of pieces) {
      expect(next).toBeLessThanOrEqual(probability);
      expect(probability + next).toBeLessThanOrEqual(1 + 1e-6);
      // All that is left would be of one other, or spread over all tokens.
      expect(open).toBeGreaterThanOrEqual(-probability * Math.log(probability) - 1e-6);
      expect(open).toBeLessThanOrEqual(Math.log(32_768));
    }
    await moonshine.dispose();
  });
});
