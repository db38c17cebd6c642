import { Cascade } from '../core/cascade/cascade.js';
import type { Escalation } from '../core/cascade/escalation.js';
import { type Settle, settleNothing } from '../core/cascade/settle.js';
import type { Recogniser, Stage } from '../core/cascade/stage.js';
import { intentsSchema, voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { createRecogniser } from '../runtime/stages.js';
import type { VoiceConfig } from '../voice/config.js';
import { IntentMatcher } from '../voice/intents/matcher.js';
import { voiceProfile } from '../voice/profile.js';
import { afterTheName, ORDER_INTENTS, type Order } from './cost-orders.js';
import { Listener } from './listener.js';

/** Ways to answer the same hour. */
export type StrategyName = 'always-cloud' | 'always-heavy' | 'cascade';

/** One utterance a strategy dealt with. */
export interface Handled {
  /** Samples of the hour it took for the utterance. */
  readonly startSample: number;
  readonly endSample: number;
  /** What was understood on the device; null where nothing was. */
  readonly settled: Order | null;
  /** What went to the cloud; null where nothing did. */
  readonly escalation: Escalation | null;
}

/** A strategy at work. */
export interface Strategy {
  readonly name: StrategyName;
  hear(samples: Float32Array): Promise<void>;
  readonly handled: readonly Handled[];
  /** CPU time of this process while it heard, milliseconds. */
  readonly cpuMs: number;
  close(): Promise<void>;
}

/** What every strategy has in common: how long an order may be, and the coffee machine's sentences. */
const LISTENING = {
  kind: 'voice',
  ringMs: 24_000,
  utterance: { maxMs: 15_000 },
  policy: { longUtteranceMs: 15_000 },
  clip: { maxMs: 20_000 },
} as const;

/** The cascade as shipped, with room for long orders. */
const CASCADE: VoiceConfig = voiceSchema.parse(LISTENING);

/** No wake word: whatever passes the gate is an utterance, from a little before it was loud. */
const EVERYTHING: VoiceConfig = voiceSchema.parse({
  ...LISTENING,
  // Held open, the gate would let no silence re-arm what accepts everything.
  gate: { holdMs: 0 },
  tiny: { refractoryMs: 0 },
  heavy: { enabled: false },
  utterance: { ...LISTENING.utterance, leadMs: 500 },
  policy: { ...LISTENING.policy, escalateOn: ['configured'] },
});

/**
 * Starts a strategy. `always-cloud`: the energy gate finds utterances, each goes up as audio. `always-heavy`: the same
 * utterances go to the recogniser and nothing leaves. `cascade`: the shipped one.
 * @throws CatnapError what loading the models throws.
 */
export async function startStrategy(name: StrategyName): Promise<Strategy> {
  const escalations: Escalation[] = [];
  const offer = (escalation: Escalation) => void escalations.push(escalation);
  const listener = await listenerOf(name, offer);
  const handled: Handled[] = [];
  return {
    name,
    handled,
    get cpuMs() {
      return listener.spentMs;
    },
    async hear(samples) {
      const { events } = await listener.hear(samples);
      const settled = new Map(
        events.flatMap((event) =>
          event.type === 'settled' ? [[event.detection, { intent: event.intent, slots: event.slots }]] : [],
        ),
      );
      const offered = new Map(escalations.splice(0).map((escalation) => [escalation.detection, escalation]));
      for (const event of events) {
        if (event.type !== 'utterance') continue;
        const { detection, startSample, endSample } = event;
        handled.push({
          startSample,
          endSample,
          settled: settled.get(detection) ?? null,
          escalation: offered.get(detection) ?? null,
        });
      }
    },
    close: () => listener.close(),
  };
}

async function listenerOf(name: StrategyName, offer: (escalation: Escalation) => void): Promise<Listener> {
  switch (name) {
    case 'cascade':
      return Listener.open(CASCADE, { intents: ORDER_INTENTS, offer });
    case 'always-cloud':
      return withoutTiny(null, settleNothing, offer);
    case 'always-heavy': {
      const { recogniser } = await voicePlan(CASCADE);
      if (recogniser === null) throw new Error('an enabled utterance has a recogniser');
      const { settle } = new IntentMatcher(intentsSchema.parse(ORDER_INTENTS));
      const settleCalled: Settle = (heard) => settle({ ...heard, text: afterTheName(heard.text) });
      return withoutTiny(await createRecogniser(recogniser), settleCalled, offer);
    }
  }
}

function withoutTiny(
  recogniser: Recogniser | null,
  settle: Settle,
  offer: (escalation: Escalation) => void,
): Promise<Listener> {
  const profile = voiceProfile(EVERYTHING, {
    hopSamples: 1280,
    debounceHops: 1,
    contextMs: 0,
    tailMs: 0,
    againMs: null,
    calm: null,
  });
  return Listener.of(async (edges) => {
    const cascade = new Cascade(profile, {
      ...edges,
      ids: 'bench',
      source: 'bench',
      run: 'bench',
      tiny: anything,
      heavy: null,
      recogniser,
      endpointer: null,
      settle,
    });
    return { cascade, dispose: async () => recogniser?.dispose() };
  }, offer);
}

/** Accepts whatever it is asked about. */
const anything: Stage = {
  name: 'anything',
  budgetMs: 1_000,
  decide: () => ({
    kind: 'accept',
    stage: 'anything',
    label: 'sound',
    score: 1,
    confidence: 1,
    contributions: [],
  }),
  reset: () => {},
  dispose: async () => {},
};
