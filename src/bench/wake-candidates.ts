import type { CascadeEvent, TrailEntry } from '../core/events/events.js';
import type { Thresholds } from '../core/thresholds.js';
import * as z from '../core/zod.js';
import { judgementsOf } from '../learning/past/past-detection.js';
import type { Heard, Listened } from '../learning/tuning/tuning.js';
import { voicePlan } from '../runtime/plan.js';
import type { VoiceConfig } from '../voice/config.js';
import { asListed, groupOf, mentions, type Recording } from './dataset.js';
import { hearRecording } from './hear-recording.js';
import { cascadeKey, type KeptScores } from './kept-scores.js';
import { Listener, wordsAlone } from './listener.js';

/** What is asked of {@link hearCandidates}. */
export interface CandidatesOptions {
  readonly recordings: readonly Recording[];
  readonly config: VoiceConfig;
  /** Thresholds of tiny to hear with, each in a pass of its own. */
  readonly notices: readonly number[];
  readonly onRecording: () => void;
  /** Scores of recordings that were heard before. */
  readonly scores: KeptScores;
}

/**
 * Heavy calls nothing sure and nothing refused, so that every confidence is worked out in full and none of what it
 * believes keeps tiny from hearing on.
 */
const OPEN: Thresholds = { accept: 1, reject: 0 };

/** What was noticed in a recording, and how sure each stage became of it. */
const scoredSchema = z.object({
  seconds: z.number(),
  scored: z.array(
    z.object({
      label: z.string(),
      tiny: z.number(),
      heavy: z.number().nullable(),
      spent: z.object({ energyMj: z.number(), latencyMs: z.number(), money: z.number() }),
    }),
  ),
});

type Scored = z.infer<typeof scoredSchema>;

/** The thresholds of both stages; the lowest of a stage's words. */
export type ThresholdsInForce = Readonly<Record<'tiny' | 'heavy', Thresholds>>;

/** What tiny notices from, and what is believed from. */
export async function thresholdsInForce(config: VoiceConfig): Promise<ThresholdsInForce> {
  const { thresholds } = await voicePlan(wordsAlone(config));
  return { tiny: thresholds.tiny, heavy: thresholds.heavy ?? thresholds.tiny };
}

/**
 * Lets the cascade hear labelled recordings and keeps what tiny noticed and how sure each stage became.
 * @throws CatnapError what loading the models and reading a recording throws.
 */
export async function hearCandidates(options: CandidatesOptions): Promise<readonly Heard[]> {
  const config = wordsAlone(options.config);
  const { words, thresholds } = await voicePlan(config);
  const heard: Heard[] = [];
  for (const notice of options.notices) {
    const open = openTo(config, { accept: Math.max(thresholds.tiny.accept, notice), reject: notice });
    heard.push({ notice, listened: await hearWith(open, words, options) });
  }
  return heard;
}

async function hearWith(
  config: VoiceConfig,
  words: readonly string[],
  { recordings, onRecording, scores }: CandidatesOptions,
): Promise<readonly Listened[]> {
  const stages = await voicePlan(config);
  const key = cascadeKey(config, stages);
  let listener: Listener | null = null;
  const listened: Listened[] = [];
  try {
    for (const recording of recordings) {
      const heard = await scores.of(key, recording.path, scoredSchema, async () => {
        listener ??= await Listener.planned({ kind: 'voice', config, stages });
        const { events, seconds } = await hearRecording(listener, recording.path);
        return { seconds, scored: trailsOf(events).map(scoredOf) };
      });
      listened.push(stretchOf(recording, words, heard));
      onRecording();
    }
  } finally {
    await (listener as Listener | null)?.close();
  }
  return listened;
}

/** The cascade as it has to be to hear everything that any threshold could believe. */
function openTo(config: VoiceConfig, tiny: Thresholds): VoiceConfig {
  return {
    ...config,
    tiny: {
      ...config.tiny,
      words: config.tiny.words?.map((word) => (typeof word === 'string' ? word : { ...word, accept: 1 })),
      thresholds: tiny,
      wordThresholds: {},
    },
    heavy: { ...config.heavy, thresholds: OPEN, wordThresholds: {} },
    policy: { ...config.policy, believeUncertain: false },
  };
}

function stretchOf(recording: Recording, words: readonly string[], { seconds, scored }: Scored): Listened {
  const isSaid = (word: string) => recording.keywords.some((keyword) => asListed(word) === keyword);
  const isReal = (word: string) => isSaid(word) || mentions(recording, asListed(word));
  return {
    group: groupOf(recording),
    seconds,
    said: words.filter(isSaid),
    candidates: scored.map((candidate) => ({ ...candidate, real: isReal(candidate.label) })),
  };
}

/** The whole trail of each detection: that of its last event. */
function trailsOf(events: readonly CascadeEvent[]): readonly (readonly TrailEntry[])[] {
  const trails = new Map<string, readonly TrailEntry[]>();
  for (const event of events)
    if ('trail' in event && 'detection' in event) trails.set(event.detection, event.trail);
  return [...trails.values()];
}

function scoredOf(trail: readonly TrailEntry[]): Scored['scored'][number] {
  const { tiny, heavy } = judgementsOf({ believedOn: trail });
  const { energyMj = 0, latencyMs = 0 } = heavy?.measured ?? {};
  return {
    label: (heavy ?? tiny)?.label ?? '',
    tiny: tiny?.confidence ?? 0,
    heavy: heavy?.confidence ?? null,
    spent: { energyMj, latencyMs, money: 0 },
  };
}
