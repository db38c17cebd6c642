import { Command } from 'commander';
import type { RegisterCommand } from './commands/command.js';
import { CatnapError, EXIT, exitCodeOf, remedyOf } from './core/errors.js';
import { relaunch } from './runtime/process/relaunch.js';
import { version } from './runtime/process/version.js';

/** Each is loaded when it is named, so that `run` does not hold what only `bench` needs. */
const commands: Readonly<Record<string, () => Promise<RegisterCommand>>> = {
  bench: async () => (await import('./commands/bench.js')).registerBench,
  'cloud-emulator': async () => (await import('./commands/cloud-emulator.js')).registerCloudEmulator,
  devices: async () => (await import('./commands/devices.js')).registerDevices,
  drift: async () => (await import('./commands/drift.js')).registerDrift,
  doctor: async () => (await import('./commands/doctor.js')).registerDoctor,
  events: async () => (await import('./commands/events.js')).registerEvents,
  fleet: async () => (await import('./commands/fleet.js')).registerFleet,
  faults: async () => (await import('./commands/faults.js')).registerFaults,
  init: async () => (await import('./commands/init.js')).registerInit,
  learn: async () => (await import('./commands/learn.js')).registerLearn,
  models: async () => (await import('./commands/models.js')).registerModels,
  outbox: async () => (await import('./commands/outbox.js')).registerOutbox,
  promote: async () => (await import('./commands/promote.js')).registerPromote,
  record: async () => (await import('./commands/record.js')).registerRecord,
  replay: async () => (await import('./commands/replay.js')).registerReplay,
  rollback: async () => (await import('./commands/promote.js')).registerRollback,
  run: async () => (await import('./commands/run.js')).registerRun,
  schema: async () => (await import('./commands/schema.js')).registerSchema,
  shadow: async () => (await import('./commands/shadow.js')).registerShadow,
  tune: async () => (await import('./commands/tune.js')).registerTune,
  'what-if': async () => (await import('./commands/what-if.js')).registerWhatIf,
  worker: async () => (await import('./commands/worker.js')).registerWorker,
  words: async () => (await import('./commands/words.js')).registerWords,
};

const program = new Command('catnap')
  .description('Always-on cascade for listening and sensing devices.')
  .version(version)
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));
const [first = ''] = process.argv.slice(2);
// It listens for days; the others are over in a while.
if (first === 'run') relaunch();

/** Ends at once: what was opened before the failure must not keep the process alive. */
function fail(error: unknown): never {
  // The reader of a pipe has seen enough, as in `catnap doctor | head -1`: nothing went wrong.
  if (isWriteError(error) && error.code === 'EPIPE') process.exit(EXIT.ok);
  // Ctrl-C at a question, or the end of the input.
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write('\ncatnap: interrupted, nothing was written\n');
    process.exit(EXIT.tempFail);
  }
  process.stderr.write(`catnap: ${error instanceof CatnapError ? error.message : String(error)}\n`);
  if (isWriteError(error)) process.exit(EXIT.ioErr);
  if (error instanceof Error && 'code' in error && error.code === 'EMFILE') {
    process.stderr.write('  -> Allow it more open files: `ulimit -n` of 256 is enough for one source.\n');
    process.exit(EXIT.unavailable);
  }
  process.stderr.write(`  -> ${remedyOf(error)}\n`);
  process.exit(exitCodeOf(error));
}

/** An output that could not be written, as a full disk behind a redirection. */
function isWriteError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && error.syscall === 'write';
}

/** Ends a command whose output nobody gets. */
function failToPrint(cause: NodeJS.ErrnoException): never {
  if (cause.code === 'EPIPE') fail(cause);
  process.stderr.write(`catnap: standard output: expected to write there, found ${cause.message}\n`);
  process.exit(EXIT.ioErr);
}

process.on('uncaughtException', fail);
// It goes on whoever reads what it prints.
if (first !== 'run') process.stdout.on('error', failToPrint);
try {
  for (const name of Object.hasOwn(commands, first) ? [first] : Object.keys(commands)) {
    (await commands[name]?.())?.(program);
  }
  await program.parseAsync();
} catch (error) {
  fail(error);
}
