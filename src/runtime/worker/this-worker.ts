import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { CatnapError } from '../../core/errors.js';
import { systemTime } from '../process/system-clock.js';
import type { WorkerSurroundings } from './source-serve.js';
import type { WorkerStart } from './worker-protocol.js';

/** The worker thread that this runs in. */
export function thisWorker(): WorkerSurroundings {
  if (parentPort === null) throw new CatnapError('INTERNAL', 'a source worker runs in a worker thread only');
  return { ...systemTime, start: workerData as WorkerStart, port: parentPort, abortProcess };
}

function abortProcess(why: string): void {
  writeSync(2, `catnap: ${why}; ending\n`);
  process.kill(process.pid, 'SIGABRT');
}
