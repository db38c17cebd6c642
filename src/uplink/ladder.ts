import type { EventOf } from '../core/events/events.js';
import type { Step, StepJudgement } from '../core/events/trail-schema.js';
import type { Accounts } from './accounts/accounts.js';
import type { AuditRow } from './accounts/audit.js';
import { type Answered, type Exchanged, type ExchangeOptions, exchange, overBudget } from './exchange.js';
import type { Judged } from './guardrails/guard.js';
import type { Panel } from './judges/panel.js';
import type { Answer } from './providers/answer.js';
import { UplinkError } from './providers/provider.js';
import type { Op } from './queue/store.js';
import type { Asks, Upload } from './queue/upload.js';
import type { Upstream } from './upstream.js';

export interface LadderOptions extends ExchangeOptions {
  readonly accounts: Accounts;
  /** Every upstream, best first, as things stand now. */
  readonly ranked: () => readonly Upstream[];
  /** Looks whether an answer will do; null: the first answer counts, whoever gave it. */
  readonly panel: Panel | null;
  /** Asks the next provider at the same time. */
  readonly asksAhead: boolean;
  /** Whether what fails does so because Catnap ends. */
  readonly isClosing: () => boolean;
  /** Told that somebody has room again. */
  readonly onRoom: () => void;
  /** Told of what goes on when the answer is there already. */
  readonly onLeftOver: (work: Promise<void>) => void;
}

/** A place that is claimed at an upstream; whoever asks elsewhere moves on with it. */
export interface Place {
  upstream: Upstream;
}

/** What an answer and those before it used up. */
export type Spent = Pick<EventOf<'verdict'>['cost'], 'bytesUp' | 'bytesDown' | 'tokens' | 'money'>;

/** What came of asking one provider after the other. */
export type Climbed =
  | {
      readonly kind: 'answered';
      readonly provider: string;
      readonly judged: Judged;
      readonly steps: readonly Step[];
      readonly spent: Spent;
      /** The changes that settle the bill, to be written when the question leaves the outbox. */
      readonly ops: readonly Op[];
    }
  | Exclude<Exchanged, Answered>;

/** A question that is under way at a provider. */
interface Asking {
  readonly upstream: Upstream;
  readonly exchanged: Promise<Exchanged>;
}

/**
 * Providers from cheap to dear (FrugalGPT, arXiv:2305.05176): the first answers, judges look, and the next is asked
 * where they will not have the answer. Where nobody dearer can be asked, the answer there is stands.
 */
export class Ladder {
  constructor(private readonly options: LadderOptions) {}

  /** Whom to ask, in order: specialists first; of what is hard the dearest next, others only where it is away. */
  orderFor({ specialists, begin }: Asks): readonly Upstream[] {
    const { ranked, panel } = this.options;
    const all = ranked();
    const special = all.filter(({ name }) => specialists.includes(name));
    const general = all.filter(({ config }) => config.takes === null);
    return [...special, ...(panel !== null && begin === 'dear' ? general.toReversed() : general)];
  }

  /**
   * Where it begins, of those that can be asked now. Without judges that is whoever has room; with them what is cheap
   * and busy is waited for. Null where there is none.
   */
  firstFor(asks: Asks): Upstream | null {
    const order = this.orderFor(asks);
    const isStrict = this.options.panel !== null || asks.specialists.length > 0;
    if (!isStrict) return order.find(({ room }) => room > 0) ?? null;
    const first = order.find(({ waitMs }) => waitMs === 0);
    return first !== undefined && first.room > 0 ? first : null;
  }

  /** Asks until an answer will do. The place it ends on is the caller's, as the one it began on was. */
  climb(place: Place, upload: Upload): Promise<Climbed> {
    return new Climb(this.options, this.#above(place.upstream, upload.routing.asks), place, upload).run();
  }

  /** Who may be asked after an upstream: beyond the dearest there is nobody better. */
  #above(upstream: Upstream, asks: Asks): readonly Upstream[] {
    if (this.options.panel === null) return [];
    const above = this.orderFor(asks);
    const rest = above.slice(above.indexOf(upstream) + 1);
    if (asks.begin === 'cheap') return rest;
    const dearest = rest.findIndex(({ config }) => config.takes === null);
    return upstream.config.takes === null ? [] : rest.slice(0, dearest + 1);
  }
}

