import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CatnapError } from '../../../src/core/errors.js';
import type { Health } from '../../../src/core/events/health.js';
import type { Source, SourceItem } from '../../../src/core/signal/frame.js';
import { systemTime, systemTimer } from '../../../src/runtime/process/system-clock.js';
import { Microphone } from '../../../src/sources/microphone/microphone.js';
import { SupervisedSource } from '../../../src/sources/supervisor.js';
import { createShims, type Shims } from '../../support/shims.js';

const RATE_HZ = 16_000;
const retry = { firstMs: 20, maxMs: 40, earlyMaxMs: 40, earlyForMs: 1000 };

/** A source whose every opening plays the next script; a script is items to yield or an error to throw. */
function scripted(
  openings: readonly (readonly (SourceItem | Error)[])[],
  onItem: () => void = () => {},
): Source {
  let opening = 0;
  return {
    id: 'mic',
    async *frames() {
      for (const item of openings[opening++] ?? []) {
        onItem();
        if (item instanceof Error) throw item;
        yield item;
      }
    },
  };
}

const format: SourceItem = {
  kind: 'format',
  source: 'mic',
  rateHz: RATE_HZ,
  channels: [{ name: 'audio', unit: 'FS' }],
};
const frame = (sample: number, value = 0.1, length = 160): SourceItem => ({
  kind: 'frame',
  source: 'mic',
  sample,
  rateHz: RATE_HZ,
  channels: 1,
  data: Float32Array.from({ length }, (_, i) => (i % 2 === 0 ? value : -value)),
});
const lost = new CatnapError('SOURCE_LOST', 'unplugged');
const absent = new CatnapError('SOURCE_UNAVAILABLE', 'no such device');

async function supervise(
  source: Source,
  monotonicMs: () => number = () => 0,
  heardAtMs: number | null = null,
) {
  const items: SourceItem[] = [];
  const health: Health[] = [];
  const supervised = new SupervisedSource(source, {
    clock: { monotonicMs },
    timer: systemTimer,
    onHealth: (change) => health.push(change),
    heardAtMs,
    retry,
  });
  for await (const item of supervised.frames(new AbortController().signal)) items.push({ ...item });
  return { items, health };
}

