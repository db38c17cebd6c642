import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/core/cascade/stage.js';
import type { EventOf } from '../../src/core/events/events.js';
import { LoudnessStage } from '../../src/emulator/scripted.js';
import { format, frame, gap, HOP, harness, signal } from '../support/cascade.js';

const word = signal([0, 200], [0.9, 100], [0, 700]);

function withScore(decision: Decision, score: number): Decision {
  return decision.kind === 'abstain' ? decision : { ...decision, score, confidence: score };
}

function refusal(decision: Decision): Decision {
  return decision.kind === 'abstain'
    ? decision
    : { ...decision, kind: 'reject', score: 0.1, confidence: 0.1 };
}

/** Words one after the other, far enough apart to be noticed one by one. */
function words(count: number): Float32Array {
  return signal(...Array.from({ length: count }, () => [[0.9, 50] as const, [0, 450] as const]).flat());
}

describe('the energy gate', () => {
  const gate = {
    fromHz: 200,
    openDb: 6,
    holdMs: 50,
    preRollMs: 100,
    lowestFloorDb: -60,
    riseDbPerSecond: 0,
    napMs: 0,
  };

  it('lets silence run no model', async () => {
    const tiny = new LoudnessStage('tiny');
    const { play } = harness({ gate }, { tiny });
    await play(format, frame(signal([0, 3000]), 0));
    expect(tiny.calls).toBe(0);
  });

  it('hands tiny what came before it opened, so that no first word is lost', async () => {
    const tiny = new LoudnessStage('tiny');
    const { play, types } = harness({ gate }, { tiny });
    await play(format, frame(signal([0, 500], [0.9, 100], [0, 400]), 0));
    expect(tiny.windows[0]?.startSample).toBe(400);
    expect(tiny.resets).toBe(1);
    expect(types()).toContain('verified');
  });

  it('lets tiny go on where it stopped when the pause was no longer than the pre-roll', async () => {
    const tiny = new LoudnessStage('tiny');
    const { play } = harness({ gate }, { tiny });
    await play(format, frame(signal([0.3, 100], [0, 120], [0.3, 100]), 0));
    expect(tiny.resets).toBe(0);
    const starts = tiny.windows.map(({ startSample }) => startSample);
    expect(starts).toEqual(Array.from({ length: 32 }, (_, i) => i * HOP));
  });

  it('has a word told once that tiny still holds as it goes on, and the next word too', async () => {
    let held = 0;
    const holding = (decision: Decision): Decision => {
      held = decision.kind === 'accept' ? 30 : held - 1;
      return decision.kind === 'reject' && held > 0 ? { ...decision, kind: 'accept' } : decision;
    };
    const tiny = new LoudnessStage('tiny', undefined, holding);
    const { play, events } = harness({ gate: { ...gate, preRollMs: 500 } }, { tiny });
    await play(format, frame(signal([0.9, 100], [0, 400], [0.3, 400], [0.9, 100], [0, 100]), 0));
    expect(events.flatMap((event) => (event.type === 'noticed' ? [event.sample] : []))).toEqual([20, 920]);
  });
});