/** One question on its way up. */
class Climb {
  readonly #steps: Step[] = [];
  /** Who may still be asked, in order. */
  #left: readonly Upstream[];
  /** An answer that will do if nobody has a better one, and one that guardrails refused; both are paid for. */
  #standing: Answered | null = null;
  #refused: Answered | null = null;
  /** A dearer provider's answer that another was held beside; paid for as well. */
  #dearer: Answered | null = null;
  #spent: Spent = { bytesUp: 0, bytesDown: 0, tokens: 0, money: 0 };
  #ahead: Asking | null = null;
  /** Who was asked at the same time as who answered first, until it is known whether that answer will do. */
  #overtaken: Asking | null = null;

  constructor(
    private readonly options: LadderOptions,
    above: readonly Upstream[],
    private readonly place: Place,
    private readonly upload: Upload,
  ) {
    this.#left = above;
  }

  async run(): Promise<Climbed> {
    let asking = this.#ask(this.place.upstream);
    if (this.options.asksAhead) this.#ahead = this.#askNow();
    for (;;) {
      asking = await this.#firstOf(asking);
      const exchanged = await asking.exchanged;
      if (exchanged.kind === 'answered') {
        const ruling = await this.#ruling(exchanged);
        if (ruling.suffices) return this.#ended(exchanged, ruling.judges);
        await this.#passOn(exchanged, ruling.judges);
      } else if (exchanged.kind === 'failed')
        this.#stepWithout(asking.upstream, 'failed', exchanged.latencyMs);
      else this.#stepWithout(asking.upstream, 'over-budget');
      const next = await this.#next();
      if (next !== null) {
        asking = next;
        continue;
      }
      // Nobody was away but us: the next start asks again.
      if (this.options.isClosing()) return closing(exchanged);
      const last = this.#standing ?? this.#refused;
      if (last !== null) return this.#result(last, []);
      if (exchanged.kind !== 'answered') return exchanged;
    }
  }

