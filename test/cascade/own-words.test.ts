import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Listener } from '../../src/bench/listener.js';
import type { EventOf } from '../../src/core/events/events.js';
import { joined } from '../../src/core/signal/joined.js';
import { toInt16 } from '../../src/core/signal/pcm.js';
import { wavOf } from '../../src/files/wav-header.js';
import { voiceSchema } from '../../src/runtime/config.js';
import { VOICE_RATE_HZ } from '../../src/sources/mono.js';
import { readAudio } from '../../src/sources/recording/read-audio.js';
import { voiceRecording } from '../support/replay.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const LABELS = ['noticed', 'verified'];

/** What a cascade that listens for these words makes of a recording of the fixtures. */
async function heard(words: unknown, name: string): Promise<readonly string[]> {
  const config = voiceSchema.parse({ kind: 'voice', tiny: { words }, utterance: { enabled: false } });
  const listener = await Listener.open(config);
  try {
    const { events } = await listener.hear(await readAudio(voiceRecording(name)));
    return events.flatMap((event) =>
      'label' in event && LABELS.includes(event.type) ? [`${event.type} ${event.label}`] : [],
    );
  } finally {
    await listener.close();
  }
}

/** The samples of a recording of the fixtures between two seconds. */
async function said(name: string, fromSeconds: number, toSeconds: number): Promise<Float32Array> {
  return (await readAudio(voiceRecording(name))).slice(
    fromSeconds * VOICE_RATE_HZ,
    toSeconds * VOICE_RATE_HZ,
  );
}

/** Takes that all say the same. */
function takesOf(samples: Float32Array): string {
  const folder = temporaryFolder();
  const wav = wavOf(VOICE_RATE_HZ, Int16Array.from(samples, toInt16));
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, `${name}.wav`), wav);
  return folder;
}

describe('a word of one’s own', () => {
  it('is heard where it is said, though nothing was trained for it', async () => {
    expect(await heard([{ say: 'alexa' }], 'settled')).toContain('verified alexa');
  });

  it('is not heard where something else is said', async () => {
    expect(await heard([{ say: 'hey pumpkin' }, { say: 'operator' }], 'settled')).toEqual([]);
  });

  it('may be given in IPA, under a name of its own', async () => {
    expect(await heard([{ say: 'alexa', name: 'butler', ipa: ['əlɛksə'] }], 'settled')).toContain(
      'verified butler',
    );
  });

  it('that was only ever spoken is no part of the order said in one breath with it', async () => {
    const word = await said('near-misses', 9.55, 11.45);
    const takes = takesOf(await said('near-misses', 9.55, 11.6));
    const order = await said('settled', 3.4, 6.7);
    const silence = await said('settled', 0, 1.9);
    const listener = await Listener.open(
      voiceSchema.parse({ kind: 'voice', tiny: { words: [{ name: 'hoi', takes }] } }),
    );
    const { events } = await listener.hear(joined([silence, word, order, silence]));
    await listener.close();
    const utterance = events.find(({ type }) => type === 'utterance') as EventOf<'utterance'>;
    const lateMs = ((utterance.startSample - silence.length - word.length) * 1000) / VOICE_RATE_HZ;
    expect(Math.abs(lateMs)).toBeLessThan(150);
  });

  it('stands beside words that were trained', async () => {
    const both = await heard(['alexa', { say: 'smart mirror' }], 'two-words');
    expect(both.filter((event) => event.startsWith('verified')).length).toBeGreaterThan(0);
  });
});
