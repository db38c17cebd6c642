import type { Reason } from '../core/events/events.js';
import type { Routing, RoutingFeatures, Upload } from './queue/upload.js';

/** Decides where an admitted upload goes. The rules below are one; a learned one has the same shape. */
export type Router = (features: RoutingFeatures) => Pick<Routing, 'route' | 'because'>;

/** When something may wait. */
export interface RoutingRules {
  /** Uploads of this priority and below may wait. */
  readonly laterPriority: number;
  /** Uploads with no other reasons than these may wait. */
  readonly laterReasons: readonly Reason[];
}

/** Routes by rules: what has nothing to ask is settled, what is unimportant waits, the rest goes now. */
export function createRuleRouter({ laterPriority, laterReasons }: RoutingRules): Router {
  return ({ kind, words, audioSeconds, hasSummary, priority, reasons }) => {
    const isEmpty = kind === 'voice' ? (words ?? 0) === 0 && audioSeconds === 0 : !hasSummary;
    if (isEmpty) return { route: 'settle', because: 'nothing that may leave is a question' };
    if (priority <= laterPriority) return { route: 'later', because: `priority ${priority}` };
    if (reasons.length > 0 && reasons.every((reason) => laterReasons.includes(reason))) {
      return { route: 'later', because: reasons.join(' ') };
    }
    return { route: 'now', because: reasons.join(' ') };
  };
}

/** Decides on an upload. */
export function routeOf(
  upload: Omit<Upload, 'routing'>,
  local: RoutingFeatures['local'],
  router: Router,
): Routing {
  const features = featuresOf(upload, local);
  return { ...router(features), features };
}

function featuresOf(upload: Omit<Upload, 'routing'>, local: RoutingFeatures['local']): RoutingFeatures {
  const { kind, priority, reasons, trail, transcript, clip, summary } = upload;
  const judged = (trail ?? []).findLast((entry) => entry.kind !== 'abstain');
  return {
    kind,
    priority,
    reasons: reasons ?? [],
    confidence: judged === undefined ? null : judged.confidence,
    words: transcript === null ? null : transcript.split(/\s+/).filter((word) => word !== '').length,
    audioSeconds: clip === null ? 0 : clip.pcm.length / clip.rateHz,
    hasSummary: summary !== null && summary !== undefined,
    local,
  };
}