  #ask(upstream: Upstream): Asking {
    return { upstream, exchanged: exchange(upstream, this.upload, this.options) };
  }

  /** Of two that are under way the one to go by: the dearer where it was quicker, whose answer is the better one. */
  async #firstOf(asking: Asking): Promise<Asking> {
    const ahead = this.#ahead;
    if (ahead === null) return asking;
    const winner = await Promise.race([asking, ahead].map((each) => each.exchanged.then(() => each)));
    const exchanged = await winner.exchanged;
    if (winner !== ahead || exchanged.kind !== 'answered' || !exchanged.judged.ok) return asking;
    this.#ahead = null;
    this.#overtaken = asking;
    this.place.upstream = ahead.upstream;
    return ahead;
  }

  /** Whether an answer will do. What guardrails refused does not, where somebody else can be asked. */
  async #ruling(answered: Answered) {
    const { panel } = this.options;
    const isLast = this.#left.length === 0 && this.#ahead === null;
    const { judged } = answered;
    if (!judged.ok) return { suffices: isLast && this.#standing === null, judges: [] };
    if (panel === null || isLast) return { suffices: true, judges: [] };
    const another = (provider: string | null) => this.#another(provider ?? answered.upstream.name);
    return panel(judged.answer, this.upload, { another });
  }

  /** Settles the bill of an answer that will not do, keeps it in case nothing better comes, and shows it meanwhile. */
  async #passOn(answered: Answered, judges: readonly StepJudgement[]): Promise<void> {
    const { judged } = answered;
    await this.#settle(answered, this.upload, 'passed-on', judges);
    if (!judged.ok) {
      this.#refused = answered;
      return;
    }
    this.#standing = this.#dearer ?? answered;
    if (this.#ahead === null) return;
    const { publish, detectionOf } = this.options;
    publish({ type: 'answer-part', detection: detectionOf(this.upload.key), text: judged.answer.text });
  }

  /** The next provider, on whose place the question then is; null where nobody else can be asked. */
  async #next(): Promise<Asking | null> {
    this.#leaveOvertaken();
    const ahead = this.#ahead;
    if (ahead !== null) {
      this.#ahead = null;
      this.place.upstream.release();
      this.place.upstream = ahead.upstream;
      this.options.onRoom();
      return ahead;
    }
    for (let upstream = this.#takeNext(); upstream !== undefined; upstream = this.#takeNext()) {
      if (!this.#isAffordable(upstream)) this.#stepWithout(upstream, 'over-budget');
      else if (!(await this.#moveWhenRoom(upstream))) this.#stepWithout(upstream, 'away');
      else return this.#ask(upstream);
    }
    return null;
  }

  #askNow(): Asking | null {
    const [upstream] = this.#left;
    if (upstream === undefined || upstream.room === 0 || !this.#isAffordable(upstream)) return null;
    this.#takeNext();
    upstream.claim();
    return this.#ask(upstream);
  }

  #takeNext(): Upstream | undefined {
    const [next, ...left] = this.#left;
    this.#left = left;
    return next;
  }

  #isAffordable(upstream: Upstream): boolean {
    return overBudget(this.upload, upstream, this.options) === null;
  }

  /** Gives back the place it has and waits for another: nobody keeps one while waiting, so that all come on. */
  async #moveWhenRoom(upstream: Upstream): Promise<boolean> {
    const before = this.place.upstream;
    before.release();
    this.options.onRoom();
    const isMoved = await upstream.claimWhenRoom();
    if (isMoved) this.place.upstream = upstream;
    else before.claim();
    return isMoved;
  }

  /**
   * A second answer of a provider, to be held beside the first; paid for and written down apart. Where they differ it
   * is not asked once more.
   */
  async #another(name: string): Promise<Answer | null> {
    const [ahead, overtaken] = [this.#ahead, this.#overtaken];
    if (ahead?.upstream.name === name) {
      this.#ahead = null;
      return this.#anotherUnderWay(ahead, true);
    }
    // It has answered what it overtook, so that there are two answers without asking once more.
    if (overtaken !== null && [overtaken, this.place].some(({ upstream }) => upstream.name === name)) {
      this.#overtaken = null;
      return this.#anotherUnderWay(overtaken, false);
    }
    const upstream = this.options.ranked().find((each) => each.name === name);
    if (upstream === undefined || !this.#isAffordable(upstream)) return null;
    // Where it is the one that answered its place is free for that: its question is over.
    if (upstream !== this.place.upstream && !(await this.#moveWhenRoom(upstream))) return null;
    // Under its own key: a far end that has done the first would only say the same.
    const upload = { ...this.upload, key: `${this.upload.key}#2` };
    const exchanged = await exchange(upstream, upload, { ...this.options, showsParts: false });
    if (exchanged.kind !== 'answered') return null;
    const isDearer = this.#left.includes(upstream);
    // It has had its say: asked again it would only agree with itself.
    this.#left = this.#left.filter((each) => each !== upstream);
    return this.#compared(exchanged, upload, isDearer);
  }

  /** The same of whoever is asked at the same time anyway. */
  async #anotherUnderWay(
    { upstream, exchanged: underWay }: Asking,
    isDearer: boolean,
  ): Promise<Answer | null> {
    const exchanged = await underWay;
    upstream.release();
    this.options.onRoom();
    if (exchanged.kind === 'answered') return this.#compared(exchanged, this.upload, isDearer);
    if (exchanged.kind === 'failed') this.#stepWithout(upstream, 'failed', exchanged.latencyMs);
    else this.#stepWithout(upstream, 'over-budget');
    return null;
  }

  async #compared(answered: Answered, upload: Upload, isDearer: boolean): Promise<Answer | null> {
    await this.#settle(answered, upload, 'compared', []);
    if (!answered.judged.ok) return null;
    if (isDearer) this.#dearer = answered;
    return answered.judged.answer;
  }

  /** By now it was held beside the answer that overtook it, or nobody wants it. */
  #leaveOvertaken(): void {
    if (this.#overtaken !== null) this.#leaveOver(this.#overtaken);
    this.#overtaken = null;
  }

  /** What is asked and no longer wanted is paid for, and holds its place until it is over. */
  #leaveOver({ upstream, exchanged }: Asking): void {
    this.#stepWithout(upstream, 'abandoned');
    const over = exchanged
      .then(async (done) => {
        if (done.kind === 'answered') await this.#paid(done, this.upload, 'abandoned', []);
      })
      .finally(() => upstream.release());
    this.options.onLeftOver(over);
  }

  /** Pays for an answer that is not the last word. */
  async #settle(
    answered: Answered,
    upload: Upload,
    outcome: 'passed-on' | 'compared',
    judges: readonly StepJudgement[],
  ): Promise<void> {
    this.#count(answered, outcome, judges, await this.#paid(answered, upload, outcome, judges));
  }

  /** Settles a bill by itself, with its audit row; what it came to. */
  #paid(
    { upstream, charge, usage, judged, latencyMs }: Answered,
    upload: Upload,
    outcome: 'passed-on' | 'compared' | 'abandoned',
    judges: readonly StepJudgement[],
  ): Promise<number> {
    const row = { provider: upstream.name, latencyMs, ...recordOf(judged, judges), outcome };
    return this.options.accounts.passedOn(charge, upload, usage, row, upstream.config);
  }

  /** The last word: what it costs is settled together with the question. */
  #ended(answered: Answered, judges: readonly StepJudgement[]): Climbed {
    const { upstream, charge, usage, judged, latencyMs } = answered;
    const row = { provider: upstream.name, latencyMs, ...recordOf(judged, judges) };
    const { ops, money } = this.options.accounts.answered(charge, this.upload, usage, row, upstream.config);
    this.#count(answered, 'answered', judges, money);
    return this.#result(answered, ops);
  }

  #result({ upstream, judged }: Answered, ops: readonly Op[]): Climbed {
    this.#leaveOvertaken();
    if (this.#ahead !== null) this.#leaveOver(this.#ahead);
    const [steps, spent] = [[...this.#steps], this.#spent];
    return { kind: 'answered', provider: upstream.name, judged, steps, spent, ops };
  }

  #count(
    { upstream, latencyMs, usage }: Answered,
    outcome: Step['outcome'],
    judges: readonly StepJudgement[],
    money: number,
  ): void {
    this.#steps.push({ provider: upstream.name, outcome, judges, latencyMs, money });
    const { bytesUp, bytesDown, tokens, money: before } = this.#spent;
    this.#spent = {
      bytesUp: bytesUp + usage.bytesUp,
      bytesDown: bytesDown + usage.bytesDown,
      tokens: tokens + usage.inputTokens + usage.outputTokens,
      money: before + money,
    };
  }

  /** A provider that gave no answer which counts. */
  #stepWithout(
    { name }: Upstream,
    outcome: 'failed' | 'over-budget' | 'away' | 'abandoned',
    latencyMs = 0,
  ): void {
    this.#steps.push({ provider: name, outcome, judges: [], latencyMs, money: 0 });
  }
}

function closing(exchanged: Exchanged): Climbed {
  if (exchanged.kind !== 'answered') return exchanged;
  const error = new UplinkError('UPLINK_UNAVAILABLE', 'the uplink closes');
  return { kind: 'failed', error, latencyMs: exchanged.latencyMs };
}

/** What an audit row says of an answer. */
function recordOf(
  judged: Judged,
  judges: readonly StepJudgement[],
): Pick<AuditRow, 'outcome' | 'verdict' | 'guardrails' | 'judges'> {
  const guardrails = judged.marks.map(({ name, outcome }) => `${name}:${outcome}`).join(' ');
  const told = judges.map(({ kind, confidence }) => `${kind}:${confidence.toFixed(2)}`).join(' ');
  if (judged.ok) return { outcome: 'answered', verdict: judged.answer.label, guardrails, judges: told };
  const outcome = judged.code === 'UPLINK_GUARDRAIL' ? 'blocked' : 'failed';
  return { outcome, verdict: judged.code, guardrails, judges: told };
}
