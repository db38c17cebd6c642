import { writeSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { CatnapError } from '../../core/errors.js';
import type { HeavyThreadEdge } from '../heavy/heavy-host.js';
import { systemTime } from '../process/system-clock.js';
import { Heartbeat } from './heartbeat.js';
import { MainSignals } from './main-signals.js';
import { NapCollector } from './nap-collector.js';
import { type PipelineFactory, serveSource } from './source-serve.js';
import type { WorkerSeat } from './worker-protocol.js';

/** Runs the heavy process for whoever opens a line by `port`; `edge`: where workers of the house are asked first. */
export type HeavyServer = (edge: HeavyThreadEdge | null, port: MessagePort) => Promise<void>;

/**
 * Serves in the worker thread that this runs in whatever the main thread sends.
 * @param serveHeavy left out where no heavy process is to be run
 */
export function serveThread(create: PipelineFactory, serveHeavy?: HeavyServer): void {
  if (parentPort === null) throw new CatnapError('INTERNAL', 'sources are served in a worker thread only');
  const main = new MainSignals(workerData as SharedArrayBuffer);
  const heartbeat = new Heartbeat(main, systemTime.timer, abortProcess);
  const shared = { ...systemTime, main, collector: new NapCollector(), onBeat: heartbeat.each };
  parentPort.on('message', (seat: WorkerSeat) => {
    if (seat.kind === 'heavy') void serveHeavy?.(seat.edge, seat.port);
    else void serveSource({ ...shared, ...seat }, create);
  });
}

function abortProcess(why: string): void {
  writeSync(2, `catnap: ${why}; ending\n`);
  process.kill(process.pid, 'SIGABRT');
}
