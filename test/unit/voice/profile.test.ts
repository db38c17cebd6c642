import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/runtime/config.js';
import { voiceProfile } from '../../../src/voice/profile.js';
import { DEFAULT_TRAITS, type VoiceCalm } from '../../../src/voice/stages/stage-kind.js';

function calmOf(calm: VoiceCalm | null, tailMs: number) {
  const { cascades } = configSchema.parse({
    sources: [{ id: 'room', kind: 'file', path: 'room.wav' }],
    cascades: { voice: { kind: 'voice' } },
  });
  const voice = cascades.voice;
  if (voice?.kind !== 'voice') throw new Error('expected a voice cascade');
  return voiceProfile(voice, { ...DEFAULT_TRAITS, calm, tailMs }).notice.calm;
}

const calm = { below: 0.001, waitMs: 80 };

describe('hops are heard by twos while no word is near', () => {
  it('where verification waits for as long anyway', () => {
    expect(calmOf({ ...calm, mayDelay: true }, 240)).toEqual(calm);
    expect(calmOf({ ...calm, mayDelay: true }, 40)).toBeNull();
  });

  it('where a word is heard coming before it can be noticed', () => {
    expect(calmOf({ ...calm, mayDelay: false }, 0)).toEqual(calm);
  });

  it('not where a model does not say', () => {
    expect(calmOf(null, 240)).toBeNull();
  });
});
