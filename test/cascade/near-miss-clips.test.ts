import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Clip, ClipsOf } from '../../src/core/cascade/escalation.js';
import { canonicalLine } from '../../src/core/events/canonical.js';
import type { CascadeEvent, EventOf } from '../../src/core/events/events.js';
import type { Thresholds } from '../../src/core/thresholds.js';
import { readClip } from '../../src/events/clips.js';
import { Seal } from '../../src/files/sealed.js';
import { wavOf } from '../../src/files/wav-header.js';
import { buildCascade, quietEdges } from '../../src/runtime/build.js';
import { type Config, standardConfig, voiceSchema } from '../../src/runtime/config.js';
import { type KeptClips, openClips } from '../../src/runtime/kept-clips.js';
import { voicePlan } from '../../src/runtime/plan.js';
import { FileSource } from '../../src/sources/recording/file.js';
import { eventsOf, voiceRecording } from '../support/replay.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** What a recording's cascade tells, and what it would keep. */
async function heard(
  name: string,
  of: readonly ClipsOf[],
  { thresholds, keep = () => {} }: { thresholds?: Thresholds; keep?: KeptClips['keep'] } = {},
) {
  const events: CascadeEvent[] = [];
  const clips = new Map<string, Clip>();
  const config = voiceSchema.parse({ kind: 'voice', ...(thresholds && { tiny: { thresholds } }) });
  const built = await buildCascade(
    { source: name, run: 'test', intents: standardConfig().intents },
    { kind: 'voice', config, stages: await voicePlan(config) },
    {
      ...quietEdges((event) => events.push(event)),
      clips: {
        of,
        keep: (key, clip) => {
          clips.set(key, clip);
          keep(key, clip);
        },
      },
    },
  );
  await built.cascade.follow(
    new FileSource({ id: name, path: voiceRecording(name) }),
    new AbortController().signal,
  );
  await built.dispose();
  const misses = events.filter((event): event is EventOf<'near-miss'> => event.type === 'near-miss');
  return { events, clips, misses };
}

describe('clips of what tiny almost noticed in a recording', () => {
  it('are of the words that its events name, and change none of them', async () => {
    const { clips, misses, events } = await heard('near-misses', ['almost-noticed']);
    expect(misses.map(({ label }) => label)).toEqual(['jarvis', 'snowboy']);
    expect([...clips.keys()]).toEqual(misses.map(({ id }) => `test/${id}`));
    for (const { id, trail } of misses) {
      const { startSample = 0, pcm } = clips.get(`test/${id}`) ?? {};
      const at = (trail[0]?.sample ?? 0) - startSample;
      expect([at + 1, (pcm?.length ?? 0) - at - 1]).toEqual([Math.min(40_000, at + 1), 16_000]);
    }
    const plain = await eventsOf(new FileSource({ id: 'near-misses', path: voiceRecording('near-misses') }));
    expect(events.map(canonicalLine)).toEqual(plain.map(canonicalLine));
    const both = await heard('near-misses', ['all', 'almost-noticed']);
    expect(both.clips.size).toBe(clips.size + 1);
  });

  it('hold the word that was just below what it takes', async () => {
    const { clips, misses, events } = await heard('settled', ['almost-noticed'], {
      thresholds: { accept: 1, reject: 1 },
    });
    expect(events.map(({ type }) => type)).toEqual(['near-miss']);
    expect(misses[0]).toMatchObject({ label: 'alexa', trail: [{ thresholds: { accept: 1, reject: 1 } }] });
    const clip = clips.get(`test/${misses[0]?.id}`);
    if (clip === undefined) throw new Error('expected its clip');
    // Heard again with the usual thresholds it is the word.
    const again: CascadeEvent[] = [];
    const { cascade, dispose } = await buildCascade(
      { source: 'again', run: 'test', intents: standardConfig().intents },
      {
        kind: 'voice',
        config: voiceSchema.parse({ kind: 'voice' }),
        stages: await voicePlan(voiceSchema.parse({ kind: 'voice' })),
      },
      quietEdges((event) => again.push(event)),
    );
    const data = Float32Array.from(clip.pcm, (value) => value / 32_768);
    await cascade.push({ kind: 'frame', source: 'again', sample: 0, rateHz: clip.rateHz, channels: 1, data });
    await cascade.finish();
    await dispose();
    expect(again.flatMap((event) => (event.type === 'verified' ? [event.label] : []))).toEqual(['alexa']);
  });

  it('fall under the same caps, and are encrypted, as others', async () => {
    const stateDir = temporaryFolder();
    const folder = join(stateDir, 'clips');
    const told: EventOf<'clip'>[] = [];
    const open = (maxMiB: number): KeptClips => {
      const key = 'correct horse';
      const clips: Config['clips'] = { enabled: true, of: 'almost-noticed', maxMiB, maxDays: 7, key };
      const journal = { ...standardConfig().journal, enabled: false };
      const kept = openClips({ clips, journal }, { stateDir, folder: stateDir }, 'test', (event) => {
        if (event.type === 'clip') told.push(event);
      });
      if (kept === null) throw new Error('expected clips to be kept');
      return kept;
    };
    // One of its two clips fits.
    const first = open(0.12);
    const { misses, clips } = await heard('near-misses', ['almost-noticed'], { keep: first.keep });
    await first.close();
    expect(told.map(({ detection }) => detection)).toEqual(misses.map(({ id }) => id));
    const [, { file = '' } = {}] = told;
    expect(readdirSync(folder)).toEqual([file]);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    const clip = clips.get(`test/${misses[1]?.id}`);
    expect(await first.read(file)).toEqual(clip && wavOf(clip.rateHz, clip.pcm));
    await expect(readClip(folder, file, new Seal('battery staple'))).rejects.toThrow('another clips.key');
    // It was heard eight days ago.
    const old = file.replace(/^\d+/, (ms) => String(Number(ms) - 8 * 86_400_000));
    renameSync(join(folder, file), join(folder, old));
    await open(100).close();
    expect(readdirSync(folder)).toEqual([]);
  });
});
