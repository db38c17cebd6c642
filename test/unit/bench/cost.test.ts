import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { askCloud } from '../../../src/bench/cost-cloud.js';
import { type HourParts, strungTogether } from '../../../src/bench/cost-hour.js';
import {
  afterTheName,
  isSameOrder,
  ORDER_INTENTS,
  readLiterally,
  readOrder,
} from '../../../src/bench/cost-orders.js';
import type { Recording } from '../../../src/bench/dataset.js';
import { intentsSchema, uplinkSchema } from '../../../src/runtime/config.js';
import { IntentMatcher } from '../../../src/voice/intents/matcher.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { escalation } from '../../support/uplink.js';
import { wavBytes } from '../../support/wav.js';

const order = readOrder(
  '{"intent":"orderDrink","slots":{"coffeeDrink":"iced mocha","numberOfShots":"double shot","milkAmount":" soy milk"}}',
);

describe('orders', () => {
  it('are read from labels with the names that templates have', () => {
    expect(order.slots).toEqual({
      coffee_drink: 'iced mocha',
      number_of_shots: 'double shot',
      milk_amount: 'soy milk',
    });
  });

  it('are right only with every slot and no other', () => {
    expect(isSameOrder(order, { ...order, slots: { ...order.slots } })).toBe(true);
    expect(isSameOrder(order, { ...order, slots: { ...order.slots, size: 'small' } })).toBe(false);
    const { milk_amount: _, ...less } = order.slots;
    expect(isSameOrder(order, { ...order, slots: less })).toBe(false);
  });

  const matcher = new IntentMatcher(intentsSchema.parse(ORDER_INTENTS));

  it.each([
    'May I have a double shot iced mocha with soy milk?',
    'Brew a double-shot ice moka with soy milk.',
  ])('are settled by the coffee machine: %s', (said) => {
    const found = matcher.match(said);
    expect(found !== null && isSameOrder(order, found)).toBe(true);
  });

  it.each([
    'May I have a double shot purple iced mocha with soy milk',
    'May I have a double shot iced mocha without milk',
    'tell me about iced mocha with soy milk',
  ])('are left to the cloud where a word is left over: %s', (said) => {
    expect(matcher.match(said)).toBeNull();
  });

  it('are read word by word by who understands nothing', () => {
    expect(isSameOrder(order, readLiterally('a double shot iced mocha with soy milk'))).toBe(true);
    expect(readLiterally('a double shot ice moka with soy milk').slots).not.toHaveProperty('coffee_drink');
    // "medium" belongs to the roast.
    expect(readLiterally('a medium roast 12-ounce latte').slots).toEqual({
      roast: 'medium roast',
      size: 'twelve ounce',
      coffee_drink: 'latte',
    });
  });

  it('begin after the name of the device', () => {
    expect(afterTheName('Snowboy, can I have a latte')).toBe('can I have a latte');
    expect(afterTheName('a latte')).toBe('a latte');
  });
});

describe('an hour', () => {
  let folder = '';
  beforeAll(() => {
    folder = temporaryFolder();
  });

  function recording(name: string, seconds: number): Recording {
    const path = join(folder, `${name}.wav`);
    // Loud between a fifth of silence before and after.
    const samples = Float32Array.from({ length: seconds * 16_000 }, (_, i) => {
      const at = i / (seconds * 16_000);
      return at < 0.2 || at > 0.8 ? 0 : 0.25 * Math.sin(i / 3);
    });
    writeFileSync(path, wavBytes(samples));
    return { corpus: 'noise', path, keywords: [], endSeconds: null, group: '', label: '', text: '' };
  }

  it('is the same for the same seed, and says where each order is said', async () => {
    const noises = [recording('noise', 3)];
    const parts: HourParts = {
      orders: [{ path: recording('order', 4).path, order }],
      wakes: [recording('wake', 1)],
      chatter: [recording('chatter', 2)],
      noises,
      backgrounds: noises,
    };
    const heard = async (seed: number) => {
      const stretches = [];
      for await (const { kind, samples, order: said } of strungTogether(parts, 120, seed)) {
        stretches.push({ kind, length: samples.length, said, loud: samples });
      }
      return stretches;
    };
    const first = await heard(1);
    expect((await heard(1)).map(({ kind, length }) => [kind, length])).toEqual(
      first.map(({ kind, length }) => [kind, length]),
    );
    expect((await heard(2)).map(({ length }) => length)).not.toEqual(first.map(({ length }) => length));
    let at = 0;
    let orders = 0;
    for (const { length, said, loud } of first) {
      if (said !== null) {
        orders++;
        expect(said.startSample).toBeGreaterThan(at);
        expect(said.endSample).toBeLessThan(at + length);
        // The silence of the recording is cut: its words begin with the span that is named.
        const words = loud.subarray(said.startSample - at, said.endSample - at);
        expect(words.length).toBeLessThan(4 * 0.65 * 16_000);
        expect(Math.max(...words.subarray(0, 800))).toBeGreaterThan(0.1);
      }
      at += length;
    }
    expect(orders).toBeGreaterThan(0);
    expect(at).toBeGreaterThanOrEqual(120 * 16_000);
  });
});

describe('the bill of the cloud', () => {
  const [prices] = uplinkSchema.parse({
    providers: [
      {
        kind: 'openai-realtime',
        price: { perMillionInputTokens: 4, perMillionAudioTokens: 32, perMillionOutputTokens: 16 },
        inputTokensPerAudioSecond: 10,
        energy: { joulesPerMiB: 7.2 },
      },
    ],
  }).providers;
  if (prices === undefined) throw new Error('one is configured');
  const clip = { rateHz: 16_000, startSample: 0, pcm: new Int16Array(32_000) };

  it('counts what crossed the wire, audio only where it is let out, and brings the answers back by key', async () => {
    const [known, unknown] = [escalation({ clip }), escalation({ clip })];
    const answer = ({ key }: { key: string }) => (key === known.key ? order : null);
    const words = await askCloud([known, unknown], { audio: false, prices, answer });
    const audio = await askCloud([known, unknown], { audio: true, prices, answer });
    expect([words.calls, audio.calls]).toEqual([2, 2]);
    expect([...audio.answers]).toEqual([
      [known.key, order],
      [unknown.key, null],
    ]);
    expect(words.bytesUp).toBeLessThan(6_000);
    expect(audio.bytesUp - words.bytesUp).toBeGreaterThan(2 * clip.pcm.byteLength);
    // Twice two seconds at ten tokens, at the price of audio.
    expect(audio.tokens - words.tokens).toBe(40);
    expect(audio.money - words.money).toBeCloseTo((40 * 32) / 1e6, 9);
    expect(audio.radioJoules).toBeCloseTo(((audio.bytesUp + audio.bytesDown) / 2 ** 20) * 7.2, 6);
  });

  it('has nothing to ask without words and without leave for the audio', async () => {
    const silent = escalation({ transcript: null, clip });
    const bill = await askCloud([silent], { audio: false, prices, answer: () => order });
    expect(bill).toMatchObject({ calls: 0, money: 0 });
  });
});
