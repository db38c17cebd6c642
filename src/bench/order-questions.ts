import { readFileSync } from 'node:fs';
import type { Escalation } from '../core/cascade/escalation.js';
import { cascadeEventSchema } from '../core/events/event-schema.js';
import { type CascadeEvent, detectionIn } from '../core/events/events.js';
import { parseJson } from '../core/json.js';
import { joined } from '../core/signal/joined.js';
import * as z from '../core/zod.js';
import { voiceSchema } from '../runtime/config.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import { mixNoise, padded, placeOf, seededRandom, spokenPart } from './audio.js';
import type { HourParts } from './cost-hour.js';
import { ORDER_INTENTS, type Order, orderSchema } from './cost-orders.js';
import { Listener } from './listener.js';
import { Sounds } from './sounds.js';

/** An order that the device heard and asks about. */
export interface OrderQuestion {
  /** The recording, as the data has it. */
  readonly name: string;
  readonly order: Order;
  /** What it would ask; without the sound. */
  readonly escalation: Escalation;
  /** What the cascade told of it. */
  readonly told: readonly CascadeEvent[];
}

/** As shipped, with room for long orders; no transcript is sure enough to be settled. */
const CASCADE = {
  kind: 'voice',
  ringMs: 24_000,
  utterance: { maxMs: 15_000 },
  recogniser: { minConfidence: 1 },
  policy: { longUtteranceMs: 15_000 },
  clip: { maxMs: 20_000 },
} as const;

/** What is asked of {@link hearOrders}. */
export interface OrdersHeard {
  readonly parts: Pick<HourParts, 'orders' | 'wakes' | 'noises'>;
  /** Signal to noise, dB, of each pass; null: as recorded. */
  readonly snrsDb: readonly (number | null)[];
  readonly onOrder: () => void;
}

const WAKE_TO_ORDER = 0.4 * VOICE_RATE_HZ;
const PAUSE = 2.5 * VOICE_RATE_HZ;

/**
 * Has the shipped cascade hear each order behind a wake word, with the coffee machine's sentences, so that it knows
 * which words no order has. What it noticed or made out nothing of is left out, for nobody is asked about that.
 * @throws CatnapError what loading the models and reading the recordings throws.
 */
export async function hearOrders({ parts, snrsDb, onOrder }: OrdersHeard): Promise<readonly OrderQuestion[]> {
  const noises = new Sounds(parts.noises);
  const offered: Escalation[] = [];
  const listener = await Listener.open(voiceSchema.parse(CASCADE), {
    intents: ORDER_INTENTS,
    offer: (escalation) => void offered.push(escalation),
  });
  const questions: OrderQuestion[] = [];
  try {
    for (const snrDb of snrsDb)
      for (const { path, order } of parts.orders) {
        const random = seededRandom(`order ${placeOf(path)}`);
        const wake = parts.wakes[Math.floor(random() * parts.wakes.length)]?.path ?? '';
        const [word, said] = [spokenPart(await readAudio(wake)), spokenPart(await readAudio(path))];
        const whole = joined([word, new Float32Array(WAKE_TO_ORDER), said]);
        offered.length = 0;
        const { events } = await listener.hear(
          snrDb === null
            ? padded(whole, 0, PAUSE, random)
            : mixNoise(whole, await noises.pick(random), { snrDb, lead: 0, tail: PAUSE, random }),
        );
        for (const escalation of offered.slice(-1).filter(({ transcript }) => transcript !== null)) {
          const told = events.filter((event) => detectionIn(event) === escalation.detection);
          questions.push({ name: placeOf(path), order, escalation: { ...escalation, clip: null }, told });
        }
        onOrder();
      }
  } finally {
    await listener.close();
  }
  return questions;
}

const keptSchema = z.array(
  z.object({
    name: z.string(),
    order: orderSchema,
    escalation: z.custom<Escalation>((value) => typeof value === 'object' && value !== null),
    told: z.array(cascadeEventSchema),
  }),
);

/**
 * What {@link hearOrders} heard before, as it was written to a file.
 * @throws z.ZodError for another file; what the file system throws.
 */
export function readHeardOrders(path: string): readonly OrderQuestion[] {
  return keptSchema.parse(parseJson(readFileSync(path, 'utf8')));
}
