import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { CatnapError } from '../../core/errors.js';
import { systemTime } from '../process/system-clock.js';
import { Heartbeat } from './heartbeat.js';
import { MainSignals } from './main-signals.js';
import { NapCollector } from './nap-collector.js';
import { type PipelineFactory, serveSource } from './source-serve.js';
import type { WorkerSeat } from './worker-protocol.js';

/** Serves in the worker thread that this runs in whatever sources the main thread sends. */
export function serveSources(create: PipelineFactory): void {
  if (parentPort === null) throw new CatnapError('INTERNAL', 'sources are served in a worker thread only');
  const main = new MainSignals(workerData as SharedArrayBuffer);
  const heartbeat = new Heartbeat(main, systemTime.timer, abortProcess);
  const shared = { ...systemTime, main, collector: new NapCollector(), onBeat: heartbeat.each };
  parentPort.on('message', ({ start, port }: WorkerSeat) => {
    void serveSource({ ...shared, start, port }, create);
  });
}

function abortProcess(why: string): void {
  writeSync(2, `catnap: ${why}; ending\n`);
  process.kill(process.pid, 'SIGABRT');
}
