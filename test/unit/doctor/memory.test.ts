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
    const fits = await checkMemory(plans, ['voice'], 1024);
    expect(fits).toMatchObject({ level: 'ok', remedy: null });
    expect(fits.detail).toMatch(
      /^\d+ MB awake of 1024: program about 92, heavy process \d+ \(as loaded here: wake-heavy \d+, silero-vad \d+, commands \d+, moonshine \d+\)$/,
    );
    expect(await checkMemory(plans, Array(20).fill('voice'), 300)).toMatchObject({
      level: 'warning',
      remedy: expect.stringContaining('docs/BOARDS.md'),
    });
  });

  it('is the program alone where nothing is asked of the heavy process', async () => {
    const plans = await plansOf('{kind: voice, heavy: {enabled: false}, utterance: {enabled: false}}');
    expect(await checkMemory(plans, ['voice', 'voice'], 512)).toEqual({
      level: 'ok',
      detail: '96 MB awake of 512: program about 96',
      remedy: null,
    });
  });

  it('counts threads: four sources of a kind share one', async () => {
    const plans = await plansOf('{kind: voice, heavy: {enabled: false}, utterance: {enabled: false}}');
    const programOf = async (voices: number, sensors: number) => {
      const kinds = [...Array(voices).fill('voice'), ...Array(sensors).fill('sensor')];
      return Number(/about (\d+)/.exec((await checkMemory(plans, kinds, 512)).detail)?.[1]);
    };
    const four = await programOf(4, 0);
    expect(await programOf(3, 0)).toBe(four - 4);
    expect(await programOf(5, 0)).toBe(four + 4 + 13);
    expect(await programOf(4, 4)).toBe(four + 16 + 13);
  });
});
