/** Script of the thread that runs the heavy process for all sources. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { HeavyThreadOrder, HeavyThreadReport } from './heavy/heavy-host.js';
import { HeavyProcess } from './heavy/heavy-process.js';
import type { LineReply, LineRequest } from './heavy/heavy-protocol.js';
import { systemTime } from './process/system-clock.js';

/** Time for the heavy process to start and load a model, on the slowest board. */
const WAKE_MS = 15_000;

const report = (told: HeavyThreadReport): void => parentPort?.postMessage(told);
const heavy = new HeavyProcess({
  wakeMs: WAKE_MS,
  ...systemTime,
  onChild: (pid) => report({ kind: 'heavy-pid', pid }),
});

parentPort?.on('message', (order: HeavyThreadOrder) => {
  switch (order.kind) {
    case 'open':
      serve(order.source, order.warmMs, order.port);
      return;
    case 'end':
      void heavy.dispose().then(() => parentPort?.close());
      return;
    default:
      order satisfies never;
  }
});

function serve(source: string, warmMs: number, port: MessagePort): void {
  const line = heavy.open({ source, warmMs, tell: (reply: LineReply) => port.postMessage(reply) });
  port.on('message', (request: LineRequest) => line.receive(request));
  port.on('close', () => line.close());
}
