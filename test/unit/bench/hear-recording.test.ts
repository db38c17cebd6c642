import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hearRecording } from '../../../src/bench/hear-recording.js';
import { Listener } from '../../../src/bench/listener.js';
import { harness, signal } from '../../support/cascade.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { wavBytes } from '../../support/wav.js';

const RATE_HZ = 16_000;

/** Half a second of quiet and a word that the recording ends with. */
function recording(): string {
  const path = join(temporaryFolder(), 'word.wav');
  const word = signal([0, RATE_HZ / 2], [0.9, RATE_HZ / 2]);
  writeFileSync(path, wavBytes(word, { rateHz: RATE_HZ }));
  return path;
}

/** A cascade whose heavy waits for `tailMs` behind a word. */
function listenerThatWaits(tailMs: number): Promise<Listener> {
  const verify = { windowMs: 500, tailMs, againMs: null };
  return Listener.of(async ({ emit }) => {
    const { cascade } = harness({ hopSamples: 1600, verify }, { emit });
    return { cascade, dispose: async () => {} };
  });
}

describe('a recording that is heard', () => {
  it('is heard until all is decided that was noticed in it', async () => {
    const listener = await listenerThatWaits(3000);
    const path = recording();
    for (const _ of ['once', 'again']) {
      const { events, seconds } = await hearRecording(listener, path);
      expect(events.map(({ type }) => type)).toEqual(['noticed', 'verified', 'escalated']);
      expect(seconds).toBe(1);
    }
  });
});
