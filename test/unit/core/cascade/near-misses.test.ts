import { describe, expect, it } from 'vitest';
import type { Clip, ClipsOf } from '../../../../src/core/cascade/escalation.js';
import { NearMisses } from '../../../../src/core/cascade/near-misses.js';
import type { NearMiss } from '../../../../src/core/cascade/report.js';
import type { Judgement } from '../../../../src/core/cascade/stage.js';
import { EventStamp } from '../../../../src/core/events/stamp.js';
import { Ring } from '../../../../src/core/signal/ring.js';
import { stillClock } from '../../../../src/emulator/scripted.js';

const RATE_HZ = 16_000;
const HOP = 1_280;

const said = (confidence: number, kind: Judgement['kind'] = 'reject'): Judgement => ({
  ...{ kind, stage: 'tiny', label: 'alexa', score: confidence, confidence, contributions: [] },
  thresholds: { accept: 0.9, reject: 0.4 },
});

/** What was told, and the clips that were kept of it, of which its sound is in hops that are numbered from 1. */
function listener(of: readonly ClipsOf[] = [], ringHops = 100) {
  const told: NearMiss[] = [];
  const clips: { readonly key: string; readonly clip: Clip }[] = [];
  const ring = new Ring(HOP, 1, ringHops);
  const misses = new NearMisses({
    profile: { verify: { windowMs: 800, tailMs: 0, againMs: null }, clip: { preRollMs: 0, maxMs: 5_000 } },
    rateHz: RATE_HZ,
    ring,
    reporter: {
      stamp: new EventStamp('kitchen', 'run', stillClock),
      nearMiss: (missed) => `kitchen/${told.push(missed)}`,
    },
    clips: { of, keep: (key, clip) => clips.push({ key, clip }) },
  });
  /** Hears a hop for each confidence; null: tiny is not asked. */
  const hear = (...confidences: readonly (number | null)[]) => {
    for (const confidence of confidences) {
      ring.write(new Float32Array(HOP).fill((ring.endSample / HOP + 1) / 1_000));
      misses.tick(ring.endSample);
      if (confidence === null) continue;
      misses.hear(said(confidence, confidence >= 0.4 ? 'uncertain' : 'reject'), ring.endSample, true);
    }
  };
  return { told, clips, misses, hear, sure: () => told.map(({ entry }) => entry.confidence) };
}

describe('what was almost noticed', () => {
  it('is told once, as sure as it became, when it is over', () => {
    const { hear, sure } = listener();
    hear(0, 0.1, 0.25, 0.35, 0.3, 0.1, 0.1, 0.21, 0);
    expect(sure()).toEqual([0.35, 0.21]);
  });

  it('is nothing that was noticed after all, and nothing before a gap', () => {
    const { hear, misses, told } = listener();
    hear(0.3, 0.39, 0.6, 0.7, 0);
    hear(0.3);
    misses.reset();
    hear(0);
    misses.hear(said(0.3), HOP, false);
    misses.hear(said(0), HOP, true);
    expect(told).toEqual([]);
  });

  it('is told of thirty times an hour at most, and how many more there were', () => {
    const { hear, misses, told } = listener();
    hear(...Array.from({ length: 70 }, (_, at) => (at % 2 === 0 ? 0.3 : 0)));
    expect(told).toHaveLength(30);
    misses.hear(said(0.3), RATE_HZ * 3_700, true);
    misses.hear(said(0), RATE_HZ * 3_701, true);
    expect(told[30]).toMatchObject({ skipped: 5, entry: { sample: RATE_HZ * 3_700 - 1 } });
  });

  it('needs a stage that says what it held itself to', () => {
    const { misses, told } = listener();
    const { thresholds: _, ...silent } = said(0.3);
    misses.hear(silent, HOP, true);
    misses.hear({ ...silent, confidence: 0 }, 2 * HOP, true);
    expect(told).toEqual([]);
  });
});

describe('a clip of what was almost noticed', () => {
  /** The numbers of the first and last hop that a clip has whole. */
  const hops = ({ clip: { pcm } }: { readonly clip: Clip }) =>
    [pcm.at(0), pcm.at(-1)].map((value) => Math.round(((value ?? 0) / 32_767) * 1_000));

  it('has what heavy would have been shown and the second after it, whether or not tiny is asked then', () => {
    const { hear, clips } = listener(['almost-noticed']);
    hear(...new Array<number>(20).fill(0), 0.2, 0.3, 0.25, 0, ...new Array<null>(10).fill(null));
    expect(clips).toHaveLength(0);
    hear(null);
    const [first] = clips;
    expect([first?.key, clips.length]).toEqual(['run/kitchen/1', 1]);
    // Surest at the end of hop 22: 10 hops up to it, 12.5 behind it.
    expect(first?.clip).toMatchObject({ rateHz: RATE_HZ, startSample: 12 * HOP });
    expect(first?.clip.pcm).toHaveLength(22.5 * HOP);
    expect(clips.map(hops)).toEqual([[13, 35]]);
  });

  it('has what there is where the signal breaks off, or the next comes before it is over', () => {
    const { hear, clips, misses } = listener(['near-misses', 'almost-noticed']);
    hear(...new Array<number>(20).fill(0), 0.3, 0, 0.3, 0, 0);
    expect(clips.map(hops)).toEqual([[12, 24]]);
    misses.reset();
    misses.reset();
    expect(clips.map(hops)).toEqual([
      [12, 24],
      [14, 25],
    ]);
  });

  it.each([[['all']], [['near-misses']], [[]]] as const)('is not kept of %j', (of) => {
    const { hear, clips, misses, told } = listener(of);
    hear(0.3, 0, 0);
    misses.reset();
    expect([told.length, clips.length]).toEqual([1, 0]);
  });
});
