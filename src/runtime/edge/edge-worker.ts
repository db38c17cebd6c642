import { codeOf, type ErrorCode } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import type { Question } from '../../edge/question.js';
import type { Reply } from '../../edge/reply.js';
import { serveEdge } from '../../edge/server.js';
import { edgeTopics } from '../../edge/topics.js';
import { type BrokerSettings, createBroker } from '../../egress/broker.js';
import { createWayOut } from '../../egress/way-out.js';
import { HeavyProcess, type OpenLine } from '../heavy/heavy-process.js';
import type { EachWithout, HeavyAnswer, LineQuestion, LineReply } from '../heavy/heavy-protocol.js';
import { systemClock, systemTime } from '../process/system-clock.js';
import { placed } from './portable.js';

/** Who serves, where, and with what. */
export interface EdgeWorkerOptions {
  readonly broker: BrokerSettings;
  readonly topic: string;
  readonly group: string;
  /** Its name among the workers at the broker. */
  readonly name: string;
  readonly version: string;
  /** Kinds of stages that its process can make. */
  readonly kinds: readonly string[];
  /** Questions answered at one time, each in a process of its own. */
  readonly hands: number;
  /** Folder of models and modules that do not ship with Catnap; null: none. */
  readonly shelf: string | null;
  readonly warmMs: number;
  readonly onUp: (hand: string) => void;
  readonly onDown: (hand: string, why: Error) => void;
  readonly onHealth: (hand: string, health: Health) => void;
}

/** Time to start a process and load a model. */
const WAKE_MS = 60_000;
/** Devices and sources that one hand knows at a time; the one asked the longest ago goes first. */
const LINES_MAX = 256;

/** Serves what devices ask for over a broker, until it is closed. */
export function startEdgeWorker(options: EdgeWorkerOptions): { close(): Promise<void> } {
  const hands = Array.from({ length: options.hands }, (_, index) => startHand(options, index));
  return { close: async () => void (await Promise.all(hands.map((hand) => hand.close()))) };
}

/** One connection and one process: the broker sends it the next question once it has answered the last. */
function startHand(options: EdgeWorkerOptions, index: number): { close(): Promise<void> } {
  const { broker, topic, group, name, version, kinds, shelf, warmMs, onUp, onDown, onHealth } = options;
  const worker = index === 0 ? name : `${name}-${index + 1}`;
  const heavy = new HeavyProcess({ ...systemTime, wakeMs: WAKE_MS });
  const lines = new Lines(heavy, warmMs, (health) => onHealth(worker, health));
  const wayOut = createWayOut(false);
  const served = serveEdge({
    broker: createBroker(broker, wayOut, systemTime.timer),
    wayOut,
    topics: edgeTopics(topic),
    worker,
    version,
    since: new Date(systemClock.wallMs()).toISOString(),
    kinds,
    group,
    answer: async (question, device) => {
      try {
        const description = placed(question.description, shelf);
        const line = lines.of(`${device}/${question.window.source}`);
        return await askedWhole(line, { ...question, description });
      } catch (error) {
        onHealth(worker, { state: 'degraded', code: codeOf(error), detail: String(error) });
        return {
          ...abstained(question.name, codeOf(error)),
          lacks: error instanceof Error ? error.message : String(error),
        };
      }
    },
    prepare: (question) => {
      try {
        const description = placed(question.description, shelf);
        lines.of('prepare').load({ ...question, description });
      } catch (error) {
        onHealth(worker, { state: 'degraded', code: codeOf(error), detail: String(error) });
      }
    },
    onUp: () => onUp(worker),
    onDown: (why) => onDown(worker, why),
  });
  return {
    async close() {
      await served.close();
      await heavy.dispose();
    },
  };
}

/** With where a word ended that the stage says apart from its verdict: its audio does not leave the device twice. */
async function askedWhole(line: AskedLine, question: Question): Promise<Reply> {
  const reply = await line.ask(question);
  const { answer, cpuMs } = reply;
  if (question.role !== 'stage' || answer.kind !== 'accept' || answer.endSample !== undefined) return reply;
  const { endSample, cpuMs: moreMs } = await line.askEnd(question, answer.label);
  return { answer: endSample === null ? answer : { ...answer, endSample }, cpuMs: cpuMs + moreMs };
}

function abstained(stage: string, code: ErrorCode): Reply {
  return { answer: { kind: 'abstain', stage, code }, cpuMs: 0 };
}

/** The lines of devices' sources to a hand's process. */
class Lines {
  readonly #lines = new Map<string, AskedLine>();

  constructor(
    private readonly heavy: HeavyProcess,
    private readonly warmMs: number,
    private readonly onHealth: (health: Health) => void,
  ) {}

  of(source: string): AskedLine {
    const line = this.#lines.get(source) ?? new AskedLine(this.heavy, source, this.warmMs, this.onHealth);
    this.#lines.delete(source);
    this.#lines.set(source, line);
    const [oldest] = this.#lines.keys();
    if (this.#lines.size > LINES_MAX && oldest !== undefined) {
      this.#lines.get(oldest)?.close();
      this.#lines.delete(oldest);
    }
    return line;
  }
}

/** One line that asks and waits for the answer. */
class AskedLine {
  readonly #line: OpenLine;
  readonly #waiting = new Map<number, (answer: HeavyAnswer) => void>();
  /** By the name of a stage, why it cannot be loaded. */
  readonly #lacking = new Map<string, string>();
  #asked = 0;

  constructor(heavy: HeavyProcess, source: string, warmMs: number, onHealth: (health: Health) => void) {
    this.#line = heavy.open({ source, warmMs, tell: (reply: LineReply) => this.#take(reply, onHealth) });
  }

  load(stage: Pick<Question, 'role' | 'name' | 'description'>): void {
    this.#line.receive({ kind: 'load', as: stage.name, ...stage });
  }

  /** Never rejects: what cannot be answered abstains, as of every heavy process. */
  async ask({ role, name, description, fresh, budgetMs, window }: Question): Promise<Reply> {
    this.load({ role, name, description });
    const answer = await this.#put({ kind: 'ask', name, as: name, fresh, budgetMs, window });
    const reply = answer.kind === 'answer' ? answer : abstained(name, 'STAGE_CRASHED');
    const lacks = this.#lacking.get(name);
    return reply.answer.kind === 'abstain' && lacks !== undefined ? { ...reply, lacks } : reply;
  }

  /** Where the word ended that it believed; null where that is not to be known. */
  async askEnd({ name, budgetMs, window }: Question, label: string) {
    const answer = await this.#put({ kind: 'ask-end', name, as: name, budgetMs, window, label });
    return { endSample: answer.kind === 'word-end' ? answer.endSample : null, cpuMs: answer.cpuMs };
  }

  #put(question: EachWithout<LineQuestion, 'id'>): Promise<HeavyAnswer> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#line.receive({ ...question, id });
    });
  }

  close(): void {
    this.#line.close();
  }

  #take(reply: LineReply, onHealth: (health: Health) => void): void {
    if (reply.kind === 'health') onHealth(reply.health);
    if (reply.kind === 'loaded') this.#lacking.delete(reply.as);
    if (reply.kind === 'unloadable') {
      const { as, code, detail } = reply;
      if (this.#lacking.get(as) !== detail) onHealth({ state: 'degraded', code, detail });
      this.#lacking.set(as, detail);
    }
    if (reply.kind !== 'answer' && reply.kind !== 'word-end') return;
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }
}
