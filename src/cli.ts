#!/usr/bin/env node
import { Command } from 'commander';
import { registerBench } from './commands/bench.js';
import { registerCloudEmulator } from './commands/cloud-emulator.js';
import type { RegisterCommand } from './commands/command.js';
import { registerDevices } from './commands/devices.js';
import { registerDoctor } from './commands/doctor.js';
import { registerEvents } from './commands/events.js';
import { registerFaults } from './commands/faults.js';
import { registerInit } from './commands/init.js';
import { registerOutbox } from './commands/outbox.js';
import { registerRecord } from './commands/record.js';
import { registerReplay } from './commands/replay.js';
import { registerRun } from './commands/run.js';
import { registerSchema } from './commands/schema.js';
import { CatnapError, EXIT, exitCodeOf } from './core/errors.js';
import { version } from './version.js';

const commands: readonly RegisterCommand[] = [
  registerBench,
  registerCloudEmulator,
  registerDevices,
  registerDoctor,
  registerEvents,
  registerFaults,
  registerInit,
  registerOutbox,
  registerRecord,
  registerReplay,
  registerRun,
  registerSchema,
];

const program = new Command('catnap')
  .description('Always-on cascade for listening and sensing devices.')
  .version(version)
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));
for (const register of commands) register(program);

/** Ends at once: what was opened before the failure must not keep the process alive. */
function fail(error: unknown): never {
  process.stderr.write(`catnap: ${error instanceof CatnapError ? error.message : String(error)}\n`);
  process.exit(exitCodeOf(error));
}

process.on('uncaughtException', fail);
try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