describe('a supervised source', () => {
  it('opens a lost source again and lets the sample clock go on over the outage', async () => {
    let nowMs = 1000;
    const { items, health } = await supervise(
      scripted(
        [
          [format, frame(0), frame(160), lost],
          [format, frame(0), frame(160)],
        ],
        () => {
          nowMs += 10;
        },
      ),
      () => nowMs,
    );
    // The first frame after the outage came 30 ms after the last before it: 480 samples, 160 of them delivered.
    expect(items.map((item) => (item.kind === 'format' ? item.kind : [item.kind, item.sample]))).toEqual([
      'format',
      ['frame', 0],
      ['frame', 160],
      ['gap', 320],
      ['gap', 320],
      ['frame', 640],
      ['frame', 800],
    ]);
    expect(items.filter((item) => item.kind === 'gap')).toMatchObject([
      { lostSamples: 0, reason: 'lost' },
      { lostSamples: 320, reason: 'lost' },
    ]);
    expect(health).toMatchObject([{ state: 'down', code: 'SOURCE_LOST' }, { state: 'ok' }]);
  });

  it('counts as a gap what was missed while its worker was started again', async () => {
    const { items } = await supervise(scripted([[format, frame(0), frame(160)]]), () => 5000, 4000);
    const lostSamples = RATE_HZ - 160;
    expect(items.slice(1)).toMatchObject([
      { kind: 'gap', sample: 0, lostSamples, reason: 'lost' },
      { kind: 'frame', sample: lostSamples },
      { kind: 'frame', sample: lostSamples + 160 },
    ]);
  });

  it('says once that it is deaf, however many attempts fail', async () => {
    const { items, health } = await supervise(scripted([[absent], [absent], [lost], [format, frame(0)]]));
    expect(health.map(({ state, code }) => [state, code])).toEqual([
      ['down', 'SOURCE_UNAVAILABLE'],
      ['ok', 'OK'],
    ]);
    expect(items.map(({ kind }) => kind)).toEqual(['format', 'frame']);
  });

  it('calls nothing well that came at the wrong rate before it has kept to the right one', async () => {
    let nowMs = 0;
    const wrong = new CatnapError('SOURCE_RATE', 'expected 16000 samples a second, found 48000');
    const minute = Array.from({ length: 61 }, (_, i) => frame(i * RATE_HZ, 0.1, RATE_HZ));
    const openings = [
      [format, frame(0), wrong],
      [frame(0), frame(160), wrong],
      [frame(0), lost],
      [wrong],
      minute,
    ];
    const { health } = await supervise(
      scripted(openings, () => {
        nowMs += 1000;
      }),
      () => nowMs,
    );
    expect(health.map(({ state, code }) => [state, code])).toEqual([
      ['down', 'SOURCE_RATE'],
      ['ok', 'OK'],
    ]);
  });

  it('keeps the gaps of the source in place after an outage', async () => {
    const overrun: SourceItem = {
      kind: 'gap',
      source: 'mic',
      sample: 160,
      lostSamples: 80,
      reason: 'overrun',
    };
    const { items } = await supervise(
      scripted([
        [format, frame(0), lost],
        [format, frame(0), overrun, frame(240)],
      ]),
    );
    expect(items.slice(-3)).toMatchObject([
      { kind: 'frame', sample: 160 },
      { kind: 'gap', sample: 320, lostSamples: 80, reason: 'overrun' },
      { kind: 'frame', sample: 400 },
    ]);
  });

  it('stops waiting when it is told to', async () => {
    const abort = new AbortController();
    const supervised = new SupervisedSource(scripted([[absent]]), {
      ...systemTime,
      onHealth: () => abort.abort(),
      retry: { ...retry, firstMs: 3_600_000, maxMs: 3_600_000, earlyMaxMs: 3_600_000 },
    });
    for await (const _ of supervised.frames(abort.signal)) expect.fail('nothing to hear');
  });

  it.each([
    ['all-zero', 0],
    ['clipped', 1],
  ])('is degraded after a minute of %s audio, and well again with good audio', async (fault, value) => {
    const second = (index: number, v: number) => frame(index * RATE_HZ, v, RATE_HZ);
    const bad = Array.from({ length: 60 }, (_, i) => second(i, value));
    const justBelow = await supervise(scripted([[format, ...bad.slice(1)]]));
    expect(justBelow.health).toEqual([]);
    const { health } = await supervise(scripted([[format, ...bad, second(60, 0.2), second(61, 0.2)]]));
    expect(health.map(({ state, detail }) => [state, detail.split(' ')[0]])).toEqual([
      ['degraded', fault],
      ['ok', 'the'],
    ]);
  });
});

describe('a supervised microphone', () => {
  let shims: Shims;
  beforeEach(() => {
    shims = createShims();
  });
  afterEach(() => shims.restore());

  it('is absent at first, comes, is pulled out, and comes back', async () => {
    shims.write('arecord', 'exit 1');
    const abort = new AbortController();
    const states: string[] = [];
    const supervised = new SupervisedSource(new Microphone({ id: 'mic', ...systemTime }), {
      ...systemTime,
      retry,
      onHealth: ({ state }) => {
        states.push(state);
        if (states.length === 1) shims.write('arecord', 'head -c 6400 /dev/zero; exit 1');
        if (states.length === 3) shims.write('arecord', 'head -c 6400 /dev/zero; exec sleep 20');
        if (states.length === 4) abort.abort();
      },
    });
    const gaps: number[] = [];
    for await (const item of supervised.frames(abort.signal)) if (item.kind === 'gap') gaps.push(item.sample);
    expect(states).toEqual(['down', 'ok', 'down', 'ok']);
    expect(gaps).toEqual([3200, 3200]);
  });
});
