import { describe, expect, it } from 'vitest';
import { Listener } from '../../src/bench/listener.js';
import { voiceSchema } from '../../src/runtime/config.js';
import { readAudio } from '../../src/sources/recording/read-audio.js';
import { voiceRecording } from '../support/replay.js';

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

  it('stands beside words that were trained', async () => {
    const both = await heard(['alexa', { say: 'smart mirror' }], 'two-words');
    expect(both.filter((event) => event.startsWith('verified')).length).toBeGreaterThan(0);
  });
});