describe('heavy', () => {
  it('is told to get ready on a lower score, once a word, and so is the uplink', async () => {
    const heavy = new LoudnessStage('heavy');
    const { play, counts, types } = harness({}, { heavy });
    await play(format, frame(signal([0, 100], [0.35, 200], [0, 200]), 0));
    expect([heavy.prepared, counts.prepared, types()]).toEqual([1, 1, []]);
    await play(frame(signal([0.35, 100]), 500));
    expect(heavy.prepared).toBe(2);
  });

  it('is shown the samples before the wake and waits for those after it', async () => {
    const heavy = new LoudnessStage('heavy');
    const { play } = harness({ verify: { windowMs: 150, tailMs: 60, againMs: null } }, { heavy });
    await play(format, frame(word, 0));
    expect(heavy.windows).toEqual([{ startSample: 70, endSample: 280 }]);
  });

  it('is shown how sure tiny became of each word since it noticed one', async () => {
    const shown: unknown[] = [];
    const heavy = new LoudnessStage('heavy');
    const decide = heavy.decide.bind(heavy);
    heavy.decide = (window) => {
      shown.push(window.noticed);
      return decide(window);
    };
    const tiny = new LoudnessStage('tiny', undefined, (decision) =>
      decision.kind !== 'abstain' && decision.score > 0.8 ? { ...decision, label: 'other' } : decision,
    );
    const { play } = harness({ verify: { windowMs: 150, tailMs: 60, againMs: null } }, { heavy, tiny });
    await play(format, frame(signal([0, 200], [0.5, 40], [0.75, 20], [0.9, 10], [0, 200]), 0));
    expect(shown).toEqual([
      new Map([
        ['wake', Math.fround(0.75)],
        ['other', Math.fround(0.9)],
      ]),
    ]);
  });

  describe('where tiny wants it to hear what follows a word', () => {
    const verify = { windowMs: 150, tailMs: 0, againMs: null };
    const wanting = (tailMs: number) =>
      new LoudnessStage('tiny', undefined, (decision) =>
        decision.kind === 'abstain' ? decision : { ...decision, tailMs },
      );

    it('waits that long after the last time that tiny became surer', async () => {
      const heavy = new LoudnessStage('heavy');
      const { play } = harness({ verify }, { heavy, tiny: wanting(60) });
      await play(format, frame(signal([0, 200], [0.6, 40], [0.75, 20], [0.9, 30], [0, 200]), 0));
      expect(heavy.windows).toEqual([{ startSample: 70, endSample: 330 }]);
    });

    it('waits no longer for a little more', async () => {
      const heavy = new LoudnessStage('heavy');
      const { play } = harness({ verify }, { heavy, tiny: wanting(60) });
      await play(format, frame(signal([0, 200], [0.75, 40], [0.76, 20], [0, 200]), 0));
      expect(heavy.windows).toEqual([{ startSample: 70, endSample: 280 }]);
    });

    it('waits a second more at most', async () => {
      const heavy = new LoudnessStage('heavy');
      const { play } = harness({ verify }, { heavy, tiny: wanting(250) });
      const rising = [0.55, 0.62, 0.69, 0.76, 0.83, 0.9, 0.97].map((level) => [level, 200] as const);
      await play(format, frame(signal([0, 200], ...rising, [0, 400]), 0));
      expect(heavy.windows[0]).toEqual({ startSample: 70, endSample: 1470 });
    });
  });

  it('looks again at what it refused, after twice as long each time, while tiny insists', async () => {
    const heavy = new LoudnessStage('heavy', undefined, refusal);
    const { play, events } = harness({ verify: { windowMs: 150, tailMs: 20, againMs: 20 } }, { heavy });
    await play(format, frame(signal([0, 200], [0.9, 80], [0, 200]), 0));
    expect(heavy.windows.map(({ endSample }) => endSample)).toEqual([240, 260]);
    expect(events).toMatchObject([
      { type: 'noticed', sample: 220 },
      { type: 'refused', sample: 290 },
    ]);
  });

  it('that could not judge is not asked again: policy has decided', async () => {
    const heavy = new LoudnessStage('heavy', undefined, () => ({
      kind: 'abstain',
      stage: 'heavy',
      code: 'STAGE_TIMEOUT',
    }));
    const { play, types } = harness({ verify: { windowMs: 150, tailMs: 20, againMs: 20 } }, { heavy });
    await play(format, frame(signal([0, 200], [0.5, 80], [0, 200]), 0));
    expect(types()).toEqual(['noticed', 'refused']);
    expect(heavy.calls).toBe(1);
  });

  it('believes at a later look what it refused at the first', async () => {
    const heavy: LoudnessStage = new LoudnessStage('heavy', undefined, (decision) =>
      heavy.calls < 2 ? refusal(decision) : decision,
    );
    const { play, types } = harness({ verify: { windowMs: 150, tailMs: 20, againMs: 20 } }, { heavy });
    await play(format, frame(word, 0));
    expect(types()).toEqual(['noticed', 'verified', 'escalated']);
  });

  describe('while what it refused is doubted', () => {
    interface Room {
      /** From where on tiny names the other word. */
      readonly laterFrom?: number;
      readonly tailMs?: number;
      readonly againMs?: number;
      /** How often heavy refuses. */
      readonly refusals?: number;
    }
    /** Tiny names another word after the first, and falls at 280; heavy believes no more than that. */
    const doubted = ({ laterFrom = 250, tailMs = 0, againMs = 1000, refusals = 1 }: Room = {}) => {
      const tiny: LoudnessStage = new LoudnessStage('tiny', undefined, (decision) =>
        decision.kind === 'abstain' || (tiny.windows.at(-1)?.endSample ?? 0) <= laterFrom
          ? decision
          : { ...decision, label: 'later', tailMs },
      );
      const heavy: LoudnessStage = new LoudnessStage('heavy', undefined, (decision) =>
        heavy.calls <= refusals || decision.kind === 'abstain'
          ? refusal(decision)
          : { ...decision, label: 'later' },
      );
      return { heavy, ...harness({ verify: { windowMs: 150, tailMs: 40, againMs } }, { heavy, tiny }) };
    };
    const sound = [
      [0, 200],
      [0.9, 80],
    ] as const;

    it('is asked about another word that tiny names, as soon as it would be of the first', async () => {
      const { heavy, play, events } = doubted();
      await play(format, frame(signal(...sound, [0, 400]), 0));
      expect(heavy.windows.map(({ endSample }) => endSample)).toEqual([260, 300]);
      expect(events).toMatchObject([
        { type: 'noticed', sample: 220 },
        { type: 'verified', label: 'later', sample: 300 },
        { type: 'escalated' },
      ]);
    });

    it('is asked about it once it has heard what tiny wants it to hear of what follows', async () => {
      const { heavy, play } = doubted({ tailMs: 90 });
      await play(format, frame(signal(...sound, [0, 400]), 0));
      expect(heavy.windows.map(({ endSample }) => endSample)).toEqual([260, 350]);
    });

    it('is asked about it once more where it was to look again before that', async () => {
      const { heavy, play } = doubted({ tailMs: 90, againMs: 60, refusals: 2 });
      await play(format, frame(signal(...sound, [0, 400]), 0));
      expect(heavy.windows.map(({ endSample }) => endSample)).toEqual([260, 320, 350]);
    });

    it('is asked about what tiny names before its first look, too, when that is over', async () => {
      const { heavy, play } = doubted({ laterFrom: 230, tailMs: 90 });
      await play(format, frame(signal(...sound, [0, 400]), 0));
      expect(heavy.windows.map(({ endSample }) => endSample)).toEqual([260, 330]);
    });

    it('is asked about it where the source ends before that, once', async () => {
      const { heavy, cascade, play, types } = doubted();
      await play(format, frame(signal(...sound), 0));
      await cascade.finish();
      expect(heavy.windows.map(({ endSample }) => endSample)).toEqual([260, 280]);
      expect(types()).toEqual(['noticed', 'verified', 'escalated']);
    });
  });

  it('is shown nothing of a word that was told', async () => {
    const heavy: LoudnessStage = new LoudnessStage('heavy', undefined, (decision) =>
      decision.kind === 'abstain' ? decision : { ...decision, endSample: heavy.calls === 1 ? 250 : 600 },
    );
    const { play, types } = harness({}, { heavy });
    await play(format, frame(signal([0, 200], [0.9, 50], [0, 300], [0.9, 50], [0, 200]), 0));
    expect(types().filter((type) => type === 'verified')).toHaveLength(2);
    // The second is noticed at 570: what is shown of up to 500 before it begins where the first ended.
    expect(heavy.windows).toEqual([
      { startSample: 0, endSample: 220 },
      { startSample: 250, endSample: 570 },
    ]);
  });

  it('is given what there is when the source ends before the tail', async () => {
    const heavy = new LoudnessStage('heavy');
    const { cascade, play, types } = harness(
      { verify: { windowMs: 150, tailMs: 500, againMs: null } },
      { heavy },
    );
    await play(format, frame(signal([0, 200], [0.9, 100]), 0));
    expect(types()).toEqual(['noticed']);
    await cascade.finish();
    expect(types()).toEqual(['noticed', 'verified', 'escalated']);
    expect(heavy.windows).toEqual([{ startSample: 70, endSample: 300 }]);
  });

  it('that a gap leaves without its tail is not asked', async () => {
    const heavy = new LoudnessStage('heavy');
    const { play, events } = harness({ verify: { windowMs: 150, tailMs: 500, againMs: null } }, { heavy });
    await play(format, frame(signal([0, 200], [0.9, 100]), 0), gap(300, 10));
    expect(events.at(-1)).toMatchObject({ type: 'refused', reasons: ['gap'] });
    expect(heavy.calls).toBe(0);
  });

  it('is waited for: no sample is taken while it thinks', async () => {
    let answer = (): void => {};
    const thinking = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const heavy = new LoudnessStage('heavy', undefined, async (decision) => {
      await thinking;
      return decision;
    });
    const tiny = new LoudnessStage('tiny');
    const { cascade, types } = harness({}, { heavy, tiny });
    cascade.push(format);
    const pushed = cascade.push(frame(word, 0));
    expect(pushed).toBeInstanceOf(Promise);
    expect([types(), tiny.calls]).toEqual([['noticed'], 22]);
    answer();
    await pushed;
    expect([types(), tiny.calls]).toEqual([['noticed', 'verified', 'escalated'], 100]);
  });

  it('that does not answer within its budget is abandoned; tiny decides, degraded', async () => {
    let aborted = false;
    const heavy = new LoudnessStage('heavy');
    heavy.decide = (_, signal?: AbortSignal) =>
      new Promise(() => signal?.addEventListener('abort', () => (aborted = true)));
    const late: (() => void)[] = [];
    const { cascade, events } = harness(
      {},
      {
        heavy,
        timer: (_, wake) => {
          late.push(wake);
          return () => {};
        },
      },
    );
    cascade.push(format);
    const pushed = cascade.push(frame(word, 0));
    for (const wake of late) wake();
    await pushed;
    expect(aborted).toBe(true);
    expect(events[1]).toMatchObject({ type: 'verified', degraded: true });
    expect((events[1] as EventOf<'verified'>).trail[1]).toMatchObject({ code: 'STAGE_TIMEOUT' });
    expect(events[2]).toMatchObject({ type: 'escalated', reasons: ['degraded', 'unknown-fault'] });
  });

  it('that crashes is an abstention, and health says of what', async () => {
    const heavy = new LoudnessStage('heavy', undefined, () => {
      throw new TypeError('boom');
    });
    const { play, events } = harness({}, { heavy });
    await play(format, frame(word, 0));
    expect(events.slice(1, 3)).toMatchObject([
      { type: 'health', component: 'test/heavy-answers', state: 'degraded', detail: 'boom' },
      { type: 'verified', trail: [{}, { kind: 'abstain', code: 'STAGE_CRASHED' }] },
    ]);
  });

  it('row 12: that gives no number three times in a row is down, and asked again half a minute later', async () => {
    let score = Number.NaN;
    const heavy = new LoudnessStage('heavy', undefined, (decision) => withScore(decision, score));
    const { play, events } = harness({}, { heavy });
    await play(format, frame(words(5), 0));
    expect(heavy.calls).toBe(3);
    const health = () =>
      events.flatMap((event) => (event.type === 'health' ? [[event.component, event.state]] : []));
    expect(health()).toEqual([['test/heavy', 'down']]);
    expect(events.filter(({ type }) => type === 'verified')).toHaveLength(5);
    score = 0.9;
    await play(frame(signal([0, 30_000]), 2500), frame(words(1), 32_500));
    expect(heavy.calls).toBe(4);
    expect(health()).toEqual([
      ['test/heavy', 'down'],
      ['test/heavy', 'ok'],
    ]);
    expect(events.filter(({ type }) => type === 'verified').at(-1)).toMatchObject({ degraded: false });
  });

  it('may place the begin of what it judged', async () => {
    const heavy = new LoudnessStage('heavy', undefined, (decision) =>
      decision.kind === 'abstain' ? decision : { ...decision, startSample: 123 },
    );
    const { play, events } = harness({}, { heavy });
    await play(format, frame(word, 0));
    expect(events[1]).toMatchObject({ type: 'verified', startSample: 123 });
  });
});

