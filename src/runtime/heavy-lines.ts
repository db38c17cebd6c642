import type { MessagePort } from 'node:worker_threads';
import type { EdgeWay } from './edge/edge-line.js';
import type { HeavyThreadEdge, HeavyThreadOrder, HeavyThreadReport } from './heavy/heavy-host.js';
import { type HeavyClient, HeavyProcess, type OpenLine } from './heavy/heavy-process.js';
import type { LineReply, LineRequest } from './heavy/heavy-protocol.js';
import { systemTime } from './process/system-clock.js';

/** Time for the heavy process to start and load a model, on the slowest board. */
const WAKE_MS = 15_000;

/**
 * Runs the heavy process for all sources, in the thread that calls it.
 * @param edge workers of the house that are asked before it; null: none
 * @param port where the main thread orders and is told
 */
export async function serveHeavyLines(edge: HeavyThreadEdge | null, port: MessagePort): Promise<void> {
  const report = (told: HeavyThreadReport): void => port.postMessage([told]);
  const heavy = new HeavyProcess({
    wakeMs: WAKE_MS,
    ...systemTime,
    onChild: (pid) => report({ kind: 'heavy-pid', pid }),
  });
  const open = await opener(edge, heavy, report);
  port.on('message', (order: HeavyThreadOrder) => {
    switch (order.kind) {
      case 'open':
        serve(open, order);
        return;
      case 'end':
        void Promise.all([heavy.dispose(), open.end()]).then(() => report({ kind: 'ended' }));
        return;
      default:
        order satisfies never;
    }
  });
}

function serve(open: Opener, { source, warmMs, port }: Extract<HeavyThreadOrder, { kind: 'open' }>): void {
  const line = open.line({ source, warmMs, tell: (reply: LineReply) => port.postMessage(reply) });
  port.on('message', (request: LineRequest) => line.receive(request));
  port.on('close', () => line.close());
}

interface Opener {
  line(client: HeavyClient): OpenLine;
  end(): Promise<void>;
}

/** Lines to the heavy process, or to workers of the house before it; the broker's library is loaded for those alone. */
async function opener(
  edge: HeavyThreadEdge | null,
  heavy: HeavyProcess,
  report: (told: HeavyThreadReport) => void,
): Promise<Opener> {
  if (edge === null) return { line: (client) => heavy.open(client), end: async () => {} };
  const { openEdge } = await import('./edge/open-edge.js');
  const { EdgeLine } = await import('./edge/edge-line.js');
  const way: EdgeWay = openEdge(edge, report);
  return { line: (client) => new EdgeLine(client, heavy, way), end: () => way.asker.close() };
}
