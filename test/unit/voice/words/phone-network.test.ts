import { afterAll, beforeAll, expect, it } from 'vitest';
import { shippedModel } from '../../../../src/models/manifest.js';
import { readAudio } from '../../../../src/sources/recording/read-audio.js';
import { PhoneNetwork, STEP_SAMPLES } from '../../../../src/voice/words/phone-network.js';
import type { Posteriors } from '../../../../src/voice/words/search.js';
import { voiceRecording } from '../../../support/replay.js';

const LOOK = 10_240;
/** What each step hears after it at least. */
const AFTER = 6_400;
let network: PhoneNetwork;
let samples: Float32Array;

beforeAll(async () => {
  network = await PhoneNetwork.load(shippedModel('phones'));
  samples = (await readAudio(voiceRecording('settled'))).subarray(0, 4 * LOOK + AFTER);
});
afterAll(async () => await network.dispose());

/** The settled steps of a stream that is shown a look after the other. */
async function heardByLooks(looks: number): Promise<Posteriors> {
  const stream = network.stream(false);
  const { labels } = network.inventory;
  const heard: number[] = [];
  for (let look = 0; look < looks; look++) {
    const settled = LOOK / STEP_SAMPLES;
    const shown = samples.subarray(look * LOOK, (look + 1) * LOOK + AFTER);
    const { posteriors } = await stream.hear(shown, settled);
    heard.push(...posteriors.logProbs.subarray(0, settled * labels.length));
  }
  const logProbs = Float32Array.from(heard);
  return { steps: logProbs.length / labels.length, labels: labels.length, logProbs };
}

/** The likeliest label of each step. */
function likeliest({ steps, labels, logProbs }: Posteriors): readonly number[] {
  return Array.from({ length: steps }, (_, step) => {
    const of = logProbs.subarray(step * labels, (step + 1) * labels);
    return of.indexOf(Math.max(...of));
  });
}

it('hears in the looks at a stream what it hears in the whole of it', async () => {
  const stream = likeliest(await heardByLooks(4));
  const whole = likeliest(await network.hear(samples));
  const same = stream.filter((label, step) => label === whole[step]);
  // Where a sound begins two labels may be as likely as each other, and the last bits of a processor decide.
  expect(same.length / stream.length).toBeGreaterThan(0.95);
});

it('hears a look as a window where nothing went before it, also after a reset', async () => {
  const stream = network.stream(false);
  const window = { posteriors: await network.hear(samples.subarray(0, LOOK)), inner: null };
  expect(await stream.hear(samples.subarray(0, LOOK), 20)).toEqual(window);
  expect(await stream.hear(samples.subarray(0, LOOK), 20)).not.toEqual(window);
  stream.reset();
  expect(await stream.hear(samples.subarray(0, LOOK), 20)).toEqual(window);
});

it('hears less than a step, and any number of samples', async () => {
  expect((await network.hear(new Float32Array(10))).steps).toBe(1);
  expect((await network.hear(new Float32Array(401))).steps).toBe(1);
  expect((await network.hear(new Float32Array(16_007))).steps).toBe(49);
});

it('hears the same phones where it tells what it makes of each step before it settles for them', async () => {
  const { inner, ...posteriors } = await network.hearWithin(samples);
  expect(posteriors).toEqual(await network.hear(samples));
  expect([inner.steps, inner.size]).toEqual([posteriors.steps, 144]);
  expect(Math.hypot(...inner.values.subarray(0, inner.size))).toBeCloseTo(1, 5);
});

it('tells inner values of looks where they are wanted', async () => {
  const { inner } = await network.hearWithin(samples.subarray(0, LOOK));
  expect((await network.stream(true).hear(samples.subarray(0, LOOK), 20)).inner).toEqual(inner);
});

it('hears phones in what is spoken, and fainter ones where silence is allowed to be likelier', () => {
  const { blank, labels } = network.inventory;
  const [a, n] = ['a', 'n'].map((phone) => labels.indexOf(phone)) as [number, number];
  const said = [blank, a, a, n, blank].map((label, step) => ({ label, loud: step === 3 ? -0.3 : -1.2 }));
  const logProbs = new Float32Array(said.length * labels.length).fill(-9);
  for (const [step, { label, loud }] of said.entries()) {
    logProbs[step * labels.length + blank] = -0.5;
    if (label !== blank) logProbs[step * labels.length + label] = loud;
  }
  const posteriors = { steps: said.length, labels: labels.length, logProbs };
  expect(network.spoken(posteriors)).toEqual({ phones: [n], start: 3, end: 4 });
  expect(network.spoken(posteriors, 1)).toEqual({ phones: [a, n], start: 1, end: 4 });
  expect(network.spoken({ ...posteriors, steps: 1 }, 1)).toBeNull();
});
