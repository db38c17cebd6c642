/** `catnap/testing`: what Catnap's own tests are made of, for tests of one's own. */
export { type Behaviour, Emulator, type EmulatorOptions, type Refusal } from '../emulator/emulator.js';
export { LoudnessStage, ScriptedRecogniser, ScriptedSource, stillClock } from '../emulator/scripted.js';
