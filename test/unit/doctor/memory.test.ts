import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { checkMemory } from '../../../src/doctor/memory.js';
import { planCascade } from '../../../src/runtime/plan.js';

async function plansOf(cascade: string) {
  const config = parseConfig(`sources: [{id: a, kind: microphone}]\ncascades: {voice: ${cascade}}`, 'c');
  const { voice } = config.cascades;
  if (voice === undefined) throw new Error('no cascade');
  return [await planCascade(voice, { source: 'a', stateDir: null })];
}

describe('memory awake', () => {
  it('is told stage by stage, as loaded here, and fits a board or not', async () => {
    const plans = await plansOf('{kind: voice}');
    const fits = await checkMemory(plans, 1, 1024);
    expect(fits).toMatchObject({ level: 'ok', remedy: null });
    expect(fits.detail).toMatch(
      /^\d+ MB awake of 1024: program about 100, heavy process \d+ \(as loaded here: wake-heavy \d+, silero-vad \d+, commands \d+, moonshine \d+\)$/,
    );
    expect(await checkMemory(plans, 20, 300)).toMatchObject({
      level: 'warning',
      remedy: expect.stringContaining('docs/BOARDS.md'),
    });
  });

  it('is the program alone where nothing is asked of the heavy process', async () => {
    const plans = await plansOf('{kind: voice, heavy: {enabled: false}, utterance: {enabled: false}}');
    expect(await checkMemory(plans, 2, 512)).toEqual({
      level: 'ok',
      detail: '117 MB awake of 512: program about 117',
      remedy: null,
    });
  });
});