describe('tiny', () => {
  it('row 12: that gives no number is reset, and believed again when it gives one', async () => {
    let score = Number.NaN;
    const tiny = new LoudnessStage('tiny', undefined, (decision) => withScore(decision, score));
    const { play, types } = harness({}, { tiny });
    await play(format, frame(signal([0, 2 * HOP]), 0));
    expect(tiny.resets).toBe(2);
    score = 0;
    await play(frame(signal([0, HOP]), 20));
    score = Number.POSITIVE_INFINITY;
    await play(frame(signal([0, 2 * HOP]), 30));
    expect(types()).toEqual([]);
  });

  it('row 12: that gives none three times in a row ends the cascade with a clear code', async () => {
    const tiny = new LoudnessStage('tiny', undefined, (decision) => withScore(decision, Number.NaN));
    const { play, events } = harness({}, { tiny });
    await expect(play(format, frame(signal([0, 100]), 0))).rejects.toMatchObject({
      code: 'STAGE_UNAVAILABLE',
    });
    expect(events).toMatchObject([
      { type: 'health', component: 'test/tiny', state: 'down', code: 'MODEL_OUTPUT' },
    ]);
  });

  it('has its news told by condition, each a component of its own', async () => {
    const news = [
      { condition: 'drift', state: 'degraded', code: 'DRIFT', detail: 'it rises' },
      { condition: 'channels', state: 'ok', code: 'OK', detail: 'all have begun' },
    ] as const;
    const left = [...news];
    const tiny = Object.assign(new LoudnessStage('tiny'), { news: () => left.shift() ?? null });
    const { play, events } = harness({}, { tiny });
    await play(format, frame(signal([0, 10 * HOP]), 0));
    expect(events).toMatchObject([
      { type: 'health', component: 'test/tiny-drift', state: 'degraded', detail: 'it rises' },
      { type: 'health', component: 'test/tiny-channels', state: 'ok' },
    ]);
    expect(events[0]).not.toHaveProperty('condition');
  });

  it('whose score will not fall is taken for stuck after a while, reset and armed again', async () => {
    const tiny = new LoudnessStage('tiny');
    const { play, types } = harness({}, { tiny });
    await play(format, frame(signal([0.9, 2500]), 0));
    expect(types().filter((type) => type === 'noticed')).toHaveLength(2);
    expect(tiny.resets).toBe(1);
  });

  it('alone is believed where there is no heavy stage', async () => {
    const { play, types } = harness({}, { heavy: null });
    await play(format, frame(word, 0));
    expect(types()).toEqual(['noticed', 'verified', 'escalated']);
  });
});
