import { uplinkSchema } from '../runtime/config.js';
import { systemSleep } from '../runtime/process/system-clock.js';
import { uplinkEdges } from '../runtime/uplink-edges.js';
import { createUplink } from '../uplink/uplink.js';
import { faultEscalation } from './uplink-events.js';

/** What the child of a fault run is told. */
export interface ChildTask {
  readonly url: string;
  readonly stateDir: string;
  /** First event to offer, and one past the last. */
  readonly from: number;
  readonly to: number;
}

/** What it says: it stands, event `offered` is on the disk, or the outbox is empty. */
export type ChildReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'offered'; readonly index: number }
  | { readonly kind: 'undelivered'; readonly outcome: string }
  | { readonly kind: 'empty' };

const WAIT_MS = 20;

process.once('message', (task: ChildTask) => void run(task));

async function run({ url, stateDir, from, to }: ChildTask): Promise<void> {
  const tell = (report: ChildReport) => process.send?.(report);
  const config = uplinkSchema.parse({
    providers: [{ kind: 'plain', name: 'far-end', url }],
    deadlines: { connectMs: 1_000, replyMs: 1_000, heartbeatMs: 400 },
    retry: { initialDelayMs: 5, maxDelayMs: 200 },
    outbox: { maxCount: 100_000, maxBytes: 1024 * 1024 * 1024, maxDeadLetters: 100_000 },
    budget: [],
  });
  const uplink = await createUplink(config, {
    publish: (event) => {
      if (event.type === 'undelivered') tell({ kind: 'undelivered', outcome: event.outcome });
    },
    ...uplinkEdges('.'),
    run: 'bench',
    stateDir,
  });
  tell({ kind: 'ready' });
  for (let index = from; index < to; index++) {
    await uplink.offer(faultEscalation(index));
    tell({ kind: 'offered', index });
  }
  while (uplink.stats().waiting.count > 0) await systemSleep(WAIT_MS);
  await uplink.close(1_000);
  tell({ kind: 'empty' });
  process.disconnect();
}
