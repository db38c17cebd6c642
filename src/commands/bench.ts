import { registerBridge } from './bench-bridge.js';
import { registerBenchCommands } from './bench-commands.js';
import { registerBenchCost } from './bench-cost.js';
import { registerBenchDrift } from './bench-drift.js';
import { registerBenchEdge } from './bench-edge.js';
import { registerBenchEndpoint } from './bench-endpoint.js';
import { registerBenchJournal } from './bench-journal.js';
import { registerBenchJudges } from './bench-judges.js';
import { registerBenchRouter } from './bench-router.js';
import { registerBenchSensors } from './bench-sensors.js';
import { registerBenchSimulate } from './bench-simulate.js';
import { registerBenchSpeed } from './bench-speed.js';
import { registerBenchTune } from './bench-tune.js';
import { registerBenchUplink } from './bench-uplink.js';
import { registerBenchWake } from './bench-wake.js';
import { registerBenchWords } from './bench-words.js';
import type { RegisterCommand } from './command.js';

/** `catnap bench ...`: measures the runtime. */
export const registerBench: RegisterCommand = (program) => {
  const bench = program.command('bench').description('measure accuracy, speed and energy of the runtime');
  registerBenchWake(bench);
  registerBenchWords(bench);
  registerBenchCommands(bench);
  registerBenchEndpoint(bench);
  registerBenchDrift(bench);
  registerBenchRouter(bench);
  registerBenchSensors(bench);
  registerBenchSpeed(bench);
  registerBenchJournal(bench);
  registerBenchJudges(bench);
  registerBenchTune(bench);
  registerBenchUplink(bench);
  registerBenchSimulate(bench);
  registerBenchCost(bench);
  registerBenchEdge(bench);
  registerBridge(bench);
};
