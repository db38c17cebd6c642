import { expect, it } from 'vitest';
import type { OrderQuestion } from '../../../src/bench/order-questions.js';
import { benchOrderRouter } from '../../../src/bench/order-router.js';
import { EVENT_VERSION } from '../../../src/core/events/version.js';
import { escalation } from '../../support/uplink.js';

const DRINKS = ['latte', 'mocha', 'espresso', 'americano'];

/** Orders of which every third is misheard, so that no drink stands in it. */
function heard(count: number): readonly OrderQuestion[] {
  return Array.from({ length: count }, (_, at): OrderQuestion => {
    const drink = DRINKS[at % DRINKS.length] ?? '';
    const isMisheard = at % 3 === 0;
    const transcript = isMisheard ? `make me a lottery number ${at % 7}` : `can I have a ${drink}`;
    const features = { unknownWords: isMisheard ? 2 : 0, recognition: isMisheard ? 0.7 : 0.95 };
    const asked = escalation({
      key: `bench/bench/d${at}`,
      detection: `bench/d${at}`,
      ...{ source: 'bench', transcript, features, reasons: ['unknown-words'] },
    });
    const of = {
      v: EVENT_VERSION,
      measured: { wallTime: asked.wallTime, run: 'bench', latencyMs: 1 },
      ...{ source: 'bench', sample: 1, atMs: 1, detection: asked.detection, label: asked.label, trail: [] },
    } as const;
    return {
      name: `orders/${at}.wav`,
      order: { intent: 'orderDrink', slots: { coffee_drink: drink } },
      escalation: asked,
      told: [
        { ...of, id: `bench/${at}v`, type: 'verified', degraded: false, startSample: 0 },
        {
          ...{ ...of, id: `bench/${at}e`, type: 'escalated', transcript, features },
          ...{ reasons: asked.reasons, priority: 0, degraded: false },
        },
      ],
    };
  });
}

it('asks the real uplink with and without a router that was learnt of other days, and tells what it saved and cost', async () => {
  const result = await benchOrderRouter(heard(150), {
    cheap: { thinkMs: 0, perCall: 1 },
    dear: { thinkMs: 0, perCall: 10 },
    folds: 3,
    wrongTurns: 0.3,
    onAnswer: () => {},
  });
  expect(result).toMatchObject({
    orders: 150,
    endingDear: 50,
    begunDear: 50,
    wrongTurns: 0,
    dearMoney: 1_500,
  });
  expect(result.partsWithout).toBe(0);
  expect(result.plain).toMatchObject({ askedCheap: 150, askedDear: 50, money: 650, right: 150 });
  expect(result.learnt).toMatchObject({ askedCheap: 100, askedDear: 50, money: 600, right: 150 });
  expect(result.savedInterval.low).toBeLessThanOrEqual(result.savedMs);
}, 60_000);
