import type { RecogniserSpec, RemoteTerms, StageSpec } from '../../core/cascade/assembly.js';
import type { Clock } from '../../core/clock.js';
import type { ErrorCode } from '../../core/errors.js';
import type { Answered, EdgeAsker } from '../../edge/asker.js';
import type { Passed } from '../../egress/way-out.js';
import type { Clearance, EdgePassage } from '../../uplink/egress.js';
import type { HeavyClient, HeavyProcess, OpenLine } from '../heavy/heavy-process.js';
import type { LineReply, LineRequest } from '../heavy/heavy-protocol.js';
import { portable } from './portable.js';

/** What questions that may leave the device go by. */
export interface EdgeWay {
  readonly asker: EdgeAsker;
  readonly clearance: Pick<Clearance, 'edgeOf'>;
  readonly clock: Clock;
  /** Told of everything that was asked elsewhere, or kept from it, for the audit. */
  readonly onPassed: (passed: Passed) => void;
}

type Load = Extract<LineRequest, { kind: 'load' }>;
type Ask = Extract<LineRequest, { kind: 'ask' }>;
type AskEnd = Extract<LineRequest, { kind: 'ask-end' }>;

/** What may be asked elsewhere. */
interface Remote {
  readonly load: Load;
  readonly terms: RemoteTerms;
  /** Of the stage, for which workers are subscribed. */
  readonly kind: string;
  readonly description: unknown;
  /** Who has heard the stream so far; null: it begins. */
  worker: string | null;
  /** Whether what was asked last was left to this device. */
  isLeft: boolean;
}

/** What the audit is told of a question, or of all hops of an utterance once another begins. */
interface Account {
  readonly detection: string;
  readonly passage: EdgePassage;
  /** Monotonic. */
  readonly startedMs: number;
  /** Who answered; null: nobody. */
  readonly worker: string | null;
  readonly bytes: number;
}

const NOBODY = { detection: '', label: '' } as const;

/**
 * A source's line to what verifies: what may be asked elsewhere goes to a worker of the house, the rest, and what no
 * worker answered in time, to the heavy process of this device.
 */
export class EdgeLine implements OpenLine {
  readonly #client: HeavyClient;
  readonly #way: EdgeWay;
  readonly #local: OpenLine;
  readonly #remotes = new Map<string, Remote>();
  readonly #streams = new Map<string, Account>();
  /** Questions that the heavy process of this device stands in for. */
  readonly #standIns = new Set<number>();
  readonly #asked = new Map<number, AbortController>();
  /** The detection that was asked about last: hops of an utterance say nothing of it. */
  #about: NonNullable<Ask['window']['about']> = NOBODY;

  constructor(client: HeavyClient, heavy: Pick<HeavyProcess, 'open'>, way: EdgeWay) {
    this.#client = client;
    this.#way = way;
    this.#local = heavy.open({ ...client, tell: (reply) => this.#tell(reply) });
  }

  receive(request: LineRequest): void {
    switch (request.kind) {
      case 'load':
        this.#load(request);
        return;
      case 'ask': {
        const remote = this.#remotes.get(request.as);
        if (remote === undefined) this.#local.receive(request);
        else void this.#ask(remote, request);
        return;
      }
      case 'ask-end':
        this.#askEnd(this.#remotes.get(request.as), request);
        return;
      case 'abandon':
        this.#asked.get(request.id)?.abort();
        this.#local.receive(request);
        return;
      case 'shed':
        this.#local.receive(request);
        return;
      default:
        request satisfies never;
    }
  }

