import type { Reason } from '../core/events/events.js';
import { countWords } from '../core/words.js';
import type { UplinkConfig } from './config.js';
import { matchesAny } from './globs.js';
import type { Asks, Routing, RoutingFeatures, Upload } from './queue/upload.js';

/** What may leave of an escalation, before it is decided where it goes. */
export type Unrouted = Omit<Upload, 'routing'>;

/** Decides where an admitted upload goes. The rules below are one; a learned one has the same shape. */
export type Router = (features: RoutingFeatures, upload: Unrouted) => Omit<Routing, 'features'>;

/** Says whether what is cheap is worth asking; null where that is not known. */
export type AskRouter = (features: RoutingFeatures, upload: Unrouted) => Pick<Asks, 'begin' | 'because'>;

/** Such a router, and by what it is told from others: its file, and what that held. */
export interface LearntRouter {
  readonly name: string;
  readonly route: AskRouter;
}

/** What a specialist takes: all of its conditions that are there must hold. */
export interface Takes {
  /** Source ids and labels; `*` stands for any run of characters. */
  readonly sources: readonly string[];
  readonly labels: readonly string[];
  /** Words, or several in a row, of which one was said; empty: whatever was said. */
  readonly said: readonly string[];
}

/** A provider that takes some questions only. */
export interface Specialist {
  readonly name: string;
  readonly takes: Takes | null;
}

/** When something may wait. */
export interface RoutingRules {
  /** Uploads of this priority and below may wait. */
  readonly laterPriority: number;
  /** Uploads with no other reasons than these may wait. */
  readonly laterReasons: readonly Reason[];
}

/** Routes by rules: what has nothing to ask is settled, what is unimportant waits, the rest goes now. */
export function createRuleRouter(
  { laterPriority, laterReasons }: RoutingRules,
  specialists: readonly Specialist[] = [],
  askRouter: AskRouter = () => ({ begin: 'cheap', because: '' }),
  beside: LearntRouter | null = null,
): Router {
  const whenOf = ({ kind, words, audioSeconds, hasSummary, priority, reasons }: RoutingFeatures) => {
    const isEmpty = kind === 'voice' ? (words ?? 0) === 0 && audioSeconds === 0 : !hasSummary;
    if (isEmpty) return { route: 'settle', because: 'nothing that may leave is a question' } as const;
    if (priority <= laterPriority) return { route: 'later', because: `priority ${priority}` } as const;
    if (reasons.length > 0 && reasons.every((reason) => laterReasons.includes(reason))) {
      return { route: 'later', because: reasons.join(' ') } as const;
    }
    return { route: 'now', because: reasons.join(' ') } as const;
  };
  return (features, upload) => {
    const taking = specialists.filter(({ takes }) => takes !== null && isTaken(upload, takes));
    const asks = { specialists: taking.map(({ name }) => name), ...askRouter(features, upload) };
    if (beside === null) return { ...whenOf(features), asks };
    const would = { candidate: beside.name, ...beside.route(features, upload) };
    return { ...whenOf(features), asks: { ...asks, beside: would } };
  };
}

function isTaken({ source, label, transcript }: Unrouted, { sources, labels, said }: Takes): boolean {
  if (!matchesAny(sources, source)) return false;
  // A label that may not leave is none to go by, unless any will do.
  if (!(labels.includes('*') || (label !== null && matchesAny(labels, label)))) return false;
  if (said.length === 0) return true;
  const spoken = wordsOf(transcript ?? '');
  return said.some((words) => spoken.includes(wordsOf(words)));
}

/** Words in lower case, each with a space before and behind it. */
function wordsOf(text: string): string {
  return ` ${(text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []).join(' ')} `;
}

/** The router of a configuration: rules, specialists, and what was learnt of whom to ask first. */
export function createConfiguredRouter(
  { routing, providers }: Pick<UplinkConfig, 'routing' | 'providers'>,
  loadAskRouter: (path: string) => LearntRouter,
): Router {
  const [learnt, beside] = [routing.learnt, routing.beside].map((path) =>
    path === null ? null : loadAskRouter(path),
  );
  return createRuleRouter(routing, providers, learnt?.route, beside);
}

/** Decides on an upload. */
export function routeOf(upload: Unrouted, local: RoutingFeatures['local'], router: Router): Routing {
  const features = featuresOf(upload, local);
  return { ...router(features, upload), features };
}

function featuresOf(upload: Unrouted, local: RoutingFeatures['local']): RoutingFeatures {
  const { kind, priority, reasons, trail, transcript, clip, summary } = upload;
  const judged = (trail ?? []).findLast((entry) => entry.kind !== 'abstain');
  return {
    kind,
    priority,
    reasons: reasons ?? [],
    confidence: judged === undefined ? null : judged.confidence,
    words: transcript === null ? null : countWords(transcript),
    audioSeconds: clip === null ? 0 : clip.pcm.length / clip.rateHz,
    hasSummary: summary !== null && summary !== undefined,
    local,
  };
}
