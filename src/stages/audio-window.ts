import type { Window } from '../core/stage.js';
import { type Engine, floatsNamed } from '../engines/engine.js';

/**
 * Copies the end of a window into a model's audio input: its last samples, silence in front where there are
 * fewer.
 */
export function showEnd(window: Window, engine: Engine): void {
  const input = floatsNamed(engine.inputs, engine.inputs[0]?.name ?? '', engine.model);
  const { data } = window;
  const shown = Math.min(data.length, input.length);
  input.fill(0, 0, input.length - shown);
  input.set(data.subarray(data.length - shown), input.length - shown);
}
