import { describe, expect, it } from 'vitest';
import { featureTitles } from '../../../../src/sensor/normal/features.js';
import { VibrationFeatures } from '../../../../src/sensor/normal/vibration.js';
import { gaussian, seeded } from '../../../support/sensor-rows.js';

const RATE_HZ = 2000;
const ROW_SAMPLES = 512;
const titles = featureTitles({ kind: 'vibration', rowSamples: ROW_SAMPLES }, ['a'], RATE_HZ) ?? [];

/** The features of one row of a signal, by their titles. */
function featuresOf(signal: (sample: number) => number): ReadonlyMap<string, number> {
  const features = new VibrationFeatures(['a'], ROW_SAMPLES);
  let isDone = false;
  for (let sample = 0; sample < ROW_SAMPLES; sample++) isDone = features.push([signal(sample)], 0);
  if (!isDone) throw new Error('expected a row');
  return new Map(titles.map((title, f) => [title, features.row[f] as number]));
}

const noise = (seed: number) => {
  const random = seeded(seed);
  return () => gaussian(random);
};
const tone = (hertz: number) => (sample: number) => Math.sin((2 * Math.PI * hertz * sample) / RATE_HZ);
/** The title with the most of a kind of feature. */
function loudest(features: ReadonlyMap<string, number>, kind: string): string {
  return [...features].filter(([title]) => title.startsWith(kind)).sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
const holds = (title: string, hertz: number) => {
  const [, from, to] = /([\d.]+)-([\d.]+) Hz/.exec(title) ?? [];
  return Number(from) <= hertz && hertz < Number(to);
};

describe('vibration features', () => {
  it.each([40, 100, 250, 700])('place a tone of %d Hz in the band of the spectrum that says so', (hertz) => {
    expect(holds(loudest(featuresOf(tone(hertz)), 'spectrum'), hertz)).toBe(true);
  });

  it('place the rate of knocks that ring at 600 Hz in the band of the envelope that says so', () => {
    const knocks = 87;
    const features = featuresOf((sample) => {
      const since = sample % Math.round(RATE_HZ / knocks);
      return 0.85 ** since * tone(600)(since);
    });
    expect(holds(loudest(features, 'envelope'), knocks)).toBe(true);
  });

  it('rise in kurtosis and crest factor with knocks, and not with more of the same noise', () => {
    const random = noise(1);
    const calm = featuresOf(() => random());
    const louder = featuresOf(() => 3 * random());
    const knocking = featuresOf((sample) => random() + (sample % 128 === 0 ? 15 : 0));
    const of = (features: ReadonlyMap<string, number>, title: string) => features.get(title) ?? Number.NaN;
    expect(of(calm, 'kurtosis')).toBeCloseTo(Math.log(3), 0);
    expect(of(louder, 'kurtosis') - of(calm, 'kurtosis')).toBeLessThan(0.3);
    expect(of(louder, 'RMS level') - of(calm, 'RMS level')).toBeCloseTo(Math.log(3), 0);
    expect(of(knocking, 'kurtosis') - of(calm, 'kurtosis')).toBeGreaterThan(0.5);
    expect(of(knocking, 'crest factor') - of(calm, 'crest factor')).toBeGreaterThan(0.5);
  });

  it('are missing where a sample is, for a hole would look like a knock', () => {
    const random = noise(2);
    const features = featuresOf((sample) => (sample === 100 ? Number.NaN : random()));
    expect([...features.values()].every(Number.isNaN)).toBe(true);
  });

  it('stay finite on silence', () => {
    expect([...featuresOf(() => 0).values()].every(Number.isFinite)).toBe(true);
  });
});
