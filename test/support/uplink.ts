import { join } from 'node:path';
import type { Escalation } from '../../src/core/cascade/escalation.js';
import type { CascadeEvent, CascadeEventType, EventOf } from '../../src/core/events/events.js';
import { uplinkSchema } from '../../src/runtime/config.js';
import { uplinkEdges } from '../../src/runtime/uplink-edges.js';
import { type AuditRow, auditRows } from '../../src/uplink/accounts/audit.js';
import { openStoreCopy } from '../../src/uplink/queue/store-copy.js';
import type { Upload } from '../../src/uplink/queue/upload.js';
import { createUplink, type UplinkDeps } from '../../src/uplink/uplink.js';

let count = 0;

/** An escalation of a short order, with whatever a test wants different. */
export function escalation(overrides: Partial<Escalation> = {}): Escalation {
  const id = count++;
  return {
    key: `run-1/mic/d${id}`,
    detection: `mic/d${id}`,
    source: 'mic',
    sample: 16_000 * id,
    wallTime: '2026-01-01T00:00:00.000Z',
    label: 'computer',
    reasons: ['no-match'],
    trail: [],
    priority: 0,
    features: { unknownWords: 2 },
    answeredHere: false,
    transcript: 'what is the weather like tomorrow',
    summary: null,
    clip: null,
    ...overrides,
  };
}

/** Events an uplink published, and a way to wait for them. */
export class Published {
  readonly events: CascadeEvent[] = [];
  #wake: (() => void) | null = null;

  readonly publish = (event: CascadeEvent): void => {
    this.events.push(event);
    this.#wake?.();
  };

  of<T extends CascadeEventType>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Resolves once `condition` holds; the test's own time-out bounds it. */
  async until(condition: (published: Published) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** An uplink to one plain far end, with short waits. */
export async function uplinkTo(
  url: string,
  published: Published,
  config: Parameters<typeof uplinkSchema.parse>[0] & object = {},
  deps: Partial<UplinkDeps> = {},
) {
  const parsed = uplinkSchema.parse({
    providers: [{ kind: 'plain', name: 'cloud', url }],
    retry: { initialDelayMs: 20, maxDelayMs: 200 },
    budget: [],
    ...config,
  });
  return createUplink(parsed, {
    publish: published.publish,
    ...uplinkEdges('.'),
    run: 'run-1',
    stateDir: null,
    ...deps,
  });
}

const NOW: Upload['routing'] = {
  route: 'now',
  because: 'no-match',
  asks: { specialists: [], begin: 'cheap', because: '' },
  features: {
    kind: 'voice',
    priority: 0,
    reasons: ['no-match'],
    confidence: null,
    words: 7,
    audioSeconds: 0,
    hasSummary: false,
    local: {},
  },
};

/** An upload as the way out would let it out. */
export function upload(overrides: Partial<Upload> = {}): Upload {
  const { key, detection, source, sample, wallTime, priority } = escalation();
  return {
    key,
    kind: 'voice',
    rule: 'voice',
    redactions: 0,
    routing: NOW,
    detection,
    source,
    sample,
    wallTime,
    priority,
    answeredHere: false,
    label: 'computer',
    reasons: ['no-match'],
    trail: [],
    transcript: 'what is the weather like tomorrow',
    summary: null,
    clip: null,
    ...overrides,
  };
}

/** Rows of the audit of an uplink that is closed, oldest first. */
export async function auditOf(stateDir: string): Promise<AuditRow[]> {
  const store = await openStoreCopy(join(stateDir, 'uplink'));
  const rows: AuditRow[] = [];
  for await (const row of auditRows(store, null, null)) rows.push(row);
  await store.close();
  return rows;
}
