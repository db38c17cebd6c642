import { writeFileSync } from 'node:fs';
import type { Recogniser, Stage } from '../../core/cascade/stage.js';
import type { Timer } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import { processCpuMs } from '../process/system-clock.js';
import type {
  EachWithout,
  HeavyAnswer,
  HeavyQuestion,
  HeavyReply,
  HeavyRequest,
  RemoteCost,
} from './heavy-protocol.js';

/** Something a heavy process can be asked. */
export type Hosted =
  | { readonly kind: 'stage'; readonly stage: Stage }
  | { readonly kind: 'recogniser'; readonly recogniser: Recogniser };

/** Builds what a worker names, from the serialisable description it sent. */
export type HostedFactory = (description: unknown) => Promise<Hosted>;

/** Linux ends this process before any other of Catnap's when memory runs out. */
const OOM_SCORE_ADJUSTMENT = '800';
/** Hops come more often. */
const IDLE_MS = 500;

/**
 * The heavy process's side: loads what it is told to, answers one question after the other, and ends with its
 * parent. It may be killed at any time.
 */
export function serveHeavy(create: HostedFactory, timer: Timer): void {
  const loading = new Map<string, Promise<Hosted>>();
  const memoryMb = new Map<string, number>();
  let last: Promise<void> = Promise.resolve();
  let billedMs = 0;
  const idle = new IdleCollector(timer);

  const load = async (name: string, description: unknown): Promise<void> => {
    if (loading.has(name)) return;
    const before = process.memoryUsage.rss();
    const hosted = create(description);
    loading.set(name, hosted);
    await hosted.then(
      () => {
        memoryMb.set(name, Math.max(0, process.memoryUsage.rss() - before) / 1e6);
        reply({ kind: 'loaded', name });
      },
      (error: unknown) => reply({ kind: 'unloadable', name, ...describe(error) }),
    );
  };

  const cost = (name: string): RemoteCost => {
    const cpuMs = processCpuMs() - billedMs;
    billedMs += cpuMs;
    return { cpuMs, memoryMb: memoryMb.get(name) ?? null };
  };

  const answer = async (question: HeavyQuestion): Promise<void> => {
    const { id, name } = question;
    const hosted = await loading.get(name)?.catch(() => null);
    if (hosted === undefined || hosted === null) return;
    const answered = await ask(hosted, question);
    reply({ ...answered, id, ...cost(name) });
  };

  process.on('disconnect', () => process.exit(0));
  process.on('message', (request: HeavyRequest) => {
    idle.busy();
    switch (request.kind) {
      case 'load':
        last = last.then(() => load(request.name, request.description)).then(() => idle.later());
        return;
      case 'ask':
      case 'ask-end':
        last = last.then(() => answer(request)).then(() => idle.later());
        return;
      default:
        request satisfies never;
    }
  });
  // A terminal or a service manager signals every process of the group; the worker decides when this one goes.
  process.on('SIGINT', nothing);
  process.on('SIGTERM', nothing);
  process.on('SIGHUP', nothing);
  standInFront();
}

/**
 * Has V8 collect once nothing was asked for a moment: what a model was loaded from and what it gave lie outside of V8's
 * heap, where they weigh tens of megabytes and V8 sees no need. Does nothing without `--expose-gc`.
 */
class IdleCollector {
  #cancel = (): void => {};

  constructor(private readonly timer: Timer) {}

  busy(): void {
    this.#cancel();
  }

  later(): void {
    this.busy();
    this.#cancel = this.timer(IDLE_MS, () => globalThis.gc?.());
  }
}

/** What is said to a question, but for what it cost. */
type Said = EachWithout<HeavyAnswer, 'id' | keyof RemoteCost>;

async function ask(hosted: Hosted, question: HeavyQuestion): Promise<Said> {
  const { signal } = new AbortController();
  const { window } = question;
  const name = hosted.kind === 'stage' ? hosted.stage.name : hosted.recogniser.name;
  try {
    if (hosted.kind === 'recogniser')
      return { kind: 'answer', answer: await hosted.recogniser.recognise(window, signal) };
    const { stage } = hosted;
    if (question.kind === 'ask-end')
      return { kind: 'word-end', endSample: (await stage.endOf?.(window, question.label, signal)) ?? null };
    if (question.fresh) stage.reset();
    return { kind: 'answer', answer: await stage.decide(window, signal) };
  } catch (error) {
    return { kind: 'answer', answer: { kind: 'abstain', stage: name, ...describe(error) } };
  }
}

function reply(message: HeavyReply): void {
  process.send?.(message, undefined, undefined, nothing);
}

function describe(error: unknown): { readonly code: CatnapError['code']; readonly detail: string } {
  if (error instanceof CatnapError) return { code: error.code, detail: error.message };
  return { code: 'STAGE_CRASHED', detail: String(error) };
}

function standInFront(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE_ADJUSTMENT);
  } catch {
    // Not Linux, or a sandbox forbids it: then the kernel chooses.
  }
}

function nothing(): void {}
