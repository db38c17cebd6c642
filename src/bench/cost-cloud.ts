import type { ActionRunner } from '../actions/runner.js';
import type { Escalation } from '../core/cascade/escalation.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { ScriptedAnswer } from '../emulator/answers.js';
import { Emulator, tokensIn } from '../emulator/emulator.js';
import { uplinkSchema } from '../runtime/config.js';
import { systemTimer } from '../runtime/process/system-clock.js';
import { uplinkEdges } from '../runtime/uplink-edges.js';
import type { CountedUplink } from '../uplink/counted-uplink.js';
import type { PlainEvent } from '../uplink/providers/plain/protocol.js';
import type { ProviderConfig } from '../uplink/providers/settings.js';
import { createUplink } from '../uplink/uplink.js';
import type { Order } from './cost-orders.js';

/** What a question to the cloud costs, as a price list and a radio have it. */
export type Prices = Pick<ProviderConfig, 'price' | 'energy' | 'inputTokensPerAudioSecond'>;

/** What asking came to. */
export interface CloudBill {
  readonly calls: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly tokens: number;
  readonly money: number;
  readonly radioJoules: number;
  /** What the far end answered, by key; null where it heard no order. */
  readonly answers: ReadonlyMap<string, Order | null>;
}

const MIB = 1024 * 1024;
const ANSWER_MS = 60_000;

/**
 * Sends escalations through the real uplink to a far end on loopback that answers each as `answer` says, one after the
 * other, and adds up what crossed the wire. `audio` lets the clip leave; otherwise label, features and transcript.
 * @throws Error when an answer stays out for a minute.
 */
export async function askCloud(
  escalations: readonly Escalation[],
  options: {
    readonly audio: boolean;
    readonly prices: Prices;
    readonly answer: (event: PlainEvent) => Order | null;
  },
): Promise<CloudBill> {
  const { price, energy, inputTokensPerAudioSecond } = options.prices;
  const config = uplinkSchema.parse({
    budget: [],
    egress: options.audio
      ? { rules: [{ name: 'audio', allow: ['label', 'features', 'transcript', 'audio'] }] }
      : {},
    actions: { order: { kind: 'log' } },
  });
  const promptTokens = tokensIn(config.prompts.voice) + tokensIn(JSON.stringify(config.answerSchema));
  const far = await Emulator.start(systemTimer, {
    thinkMs: 0,
    wordMs: 0,
    answer: (event) => spoken(options.answer(event)),
    usage: (answer, event) => usageOf(answer, event, promptTokens, inputTokensPerAudioSecond),
  });
  const provider = { kind: 'plain', name: 'cloud', url: far.url, price, energy, inputTokensPerAudioSecond };
  const bill = new Bill(escalations);
  const uplink = await createUplink(
    { ...config, providers: uplinkSchema.parse({ providers: [provider] }).providers },
    { publish: bill.publish, ...uplinkEdges('.'), run: 'bench', stateDir: null, actions: bill.actions },
  );
  try {
    for (const escalation of escalations) await withDeadline(bill.answerTo(escalation, uplink));
    // The greeting of the connection is part of the bill.
    return bill.total(uplink.stats().bytesOut.upload, energy);
  } finally {
    await uplink.close(1_000);
    await far.close();
  }
}

/** Adds up what comes back, and keeps the order in each answer. */
class Bill {
  #calls = 0;
  #bytesDown = 0;
  #tokens = 0;
  #money = 0;
  #onAnswer = () => {};
  readonly #answers: Map<string, Order | null>;
  readonly #keyOf: ReadonlyMap<string, string>;

  constructor(escalations: readonly Escalation[]) {
    this.#answers = new Map(escalations.map(({ key }) => [key, null]));
    this.#keyOf = new Map(escalations.map(({ key, detection }) => [detection, key]));
  }

  readonly publish = (event: CascadeEvent): void => {
    // Without words and without leave for the audio there is nothing to ask.
    if (event.type === 'undelivered') this.#onAnswer();
    if (event.type !== 'verdict') return;
    this.#calls++;
    this.#bytesDown += event.cost.bytesDown;
    this.#tokens += event.cost.tokens;
    this.#money += event.cost.money;
    this.#onAnswer();
  };

  readonly actions: Pick<ActionRunner, 'run'> = {
    run: async ({ detection, slots: { intent = '', ...slots } }) => {
      this.#answers.set(this.#keyOf.get(detection) ?? detection, { intent, slots });
      return { detection, action: 'order', outcome: 'done', detail: '' };
    },
  };

  answerTo(escalation: Escalation, uplink: CountedUplink): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onAnswer = resolve;
      uplink.offer(escalation).catch(reject);
    });
  }

  total(bytesUp: number, { joulesPerCall, joulesPerMiB }: Prices['energy']): CloudBill {
    const radioJoules = this.#calls * joulesPerCall + ((bytesUp + this.#bytesDown) / MIB) * joulesPerMiB;
    return {
      calls: this.#calls,
      bytesUp,
      bytesDown: this.#bytesDown,
      tokens: this.#tokens,
      money: this.#money,
      radioJoules,
      answers: this.#answers,
    };
  }
}

/** What a cloud would count for an event and its answer: text, and audio by its length. */
function usageOf(
  answer: ScriptedAnswer,
  event: PlainEvent | null,
  promptTokens: number,
  inputTokensPerAudioSecond: number,
) {
  const seconds =
    event?.clip == null ? 0 : Buffer.byteLength(event.clip.data ?? '', 'base64') / 2 / event.clip.rateHz;
  const audioTokens = Math.ceil(seconds * inputTokensPerAudioSecond);
  const textTokens = promptTokens + tokensIn(JSON.stringify({ ...event, clip: null }));
  const outputTokens = tokensIn(JSON.stringify(answer));
  return { inputTokens: textTokens + audioTokens, audioTokens, outputTokens };
}

/** What a scripted far end says of an order. */
export function spoken(order: Order | null): ScriptedAnswer {
  if (order === null) return { label: 'nothing', text: 'Nothing was ordered.', action: null };
  const { intent, slots } = order;
  return {
    label: intent,
    text: `Coming: ${Object.values(slots).join(', ')}.`,
    action: { name: 'order', parameters: { intent, ...slots } },
  };
}

async function withDeadline(work: Promise<void>): Promise<void> {
  let cancel = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = systemTimer(ANSWER_MS, () => reject(new Error('the far end did not answer')));
  });
  await Promise.race([work, late]).finally(() => cancel());
}
