import type { ActionRunner } from '../actions/runner.js';
import type { Escalation } from '../core/cascade/escalation.js';
import type { ScriptedAnswer } from '../emulator/answers.js';
import { Emulator, tokensIn } from '../emulator/emulator.js';
import { uplinkSchema } from '../runtime/config.js';
import { uplinkEdges } from '../runtime/uplink-edges.js';
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
  const { audio } = options;
  const { price, energy, inputTokensPerAudioSecond } = options.prices;
  const config = uplinkSchema.parse({
    budget: [],
    egress: audio ? { rules: [{ name: 'audio', allow: ['label', 'features', 'transcript', 'audio'] }] } : {},
    actions: { order: { kind: 'log' } },
  });
  const promptTokens = tokensIn(config.prompts.voice) + tokensIn(JSON.stringify(config.answerSchema));
  const far = await Emulator.start({
    thinkMs: 0,
    wordMs: 0,
    answer: (event) => spoken(options.answer(event)),
    usage: (answer, event) => {
      const seconds =
        event?.clip == null ? 0 : Buffer.byteLength(event.clip.data ?? '', 'base64') / 2 / event.clip.rateHz;
      const audioTokens = Math.ceil(seconds * inputTokensPerAudioSecond);
      const textTokens = promptTokens + tokensIn(JSON.stringify({ ...event, clip: null }));
      const outputTokens = tokensIn(JSON.stringify(answer));
      return { inputTokens: textTokens + audioTokens, audioTokens, outputTokens };
    },
  });
  const provider = { kind: 'plain', name: 'cloud', url: far.url, price, energy, inputTokensPerAudioSecond };
  const bill = { calls: 0, bytesUp: 0, bytesDown: 0, tokens: 0, money: 0 };
  const answers = new Map<string, Order | null>();
  const keyOf = new Map(escalations.map(({ key, detection }) => [detection, key]));
  const actions: Pick<ActionRunner, 'run'> = {
    async run({ detection, slots: { intent = '', ...slots } }) {
      answers.set(keyOf.get(detection) ?? detection, { intent, slots });
      return { detection, action: 'order', outcome: 'done', detail: '' };
    },
  };
  let onAnswer = () => {};
  const uplink = await createUplink(
    { ...config, providers: uplinkSchema.parse({ providers: [provider] }).providers },
    {
      publish: (event) => {
        // Without words and without leave for the audio there is nothing to ask.
        if (event.type === 'undelivered') onAnswer();
        if (event.type !== 'verdict') return;
        bill.calls++;
        bill.bytesDown += event.cost.bytesDown;
        bill.tokens += event.cost.tokens;
        bill.money += event.cost.money;
        onAnswer();
      },
      ...uplinkEdges('.'),
      run: 'bench',
      stateDir: null,
      actions,
    },
  );
  try {
    for (const escalation of escalations) {
      answers.set(escalation.key, null);
      await withDeadline(
        new Promise<void>((resolve, reject) => {
          onAnswer = resolve;
          uplink.offer(escalation).catch(reject);
        }),
      );
    }
    // The greeting of the connection is part of the bill.
    bill.bytesUp = uplink.stats().bytesOut.upload;
  } finally {
    await uplink.close(1_000);
    await far.close();
  }
  const { joulesPerCall, joulesPerMiB } = energy;
  const radioJoules = bill.calls * joulesPerCall + ((bill.bytesUp + bill.bytesDown) / MIB) * joulesPerMiB;
  return { ...bill, radioJoules, answers };
}

function spoken(order: Order | null): ScriptedAnswer {
  if (order === null) return { label: 'nothing', text: 'Nothing was ordered.', action: null };
  const { intent, slots } = order;
  return {
    label: intent,
    text: `Coming: ${Object.values(slots).join(', ')}.`,
    action: { name: 'order', parameters: { intent, ...slots } },
  };
}

async function withDeadline(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the far end did not answer')), ANSWER_MS);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