  close(): void {
    for (const controller of this.#asked.values()) controller.abort();
    for (const name of this.#streams.keys()) this.#endStream(name);
    this.#local.close();
  }

  #load(load: Load): void {
    const { name, as, role } = load;
    const spec = remoteSpecOf(load.description);
    if (spec?.remote === undefined) {
      this.#local.receive(load);
      return;
    }
    const known = this.#remotes.get(as);
    if (known?.load.description !== load.description) {
      const kind = 'kind' in spec ? spec.kind : 'recogniser';
      const description = portable(load.description);
      this.#remotes.set(as, { load, terms: spec.remote, kind, description, worker: null, isLeft: false });
      this.#way.asker.prepare(this.#keyOf(as), { role, name, description });
    }
    this.#client.tell({ kind: 'loaded', as });
  }

  async #ask(remote: Remote, request: Ask): Promise<void> {
    const { window } = request;
    if (window.about !== undefined) this.#about = window.about;
    const passage = this.#passageOf(remote, request);
    const answered = passage.mayPass ? await this.#askWorkers(remote, request, passage) : null;
    if (!passage.mayPass) this.#account(remote, request, passage, this.#way.clock.monotonicMs(), null);
    remote.isLeft = answered === null;
    if (answered === null) this.#goAlone(remote, request, passage.mayPass);
    else
      this.#client.tell({
        kind: 'answer',
        id: request.id,
        answer: answered.answer,
        cpuMs: 0,
        memoryMb: null,
      });
  }

  /** A worker says with its verdict where the word ends, or cannot: its audio does not leave the device again. */
  #askEnd(remote: Remote | undefined, request: AskEnd): void {
    if (remote === undefined || remote.isLeft) this.#local.receive(request);
    else this.#client.tell({ kind: 'word-end', id: request.id, endSample: null, cpuMs: 0, memoryMb: null });
  }

  async #askWorkers(remote: Remote, request: Ask, passage: EdgePassage): Promise<Answered | null> {
    const { asker, clock } = this.#way;
    const { load, terms, kind, description } = remote;
    const { id, name, fresh, budgetMs, window } = request;
    const controller = new AbortController();
    this.#asked.set(id, controller);
    const startedMs = clock.monotonicMs();
    // A stream goes on where it was; with another worker it begins anew.
    const worker = load.role === 'stream' && !fresh ? remote.worker : null;
    const answered = await asker.ask(
      { role: load.role, name, description, fresh: fresh || worker === null, budgetMs, window },
      { kind, key: this.#keyOf(request.as), waitMs: terms.waitMs, worker, signal: controller.signal },
    );
    this.#asked.delete(id);
    remote.worker = answered?.worker ?? null;
    this.#account(remote, request, passage, startedMs, answered);
    // What a worker could not do, this device may be able to.
    return answered?.answer.kind === 'abstain' ? null : answered;
  }

  /** What workers know a question by. */
  #keyOf(as: string): string {
    return `${this.#client.source}/${as}`;
  }

  /** Without workers: the stage of this device stands in, or the question is not answered. */
  #goAlone({ load, terms }: Remote, request: Ask, isMissed: boolean): void {
    const { id, name } = request;
    if (!terms.local) {
      const code: ErrorCode = isMissed ? 'EDGE_AWAY' : 'EGRESS_DENIED';
      this.#client.tell({
        kind: 'answer',
        id,
        answer: { kind: 'abstain', stage: name, code },
        cpuMs: 0,
        memoryMb: null,
      });
      return;
    }
    if (isMissed) this.#standIns.add(id);
    this.#local.receive(load);
    this.#local.receive(request);
  }

  /** Every label that it may be of has to be let out. */
  #passageOf({ terms }: Remote, { window }: Ask): EdgePassage {
    const labels = new Set([this.#about.label, ...(window.noticed?.keys() ?? [])]);
    const passages = [...labels].map((label) =>
      this.#way.clearance.edgeOf(terms.signal, window.source, label, 'audio'),
    );
    return passages.find(({ mayPass }) => !mayPass) ?? passages[0] ?? { rule: 'none', mayPass: false };
  }

  #account(
    { load }: Remote,
    { name, window }: Ask,
    passage: EdgePassage,
    startedMs: number,
    answered: Answered | null,
  ): void {
    const bytes = passage.mayPass ? window.data.byteLength : 0;
    const worker = answered?.worker ?? null;
    const account = { detection: this.#detection(), passage, startedMs, worker, bytes };
    if (load.role === 'stream') this.#accountHop(name, account);
    else this.#tellAccount(account);
  }

  #accountHop(name: string, hop: Account): void {
    if (this.#streams.get(name)?.detection !== hop.detection) this.#endStream(name);
    const known = this.#streams.get(name);
    const whole =
      known === undefined
        ? hop
        : { ...known, worker: known.worker ?? hop.worker, bytes: known.bytes + hop.bytes };
    this.#streams.set(name, whole);
  }

  /** One row for all hops of an utterance. */
  #endStream(name: string): void {
    const account = this.#streams.get(name);
    if (account === undefined) return;
    this.#streams.delete(name);
    this.#tellAccount(account);
  }

  #tellAccount({ detection, passage, startedMs, worker, bytes }: Account): void {
    const { asker, clock, onPassed } = this.#way;
    const { rule, mayPass } = passage;
    onPassed({
      detection,
      rule,
      passage: { what: 'edge', to: asker.host, bytes },
      wallMs: clock.wallMs(),
      latencyMs: mayPass ? clock.monotonicMs() - startedMs : 0,
      outcome: mayPass ? (worker === null ? 'failed' : 'sent') : 'denied',
      verdict: mayPass ? (worker ?? 'EDGE_AWAY') : 'EGRESS_DENIED',
    });
  }

  #detection(): string {
    return this.#about.detection === '' ? `${this.#client.source}/-` : this.#about.detection;
  }

  #tell(reply: LineReply): void {
    if (reply.kind !== 'answer' || !this.#standIns.delete(reply.id)) {
      this.#client.tell(reply);
      return;
    }
    const { answer } = reply;
    this.#client.tell(
      answer.kind === 'abstain' ? reply : { ...reply, answer: { ...answer, degraded: true } },
    );
  }
}

/** The spec that a description is of; null where it is none of ours. */
function remoteSpecOf(description: unknown): StageSpec | RecogniserSpec | null {
  if (typeof description !== 'object' || description === null || !('spec' in description)) return null;
  return description.spec as StageSpec | RecogniserSpec;
}
