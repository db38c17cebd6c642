// What an `.eim` does, spoken as the real ones speak it: a server of one client at the unix socket that it is named,
// JSON a line, `hello` once, slices in order. Its network is toy: how loud the last second is.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const WINDOW = 16_000;
const SLICE = 4000;
// Beside the executable stands what it is to do wrong, and what it was asked.
const [executable, socketPath] = process.argv.slice(2);
const faults = existsSync(`${executable}.faults`) ? readFileSync(`${executable}.faults`, 'utf8') : '';
const note = (line) => appendFileSync(`${executable}.log`, `${line}\n`);
note(`start ${process.pid}`);
let isInitialised = false;
let window = [];

const parameters = {
  axis_count: 1,
  frequency: 16_000,
  has_anomaly: 0,
  image_channel_count: 0,
  input_features_count: WINDOW,
  interval_ms: 0.0625,
  label_count: 2,
  labels: ['beep', 'noise'],
  model_type: faults.includes('image') ? 'object_detection' : 'classification',
  sensor: 1,
  slice_size: SLICE,
  use_continuous_mode: !faults.includes('whole'),
  thresholds: [],
};

function classified(values) {
  const power = values.reduce((sum, value) => sum + (value / 32_768) ** 2, 0) / values.length;
  const beep = Math.min(1, power * 20);
  return {
    result: { classification: { beep, noise: 1 - beep } },
    timing: { dsp: 1, classification: 1, anomaly: 0 },
  };
}

function answer({ id, hello, classify, classify_continuous: slice }) {
  if (hello === 1 && isInitialised)
    return { id, success: false, error: "Invalid message 'hello', already initialized" };
  if (hello === 1) {
    isInitialised = true;
    return { id, success: true, project: { name: 'toy', owner: 'toys' }, model_parameters: parameters };
  }
  const [given, expected, what] = slice
    ? [slice, SLICE, 'classify_continuous']
    : [classify, WINDOW, 'classify'];
  note(`${what} ${given.length} ${Math.max(...given)}`);
  if (given.length !== expected)
    return {
      id,
      success: false,
      error: `Invalid number of features in '${what}', expected ${expected} but got ${given.length}`,
    };
  window = slice ? [...window, ...slice].slice(-WINDOW) : classify;
  return { id, success: true, ...classified(window) };
}

createServer((socket) => {
  let pending = '';
  let asked = 0;
  socket.on('data', (bytes) => {
    pending += bytes;
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const question = JSON.parse(pending.slice(0, end));
      pending = pending.slice(end + 1);
      if (question.hello === undefined) asked += 1;
      if (faults.includes('dies') && asked === 3) process.exit(139);
      if (faults.includes('hangs') && asked === 3) continue;
      if (faults.includes('never') && asked > 0) process.exit(1);
      const reply = `${JSON.stringify(answer(question))}\n`;
      // In pieces, and another's late answer before it.
      socket.write(`${JSON.stringify({ id: 9999, success: true })}\n${reply.slice(0, 7)}`);
      setImmediate(() => socket.write(reply.slice(7)));
    }
  });
}).listen(socketPath);
