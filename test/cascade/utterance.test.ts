import { describe, expect, it, vi } from 'vitest';
import type { Company, HeardWord } from '../../src/core/cascade/arbiter.js';
import type { CascadeProfile } from '../../src/core/cascade/profile.js';
import type { EventOf } from '../../src/core/events/events.js';
import { LoudnessStage, ScriptedRecogniser } from '../../src/emulator/scripted.js';
import { format, frame, gap, harness, signal } from '../support/cascade.js';
import { heardLights, listening, profile, SPEECH, settle, wake } from '../support/utterance.js';

describe('an utterance', () => {
  it('ends where the speech ends, is recognised, and settled when it is understood', async () => {
    const { play, events, recogniser } = listening();
    await play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(events.slice(2)).toMatchObject([
      { type: 'utterance', outcome: 'endpoint', startSample: 220, endSample: 860, sample: 1000 },
      {
        type: 'settled',
        intent: 'light.on',
        slots: { room: 'hall' },
        transcript: 'lights on',
        reasons: ['confident', 'matched'],
        features: { words: 2, recognition: 0.9, utteranceMs: 640 },
      },
    ]);
    expect(recogniser.windows).toEqual([{ startSample: 220, endSample: 860 }]);
  });

  it('row 12: of words whose confidence is no number is not understood', async () => {
    const recogniser = new ScriptedRecogniser({ ...heardLights, confidence: Number.NaN });
    const { play, events } = listening({ recogniser });
    await play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    const { type, trail } = events.at(-1) as EventOf<'refused'>;
    expect(type).toBe('refused');
    expect(trail.at(-1)).toMatchObject({ kind: 'abstain', stage: 'words', code: 'MODEL_OUTPUT' });
  });

  it('tells as health why the recogniser could not answer, once, and that it can again', async () => {
    let answers = 0;
    const recogniser = new ScriptedRecogniser(heardLights);
    const recognise = recogniser.recognise.bind(recogniser);
    recogniser.recognise = async (window) => {
      answers += 1;
      if (answers > 2) return recognise(window);
      return { kind: 'abstain', stage: 'words', code: 'STAGE_UNAVAILABLE', detail: 'expected a server' };
    };
    const { play, events } = listening({ recogniser });
    const said = signal(...wake, [SPEECH, 400], [0, 800]);
    await play(format, frame(signal(...wake, [SPEECH, 400], [0, 800], ...wake, [SPEECH, 400], [0, 800]), 0));
    await play(frame(said, 2 * said.length));
    const health = events.filter(({ type }) => type === 'health');
    expect(health).toMatchObject([
      { component: 'test/words-answers', state: 'degraded', detail: 'expected a server' },
      { component: 'test/words-answers', state: 'ok' },
    ]);
    expect(JSON.stringify(events.filter(({ type }) => type !== 'health'))).not.toContain('expected a server');
  });

  it('tells as health what kept one from answering that was asked before another', async () => {
    const failure = { code: 'STAGE_UNAVAILABLE', detail: 'expected a server' } as const;
    const outcomes = [failure, null];
    const recogniser = new ScriptedRecogniser(heardLights);
    recogniser.recognise = async () => ({
      ...heardLights,
      askedBefore: [{ stage: 'openai', failure: outcomes.shift() ?? null }],
    });
    const { play, events } = listening({ recogniser });
    const said = [...wake, [SPEECH, 400], [0, 800]] as const;
    await play(format, frame(signal(...said, ...said), 0));
    expect(events.filter(({ type }) => type === 'health')).toMatchObject([
      { component: 'test/openai-answers', state: 'degraded', detail: 'expected a server' },
      { component: 'test/openai-answers', state: 'ok' },
    ]);
  });

  it('that is not understood goes to the uplink with its clip, trail and transcript', async () => {
    const recogniser = new ScriptedRecogniser({ ...heardLights, text: 'tell me a story' });
    const { play, events, escalations } = listening({ recogniser });
    await play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(events.at(-1)).toMatchObject({ type: 'refused', reasons: ['unknown-words'] });
    const open = harness(
      { ...profile, policy: { ...harnessPolicy, escalateOn: ['unknown-words'] } },
      { recogniser, settle },
    );
    await open.play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(escalations).toEqual([]);
    expect(open.escalations).toMatchObject([
      {
        key: 'run/test/d1',
        detection: 'test/d1',
        source: 'test',
        label: 'wake',
        reasons: ['unknown-words'],
        transcript: 'tell me a story',
        clip: { rateHz: 1000, startSample: 150 },
      },
    ]);
    expect(open.escalations[0]?.clip?.pcm).toHaveLength(860 - 150);
    expect(open.escalations[0]?.clip?.pcm[50]).toBe(Math.round(0.9 * 32_768));
  });

  it('in which nothing is said is over after a while, and nothing is recognised', async () => {
    const { play, events, recogniser } = listening();
    await play(format, frame(signal(...wake, [0, 1500]), 0));
    expect(events.slice(2)).toMatchObject([
      { type: 'utterance', outcome: 'timeout', sample: 1220 },
      { type: 'refused', reasons: ['timeout'] },
    ]);
    expect(recogniser.windows).toEqual([]);
  });

  it('that does not end is cut at its longest', async () => {
    const { play, events } = listening();
    await play(format, frame(signal(...wake, [SPEECH, 3000]), 0));
    expect(events[2]).toMatchObject({ type: 'utterance', outcome: 'timeout', sample: 2220 });
  });

  it('is over at a gap, and what was cut is not acted on', async () => {
    const { play, events, recogniser } = listening();
    await play(format, frame(signal(...wake, [SPEECH, 400]), 0), gap(700, 20));
    expect(events.slice(2)).toMatchObject([
      { type: 'gap' },
      { type: 'utterance', outcome: 'gap' },
      { type: 'refused', reasons: ['gap'] },
    ]);
    expect(recogniser.windows).toEqual([]);
  });

  it('is over when the source is', async () => {
    const { cascade, play, events } = listening();
    await play(format, frame(signal(...wake, [SPEECH, 400]), 0));
    await cascade.finish();
    expect(events.slice(2)).toMatchObject([
      { type: 'utterance', outcome: 'end-of-source' },
      { type: 'settled' },
    ]);
  });

  it('ends under a noise that stays, when its level is far below the speech', async () => {
    const { play, events } = listening();
    await play(format, frame(signal(...wake, [SPEECH, 400], [0.003, 1200]), 0));
    expect(events[2]).toMatchObject({ type: 'utterance', outcome: 'endpoint' });
  });

  it('ends where a voice activity model says so, when there is one', async () => {
    const endpointer = new LoudnessStage('endpointer', { accept: 0.2, reject: 0.1 });
    const { play, events } = listening({ endpointer });
    await play(format, frame(signal(...wake, [SPEECH, 400], [0.15, 1200]), 0));
    expect(events[2]).toMatchObject({ type: 'utterance', outcome: 'endpoint', sample: 1000 });
  });

  it('tells that model how loud the wake word was', async () => {
    const shown: (number | undefined)[] = [];
    const endpointer = new LoudnessStage('endpointer', { accept: 0.2, reject: 0.1 });
    const decide = endpointer.decide.bind(endpointer);
    endpointer.decide = (window) => {
      shown.push(window.voiceDb);
      return decide(window);
    };
    const { play } = listening({ endpointer });
    await play(format, frame(signal(...wake, [SPEECH, 400], [0, 1200]), 0));
    const levels = new Set(shown);
    expect(levels.size).toBe(1);
    expect([...levels][0]).toBeCloseTo(20 * Math.log10(0.9), 0);
  });

  it('ends by level while that model abstains', async () => {
    const endpointer = new LoudnessStage('endpointer', undefined, () => ({
      kind: 'abstain',
      stage: 'endpointer',
      code: 'STAGE_UNAVAILABLE',
    }));
    const { play, events } = listening({ endpointer });
    await play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(endpointer.calls).toBeGreaterThan(0);
    expect(events[2]).toMatchObject({ type: 'utterance', outcome: 'endpoint', sample: 1000 });
  });

  it('is not started anew by a wake word inside it, and the next word after it is heard', async () => {
    const { play, types } = listening();
    const again = signal(...wake, [SPEECH, 300], [0.9, 100], [0, 800], [0.9, 50], [0, 1500]);
    await play(format, frame(again, 0));
    expect(types()).toEqual([
      'noticed',
      'verified',
      'utterance',
      'settled',
      'noticed',
      'verified',
      'utterance',
      'refused',
    ]);
  });

  it('of which the recogniser hears nothing ends here unless that is escalated', async () => {
    const { play, events } = listening({
      recogniser: new ScriptedRecogniser({ kind: 'empty', stage: 'words' }),
    });
    await play(format, frame(signal(...wake, [SPEECH, 800], [0, 800]), 0));
    expect(events.at(-1)).toMatchObject({ type: 'refused', reasons: ['empty-transcript'] });
  });

  it('that was the rest of the wake word alone is no order: one behind a pause is still heard', async () => {
    const recogniser = new ScriptedRecogniser(heardLights);
    const understood = vi.spyOn(recogniser, 'recognise');
    understood.mockResolvedValueOnce({ kind: 'empty', stage: 'words' });
    const { play, events } = listening({ recogniser });
    await play(format, frame(signal(...wake, [SPEECH, 250], [0, 320], [SPEECH, 600], [0, 800]), 0));
    expect(events.slice(2).map(({ type }) => type)).toEqual(['utterance', 'settled']);
    expect(events[2]).toMatchObject({ outcome: 'endpoint', sample: 1770 });
    expect(understood).toHaveBeenCalledTimes(2);
  });

  it('heard while other sources fired goes to the cloud when the configuration says so', async () => {
    const open = harness(
      { ...profile, policy: { ...harnessPolicy, escalateOn: ['several-sources'] } },
      { recogniser: new ScriptedRecogniser(heardLights), settle, otherSources: () => ['kitchen'] },
    );
    await open.play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(open.events.at(-1)).toMatchObject({ type: 'escalated', reasons: ['several-sources'] });
    expect(open.escalations).toMatchObject([
      {
        answeredHere: false,
        features: { otherSources: 1, unknownWords: 0, utteranceMs: expect.any(Number) },
      },
    ]);
  });

  it('that another source has is left to it, whatever would have come of it', async () => {
    const words: HeardWord[] = [];
    const asked: string[] = [];
    const company: Company = {
      heard: (word) => words.push(word),
      isMine: async (detection) => {
        asked.push(detection);
        return false;
      },
    };
    const open = harness(profile, { recogniser: new ScriptedRecogniser(heardLights), settle, company });
    await open.play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(open.events.at(-1)).toMatchObject({ type: 'refused', reasons: ['heard-elsewhere'] });
    expect(open.escalations).toEqual([]);
    const [word] = words;
    expect(asked).toEqual([word?.detection]);
    expect(word).toMatchObject({ source: 'test', confidence: expect.any(Number), power: expect.any(Number) });
  });

  it('is known to other sources before it is told, for whoever acts on it asks at once', async () => {
    const told: string[] = [];
    const company: Company = { heard: () => told.push('heard'), isMine: async () => true };
    const open = harness(profile, { company, emit: ({ type }) => told.push(type) });
    await open.play(format, frame(signal(...wake, [0, 800]), 0));
    expect(told.slice(0, 3)).toEqual(['noticed', 'heard', 'verified']);
  });

  it('is not needed for a word that is the whole event to be left to another source', async () => {
    const company: Company = { heard: () => {}, isMine: async () => false };
    const answered = { ...harnessPolicy, answers: { wake: 'light.on' } };
    const open = harness({ ...profile, followup: { kind: 'none' }, policy: answered }, { company });
    await open.play(format, frame(signal(...wake, [0, 800]), 0));
    expect(open.events.at(-1)).toMatchObject({ type: 'refused', reasons: ['heard-elsewhere'] });
  });

  it('asks for other sources as of when it was verified, however long was spoken since', async () => {
    let nowMs = 0;
    const askedMs: number[] = [];
    const open = harness(profile, {
      recogniser: new ScriptedRecogniser(heardLights),
      settle,
      clock: { wallMs: () => 0, monotonicMs: () => nowMs },
      otherSources: (atMs) => {
        askedMs.push(atMs);
        return [];
      },
    });
    const said = signal(...wake, [SPEECH, 400], [0, 800]);
    await open.play(format);
    for (let at = 0; at < said.length; at += 10) {
      nowMs = at + 10;
      await open.play(frame(said.slice(at, at + 10), at));
    }
    const verified = open.events.find(({ type }) => type === 'verified');
    expect(open.types()).toContain('settled');
    expect(askedMs).toEqual([verified?.type === 'verified' ? verified.sample : null]);
  });

  it('streams from its clip on while it is said, once the wake word is verified and not before', async () => {
    const told: string[] = [];
    const streamed: number[] = [];
    const open = harness(
      {
        ...profile,
        policy: { ...harnessPolicy, escalateOn: ['no-match'] },
        clip: { preRollMs: 100, maxMs: 9000 },
      },
      {
        recogniser: new ScriptedRecogniser(heardLights),
        uplink: {
          prepare: () => {},
          offer: (escalation) => {
            told.push('asked');
            expect([...(escalation.clip?.pcm ?? [])]).toEqual(
              streamed.slice(0, escalation.clip?.pcm.length ?? 0),
            );
          },
          speechStreams: {
            begin: ({ key, startSample }) => told.push(`begin ${key} ${startSample} ${open.types().at(-1)}`),
            samples: (_key, pcm) => streamed.push(...pcm),
            abandon: () => told.push('abandon'),
          },
        },
      },
    );
    await open.play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(told[0]).toMatch(/^begin run\/test\/d1 \d+ verified$/);
    expect(told.slice(1)).toEqual(['asked']);
    expect(streamed.length).toBeGreaterThan(400);
  });

  it('that is settled here abandons what has streamed', async () => {
    const told: string[] = [];
    const open = harness(
      { ...profile, clip: { preRollMs: 100, maxMs: 9000 } },
      {
        recogniser: new ScriptedRecogniser(heardLights),
        settle,
        uplink: {
          prepare: () => {},
          offer: () => told.push('asked'),
          speechStreams: {
            begin: () => told.push('begin'),
            samples: () => {},
            abandon: () => told.push('abandon'),
          },
        },
      },
    );
    await open.play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(open.events.at(-1)).toMatchObject({ type: 'settled' });
    expect(told).toEqual(['begin', 'abandon']);
  });

  it('goes on waiting beside its local answer while the cloud is away', async () => {
    const open = harness(
      { ...profile, policy: { ...harnessPolicy, escalateOn: ['several-sources'] } },
      {
        recogniser: new ScriptedRecogniser(heardLights),
        settle,
        otherSources: () => ['kitchen'],
        cloudAway: () => true,
      },
    );
    await open.play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(open.events.slice(-2)).toMatchObject([
      { type: 'settled', degraded: true, reasons: ['several-sources'] },
      { type: 'escalated', degraded: true },
    ]);
    expect(open.escalations).toMatchObject([{ answeredHere: true }]);
  });
});

const harnessPolicy: CascadeProfile['policy'] = {
  escalateOn: [],
  believeUncertain: false,
  believeTinyAlone: true,
  minConfidence: 0.5,
  longUtteranceMs: 6000,
  answers: {},
};
