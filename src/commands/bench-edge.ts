import type { Command } from 'commander';
import { EXIT } from '../core/errors.js';
import { progressOver } from './bench-common.js';
import { wholeNumber } from './whole-number.js';

interface RemoteFlags {
  readonly questions: number;
  readonly events: number;
  readonly port: number;
}

interface FleetFlags {
  readonly devices: number;
  readonly company: number;
  readonly words: number;
  readonly heardBy: number;
  readonly every: number;
  readonly workers: number;
}

/** `catnap bench remote` and `catnap bench fleet`: what the edge tier costs. */
export function registerBenchEdge(bench: Command): void {
  bench
    .command('remote')
    .description('a remote stage on loopback: latency on top, CPU of the device, what is lost under kills')
    .option('--questions <n>', 'questions whose latency is measured', wholeNumber(1), 200)
    .option('--events <n>', 'questions while workers and broker are killed', wholeNumber(16), 10_000)
    .option('--port <n>', 'port of a Mosquitto of its own', wholeNumber(1), 18_830)
    .option('--json', 'print JSON, as it always does', true)
    .action(async (flags: RemoteFlags) => {
      const { benchRemote } = await import('../bench/remote.js');
      const progress = progressOver(flags.questions + flags.events, 'questions');
      const figures = await benchRemote(flags, process.argv[1] ?? '', progress.step).finally(progress.stop);
      process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
      if (figures.kills.lost + figures.kills.wrong > 0) process.exitCode = EXIT.software;
      // Threads of native libraries need not be waited for.
      process.exit();
    });
  bench
    .command('fleet')
    .description('what a fleet asks of its broker in an hour: sessions, messages, bytes')
    .option('--devices <n>', 'devices', wholeNumber(1), 1000)
    .option('--company <n>', 'devices that may hear the same word', wholeNumber(1), 4)
    .option('--words <n>', 'words that a device hears an hour', wholeNumber(0), 10)
    .option('--heard-by <n>', 'devices that hear the same word', wholeNumber(1), 2)
    .option('--every <seconds>', 'how often figures are told', wholeNumber(1), 60)
    .option('--workers <n>', 'workers', wholeNumber(0), 8)
    .option('--json', 'print JSON, as it always does', true)
    .action(async ({ devices, company, words, heardBy, every, workers }: FleetFlags) => {
      const { benchFleet } = await import('../bench/fleet.js');
      const load = { devices, company, wordsPerHour: words, heardBy, everyMs: every * 1000, workers };
      process.stdout.write(`${JSON.stringify(await benchFleet(load), null, 2)}\n`);
    });
}
