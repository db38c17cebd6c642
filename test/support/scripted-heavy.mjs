// A heavy process whose one stage and recogniser do as the first sample of the window tells them.
import { serveHeavy } from '../../dist/runtime/heavy/heavy-serve.js';
import { systemTimer } from '../../dist/runtime/process/system-clock.js';

const CRASH = 1;
const HANG = 2;
const THROW = 3;
const SLOW = 4;
const SLOW_MS = 700;

function misbehave(order) {
  if (order === CRASH) process.kill(process.pid, 'SIGSEGV');
  if (order === HANG || order === CRASH) for (;;);
  const startedMs = performance.now();
  while (order === SLOW && performance.now() - startedMs < SLOW_MS);
  if (order === THROW) throw new Error('scripted');
}

let askedSinceReset = 0;

const stage = {
  name: 'verifier',
  budgetMs: 1000,
  reset() {
    askedSinceReset = 0;
  },
  async dispose() {},
  decide(window) {
    misbehave(window.data[0]);
    askedSinceReset += 1;
    return {
      kind: 'accept',
      stage: 'verifier',
      label: 'word',
      score: askedSinceReset,
      confidence: 0.9,
      contributions: [],
    };
  },
  endOf(window, label) {
    misbehave(window.data[0]);
    return label === 'word' ? window.startSample + window.data.length : null;
  },
};

const recogniser = {
  name: 'words',
  budgetMs: 1000,
  async dispose() {},
  async recognise(window) {
    misbehave(window.data[0]);
    return { kind: 'transcript', stage: 'words', text: `${window.data.length} samples`, confidence: 1 };
  },
};

serveHeavy(async (description) => {
  if (description === 'corrupt') {
    const { CatnapError } = await import('../../dist/core/errors.js');
    throw new CatnapError('MODEL_CORRUPT', 'scripted');
  }
  if (description === 'crash-at-load') process.kill(process.pid, 'SIGSEGV');
  if (description === 'unplacing') return { kind: 'stage', stage: { ...stage, endOf: undefined } };
  if (description === 'deaf') {
    const deaf = { ...stage, decide: (window) => ({ ...stage.decide(window), kind: 'reject' }) };
    return { kind: 'stage', stage: deaf };
  }
  return description === 'recogniser' ? { kind: 'recogniser', recogniser } : { kind: 'stage', stage };
}, systemTimer);
