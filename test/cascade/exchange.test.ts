import { expect, it } from 'vitest';
import type { CascadeEvent } from '../../src/core/events/events.js';
import { buildCascade, quietEdges } from '../../src/runtime/build.js';
import { intentsSchema, voiceSchema } from '../../src/runtime/config.js';
import { voicePlan } from '../../src/runtime/plan.js';
import { readAudio } from '../../src/sources/recording/read-audio.js';
import { voiceRecording } from '../support/replay.js';

const HOP = 1280;

const planOf = async (...words: readonly string[]) => {
  const tiny = { words: words.map((say) => ({ say })) };
  const config = voiceSchema.parse({ kind: 'voice', tiny, utterance: { enabled: false } });
  return { kind: 'voice', config, stages: await voicePlan(config) } as const;
};

it('a word that is being said when other words take over is heard by them', async () => {
  const events: CascadeEvent[] = [];
  const place = { source: 'kitchen', run: 'test', intents: intentsSchema.parse({}) };
  const built = await buildCascade(
    place,
    await planOf('operator'),
    quietEdges((event) => events.push(event)),
  );
  const samples = await readAudio(voiceRecording('settled'));
  const push = (from: number, to: number) =>
    built.cascade.push({
      kind: 'frame',
      source: 'kitchen',
      sample: from,
      rateHz: 16_000,
      channels: 1,
      data: samples.slice(from, to),
    });
  // The fixture's word begins after half a second.
  await push(0, 13 * HOP);
  await built.exchange(await planOf('alexa'));
  for (let at = 13 * HOP; at < samples.length; at += HOP) await push(at, at + HOP);
  expect(events.flatMap((event) => (event.type === 'verified' ? [event.label] : []))).toEqual(['alexa']);
  await built.dispose();
});

it('other words take over at once where nothing is under way, and no sample comes any more', async () => {
  const place = { source: 'kitchen', run: 'test', intents: intentsSchema.parse({}) };
  const built = await buildCascade(
    place,
    await planOf('operator'),
    quietEdges(() => {}),
  );
  const data = new Float32Array(10 * HOP);
  await built.cascade.push({
    kind: 'frame',
    source: 'kitchen',
    sample: 0,
    rateHz: 16_000,
    channels: 1,
    data,
  });
  const stages = await built.exchange(await planOf('alexa'));
  expect(stages.map(({ role }) => role)).toContain('tiny');
  await built.dispose();
});
