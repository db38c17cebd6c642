import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { type FirstToken, measureFirstToken, measureOutbox, type OutboxCost } from '../bench/uplink-cost.js';
import { type CutRun, type FullDiskRun, measureCuts, measureFullDisk } from '../bench/uplink-disk.js';
import { type FaultRun, runFaults } from '../bench/uplink-faults.js';
import { EXIT } from '../core/errors.js';
import { wholeNumber } from './whole-number.js';

interface Flags {
  readonly events: number;
  readonly killEvery: number;
  readonly rounds: number;
  readonly seed: number;
  readonly fullDisk?: string;
  readonly json: boolean;
}

const CONNECT_MS = 150;
const THINK_MS = 50;
const OUTBOX_EVENTS = 500;

/** `catnap bench uplink`: what becomes of events when everything fails, and what keeping them costs. */
export function registerBenchUplink(bench: Command): void {
  bench
    .command('uplink')
    .description('events through a failing cloud and kill -9; cost of the outbox; time to the first token')
    .option('--events <n>', 'events of the fault run', wholeNumber(0), 10_000)
    .option('--kill-every <ms>', 'kill -9 this often; 0 never', wholeNumber(0), 3_000)
    .option('--rounds <n>', 'answers timed with and without speculative opening', wholeNumber(0), 100)
    .option('--seed <n>', 'seed of the faults', wholeNumber(0), 1)
    .option(
      '--full-disk <folder>',
      'also fill the small disk this is on (mount -t tmpfs -o size=3m tmpfs FOLDER)',
    )
    .option('--json', 'print the figures as JSON', false)
    .action(run);
}

async function run({ events, killEvery, rounds, seed, fullDisk, json }: Flags): Promise<void> {
  const progress = progressOver(events);
  const faults = await runFaults({ events, killEveryMs: killEvery, seed, onProgress: progress.at }).finally(
    progress.stop,
  );
  const cuts = await measureCuts();
  const full = fullDisk === undefined ? null : await measureFullDisk(fullDisk);
  const outbox = await measureOutbox(OUTBOX_EVENTS);
  const firstToken = await measureFirstToken(CONNECT_MS, THINK_MS, rounds);
  process.stdout.write(
    json
      ? `${JSON.stringify({ faults, cuts, fullDisk: full, outbox, firstToken })}\n`
      : render(faults, cuts, full, outbox, firstToken),
  );
  const { lost, duplicates, wronglyDead, outOfOrder } = faults;
  const broken = cuts.wrong + (full?.lost ?? 0);
  if (lost + duplicates + wronglyDead + outOfOrder + broken > 0) process.exitCode = EXIT.software;
}

function render(
  faults: FaultRun,
  cuts: CutRun,
  full: FullDiskRun | null,
  outbox: OutboxCost,
  first: FirstToken,
): string {
  const met = Object.entries(faults.faults).map(([name, count]) => `${name} ${count}`);
  const rows: [string, string | number][] = [
    ['offered', faults.offered],
    ['delivered', faults.delivered],
    ['lost', faults.lost],
    ['done twice by the far end', faults.duplicates],
    ['sent again under their key', faults.repeats],
    [
      'dead-lettered',
      `${faults.deadLettered} (${faults.poisonous} poisonous, ${faults.wronglyDead} wrongly)`,
    ],
    ['out of order within a source', faults.outOfOrder],
    ['kill -9', faults.kills],
    ['faults met', met.join(', ')],
    ['connections', faults.connections],
    ['seconds', faults.seconds.toFixed(1)],
    [
      'last write cut at each byte',
      `${cuts.offsets} offsets: ${cuts.prefix} without the event, ${cuts.whole} with it, ${cuts.wrong} otherwise`,
    ],
    ['disk full', full === null ? 'not measured (--full-disk)' : fullOf(full)],
    ['offer, durable', `${outbox.offerMs.p50.toFixed(2)} ms median, ${outbox.offerMs.p99.toFixed(2)} ms p99`],
    [
      'offer, in memory',
      `${outbox.inMemoryOfferMs.p50.toFixed(2)} ms median, ${outbox.inMemoryOfferMs.p99.toFixed(2)} ms p99`,
    ],
    [
      'written for an event',
      `${outbox.bytesPerEvent.toFixed(0)} bytes in records, ${deviceOf(outbox)} (event ${outbox.eventBytes} bytes)`,
    ],
    ['first token, cold', `${first.cold.p50.toFixed(0)} ms median, ${first.cold.p99.toFixed(0)} ms p99`],
    [
      'first token, opened ahead',
      `${first.speculative.p50.toFixed(0)} ms median, ${first.speculative.p99.toFixed(0)} ms p99`,
    ],
    ['far end emulated', `${first.connectMs} ms to connect, ${first.thinkMs} ms to think`],
    [
      'a refused speculation',
      `${first.bytesPerRefusal.toFixed(0)} bytes (${first.refusedSpeculations} counted)`,
    ],
  ];
  return rows.map(([name, value]) => `${name.padEnd(30)}${value}\n`).join('');
}

function fullOf({ offered, accepted, refused, acceptedAfter, delivered, lost }: FullDiskRun): string {
  const then = `${acceptedAfter} more once there was room`;
  return `${offered} offered, ${accepted} accepted, ${refused} refused and told, ${then}; ${delivered} delivered, ${lost} lost`;
}

function deviceOf({ deviceBytesPerEvent }: OutboxCost): string {
  return deviceBytesPerEvent === null
    ? 'unknown on the device'
    : `${deviceBytesPerEvent.toFixed(0)} on the device`;
}

function progressOver(total: number): { readonly at: (done: number) => void; readonly stop: () => void } {
  if (!process.stderr.isTTY) return { at: () => {}, stop: () => {} };
  const bar = new SingleBar({ format: '{bar} {value}/{total} delivered', stream: process.stderr });
  bar.start(total, 0);
  return { at: (done) => bar.update(done), stop: () => bar.stop() };
}
