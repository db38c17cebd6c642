/** `catnap/testing`: what Catnap's own tests are made of, for tests of one's own. */
import type { simulate as Simulate } from '../simulator/simulate.js';

export { type Behaviour, Emulator, type EmulatorOptions, type Refusal } from '../emulator/emulator.js';
export { LoudnessStage, ScriptedRecogniser, ScriptedSource, stillClock } from '../emulator/scripted.js';
export type { Simulation, SimulationOptions } from '../simulator/simulate.js';
export { VirtualTime } from '../simulator/virtual-time.js';

/**
 * Runs days of Catnap in virtual time under faults that a seed draws, and looks at every step whether anything was that
 * must not be. What it runs is loaded when it is called.
 */
export const simulate: typeof Simulate = async (options) =>
  (await import('../simulator/simulate.js')).simulate(options);
