import { EventEmitter } from 'node:events';
import type { Window } from '../core/cascade/stage.js';
import type { HeavyChild } from '../runtime/heavy/heavy-process.js';
import type { HeavyReply, HeavyRequest } from '../runtime/heavy/heavy-protocol.js';
import type { Answer } from '../runtime/heavy/heavy-remote.js';
import type { Life } from './life.js';
import { HARD_ORDER, KNOWN_ORDER, WORD } from './sounds.js';

/** How heavy processes do. */
export type HeavyState =
  | 'ok'
  | 'hung'
  | 'slow'
  | 'crashing'
  | 'unstartable'
  /** No descriptor is left for it. */
  | 'unspawnable'
  | 'corrupt'
  | 'misshapen'
  | 'no-number';

const LOAD_MS = 1_500;
const ANSWER_MS = 150;
const SLOW_MS = 20_000;
const NOTICEABLE = 0.4;

/** A heavy process: it hears by loudness, and fails as it is told to. */
export class SimulatedHeavy extends EventEmitter implements HeavyChild {
  readonly pid = 1;
  connected = true;

  constructor(
    private readonly life: Life,
    private readonly state: () => HeavyState,
  ) {
    super();
    if (state() === 'unstartable') life.timer(10, () => this.#exit(1, null));
    if (state() === 'unspawnable') life.timer(0, () => this.#fail());
  }

  send(request: HeavyRequest): void {
    const state = this.state();
    if (state === 'hung') return;
    if (state === 'crashing') {
      this.life.timer(20, () => this.#exit(null, 'SIGSEGV'));
      return;
    }
    const workMs = state === 'slow' ? SLOW_MS : request.kind === 'load' ? LOAD_MS : ANSWER_MS;
    this.life.timer(workMs, () => this.#reply(replyTo(request, state)));
  }

  kill(): void {
    this.connected = false;
    this.life.timer(1, () => this.#exit(null, 'SIGKILL'));
  }

  #reply(reply: HeavyReply): void {
    if (this.connected) this.emit('message', reply);
  }

  #fail(): void {
    this.connected = false;
    this.emit('error', new Error('spawn EMFILE'));
  }

  #exit(code: number | null, signal: string | null): void {
    this.connected = false;
    this.emit('exit', code, signal);
  }
}

function replyTo(request: HeavyRequest, state: HeavyState): HeavyReply {
  if (request.kind === 'load') {
    const { name } = request;
    if (state === 'corrupt')
      return { kind: 'unloadable', name, code: 'MODEL_CORRUPT', detail: 'its weights have changed' };
    if (state === 'misshapen')
      return { kind: 'unloadable', name, code: 'MODEL_SHAPE', detail: 'expected [1, 96], found [1, 64]' };
    return { kind: 'loaded', name };
  }
  const [stage] = JSON.parse(request.name) as [string];
  const answer = answerOf(stage, request.window);
  const isBroken = state === 'no-number' && 'confidence' in answer;
  return {
    kind: 'answer',
    id: request.id,
    answer: isBroken ? { ...answer, confidence: Number.NaN } : answer,
    cpuMs: 1,
    memoryMb: null,
  };
}

function answerOf(stage: string, { data }: Window): Answer {
  const loudest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (stage === 'recogniser') {
    // Of what is as loud as a word only the order behind it counts; who stands further off hears all of it less.
    const order = data.reduce((most, value) => Math.max(most, quieterThanWord(Math.abs(value))), 0);
    const isOf = (level: number): boolean => Math.abs(order - level) < 0.05;
    if (isOf(KNOWN_ORDER)) return { kind: 'transcript', stage, text: 'turn on the lamp', confidence: 0.9 };
    if (isOf(HARD_ORDER)) return { kind: 'transcript', stage, text: 'what is it all for', confidence: 0.9 };
    return { kind: 'empty', stage };
  }
  const kind = loudest > NOTICEABLE ? 'accept' : 'reject';
  const label = stage === 'fault-verifier' ? faultOf(loudest) : 'computer';
  return {
    kind,
    stage,
    label,
    score: loudest,
    confidence: loudest > NOTICEABLE ? 0.9 : 0.1,
    contributions: [],
  };
}

function quieterThanWord(level: number): number {
  return level < WORD * 0.85 ? level : 0;
}

function faultOf(level: number): string {
  return Math.abs(level - KNOWN_ORDER) < 0.05 ? 'leak' : 'anomaly';
}
