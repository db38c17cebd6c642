import type { SpeechStart } from '../../core/cascade/escalation.js';
import type { Clock } from '../../core/clock.js';
import type { Passed } from '../../egress/way-out.js';
import type { Usage } from '../providers/provider.js';
import type { ProviderConfig } from '../providers/settings.js';
import type { Op, Store } from '../queue/store.js';
import type { Upload } from '../queue/upload.js';
import {
  Audit,
  type AuditRow,
  describePassed,
  describeSpeculation,
  describeSpeech,
  describeUpload,
  isSent,
} from './audit.js';
import { type Budget, NOTHING_SPENT, type OverBudget, type Spending } from './budget.js';

/** JSON around an upload or an answer on the wire, and base64's growth of audio. */
const ENVELOPE_BYTES = 512;
const BASE64_GROWTH = 4 / 3;
/** JSON around each piece of streamed audio, and 24 kHz where a provider wants that of 16. */
const SPEECH_OVERHEAD = 1.75;
/** About four characters of English make a token. */
const BYTES_PER_TOKEN = 4;
const MIB = 1024 * 1024;
/** Audit rows between two looks at their bound. */
const BOUND_EVERY = 256;

/** Of a provider what its bill is made of. */
export type Prices = Pick<
  ProviderConfig,
  'name' | 'price' | 'energy' | 'inputTokensPerAudioSecond' | 'maxOutputTokens'
>;

/** What is set aside for one question and its repair, and what of it has left. */
export interface Charge {
  planned: Spending;
  /** Of that, what the call under way may cost. */
  newest: Spending;
  bytesUp: number;
}

/** The bill and the record of what left: what may be asked, what it cost, and where that is written down. */
export class Accounts {
  readonly #audit: Audit;
  #rowsToBound = 0;

  constructor(
    private readonly store: Store,
    private readonly budget: Budget,
    private readonly clock: Pick<Clock, 'wallMs'>,
    maxAuditRows: number,
    /** Told of each attempt on which something of a detection left for a provider. */
    private readonly onSent: (row: AuditRow) => void = () => {},
  ) {
    this.#audit = new Audit(maxAuditRows);
  }

  /** The limit that asking would go over at worst; null when it may be asked. */
  check(upload: Upload, prices: Prices, promptBytes: number): OverBudget | null {
    return this.budget.check(worstCase(upload, prices, promptBytes), prices.name);
  }

  /** Sets aside the worst case, in the store before a byte leaves. */
  async reserve(upload: Upload, prices: Prices, promptBytes: number): Promise<Charge> {
    const charge = { planned: NOTHING_SPENT, newest: NOTHING_SPENT, bytesUp: 0 };
    await this.extend(charge, upload, prices, promptBytes);
    return charge;
  }

  /** Sets as much aside once more, for a repair. */
  async extend(charge: Charge, upload: Upload, prices: Prices, promptBytes: number): Promise<void> {
    const planned = worstCase(upload, prices, promptBytes);
    charge.planned = difference(charge.planned, negative(planned));
    charge.newest = planned;
    this.budget.spend(planned, prices.name);
    await this.#write(this.budget.save());
  }

  /** The changes that replace what was set aside by what was used, and write the audit row. */
  answered(
    charge: Charge,
    upload: Upload,
    usage: Usage,
    row: RowRest & Pick<AuditRow, 'provider' | 'guardrails' | 'judges'>,
    prices: Prices,
  ): {
    readonly ops: readonly Op[];
    readonly money: number;
  } {
    const used = spendingOf(usage, prices, charge.planned.calls);
    this.budget.spend(difference(used, charge.planned), prices.name);
    const { bytesUp, bytesDown } = usage;
    const tokens = used.tokens;
    return {
      ops: this.#rows(upload, { ...row, bytesUp, bytesDown, tokens, money: used.money }),
      money: used.money,
    };
  }

  /** Settles the bill of an answer that is not the last word, and writes its audit row. */
  async passedOn(
    charge: Charge,
    upload: Upload,
    usage: Usage,
    row: RowRest & Pick<AuditRow, 'provider' | 'guardrails' | 'judges'>,
    prices: Prices,
  ): Promise<number> {
    const { ops, money } = this.answered(charge, upload, usage, row, prices);
    await this.#write(ops);
    return money;
  }

  /**
   * A question that got no answer. What never left costs nothing; a call that was refused costs its bytes; of others
   * the provider may charge all that was set aside, so that stays spent.
   */
  async failed(
    charge: Charge,
    upload: Upload,
    row: RowRest & { provider: string },
    prices: Prices,
  ): Promise<void> {
    const { planned, bytesUp } = charge;
    if (bytesUp === 0) {
      this.budget.spend(negative(planned), prices.name);
      await this.#write(this.budget.save());
      return;
    }
    const used = row.outcome === 'rejected' ? withoutNewest(charge, prices) : planned;
    this.budget.spend(difference(used, planned), prices.name);
    const { tokens, money } = used;
    await this.#write(this.#rows(upload, { ...row, ...UNJUDGED, bytesUp, bytesDown: 0, tokens, money }));
  }

  /** Records that something did not leave. */
  async refused(
    upload: Upload,
    rule: string,
    outcome: 'denied' | 'over-budget' | 'settled',
    code: string,
  ): Promise<void> {
    const nothing = { bytesUp: 0, bytesDown: 0, tokens: 0, money: 0, latencyMs: 0 };
    const row = { ...nothing, provider: '-', outcome, verdict: code, ...UNJUDGED };
    await this.#write(this.#rows({ ...upload, rule }, row).slice(0, 1));
  }

  /** Sets aside the longest an utterance can become; null where a budget does not allow that. */
  reserveSpeech(start: SpeechStart, prices: Prices): Charge | null {
    const planned = speechSpending(start, prices, (start.maxMs / 1000) * start.rateHz);
    if (this.budget.check(planned, prices.name) !== null) return null;
    this.budget.spend(planned, prices.name);
    void this.#write(this.budget.save());
    return { planned, newest: planned, bytesUp: 0 };
  }

  /**
   * Speech that was asked about: its tokens are in the answer's bill, what is left over is given back. Of speech that
   * was abandoned the provider has heard what was sent, and may charge that.
   */
  async speechEnded(
    charge: Charge,
    start: SpeechStart,
    heardSamples: number,
    prices: Prices,
    row: RowRest & Pick<AuditRow, 'provider' | 'rule'>,
  ): Promise<void> {
    const { bytesUp } = charge;
    const heard = speechSpending(start, prices, heardSamples);
    const used = spendingOf({ ...NO_USAGE, bytesUp }, prices, 0);
    const { tokens, money } = row.outcome === 'streamed' ? used : heard;
    this.budget.spend(difference({ ...used, tokens, money }, charge.planned), prices.name);
    await this.#writeRow(describeSpeech(start, { ...row, bytesUp, tokens, money }, this.clock.wallMs()));
  }

  /** Records that speech did not leave before it was over. */
  async speechRefused(
    start: SpeechStart,
    rule: string,
    outcome: 'denied' | 'over-budget',
    verdict: string,
  ): Promise<void> {
    const nothing = { provider: '-', bytesUp: 0, tokens: 0, money: 0, latencyMs: 0 };
    await this.#writeRow(describeSpeech(start, { ...nothing, rule, outcome, verdict }, this.clock.wallMs()));
  }

  /** Counts and records a connection that was opened ahead in vain. */
  async speculated(provider: string, prices: Prices, bytesUp: number): Promise<void> {
    this.budget.spend(spendingOf({ ...NO_USAGE, bytesUp }, prices, 0), prices.name);
    await this.#writeRow(describeSpeculation(provider, bytesUp, this.clock.wallMs()));
  }

  /** Records what an action or a guardrail sent. */
  async passed(passed: Passed): Promise<void> {
    await this.#writeRow(describePassed(passed));
  }

  async #writeRow(row: AuditRow): Promise<void> {
    await this.#write(this.#kept(row));
  }

  /** The changes that keep a row, and with it what is spent. */
  #kept(row: AuditRow): Op[] {
    if (isSent(row)) this.onSent(row);
    return [this.#audit.row(row), ...this.budget.save()];
  }

  #rows(upload: Upload, rest: Omit<AuditRow, keyof ReturnType<typeof describeUpload> | 'wallTime'>): Op[] {
    this.#rowsToBound--;
    if (this.#rowsToBound < 0) {
      this.#rowsToBound = BOUND_EVERY;
      void this.#audit.bound(this.store).catch(() => {});
    }
    const wallTime = new Date(this.clock.wallMs()).toISOString();
    const parts = rest.bytesUp === 0 ? { parts: '' } : {};
    return this.#kept({ wallTime, ...describeUpload(upload), ...rest, ...parts });
  }

  /** A full disk must not keep an answer from its reader; the store counts what it refused. */
  async #write(ops: readonly Op[]): Promise<void> {
    await this.store.write(ops, false).catch(() => {});
  }
}

const UNJUDGED = { guardrails: '', judges: '' };

type RowRest = Pick<AuditRow, 'latencyMs' | 'outcome' | 'verdict'>;

function worstCase(upload: Upload, prices: Prices, promptBytes: number): Spending {
  const { clip, ...rest } = upload;
  const textBytes = Buffer.byteLength(JSON.stringify(rest)) + ENVELOPE_BYTES;
  const audioBytes = clip === null ? 0 : clip.pcm.byteLength * BASE64_GROWTH;
  const audioTokens = clip === null ? 0 : (clip.pcm.length / clip.rateHz) * prices.inputTokensPerAudioSecond;
  return spendingOf(
    {
      bytesUp: Math.ceil(textBytes + audioBytes),
      bytesDown: ENVELOPE_BYTES + prices.maxOutputTokens * BYTES_PER_TOKEN,
      inputTokens: Math.ceil((textBytes + promptBytes) / BYTES_PER_TOKEN + audioTokens),
      audioTokens: Math.ceil(audioTokens),
      outputTokens: prices.maxOutputTokens,
    },
    prices,
  );
}

const PCM_BYTES = 2;
const NO_USAGE = { bytesUp: 0, bytesDown: 0, inputTokens: 0, audioTokens: 0, outputTokens: 0 };

/** What hearing so many samples may cost, besides the question about them. */
function speechSpending({ rateHz }: SpeechStart, prices: Prices, samples: number): Spending {
  const seconds = samples / rateHz;
  const audioTokens = Math.ceil(seconds * prices.inputTokensPerAudioSecond);
  const bytesUp = Math.ceil(samples * PCM_BYTES * BASE64_GROWTH * SPEECH_OVERHEAD) + ENVELOPE_BYTES;
  return spendingOf({ ...NO_USAGE, bytesUp, inputTokens: audioTokens, audioTokens }, prices, 0);
}

function spendingOf(usage: Usage, { price, energy }: Prices, calls = 1): Spending {
  const bytes = usage.bytesUp + usage.bytesDown;
  return {
    calls,
    bytes,
    tokens: usage.inputTokens + usage.outputTokens,
    money: calls * price.perCall + (bytes / MIB) * price.perMiB + tokenMoney(usage, price),
    joules: calls * energy.joulesPerCall + (bytes / MIB) * energy.joulesPerMiB,
  };
}

function tokenMoney(
  { inputTokens, audioTokens, outputTokens }: Usage,
  { perMillionInputTokens, perMillionAudioTokens, perMillionOutputTokens }: Prices['price'],
): number {
  const textMoney = (inputTokens - audioTokens) * perMillionInputTokens;
  const audioMoney = audioTokens * (perMillionAudioTokens ?? perMillionInputTokens);
  return (textMoney + audioMoney + outputTokens * perMillionOutputTokens) / 1e6;
}

/** What is owed when the newest call was refused: the calls before it, and every byte that left. */
function withoutNewest({ planned, newest, bytesUp }: Charge, prices: Prices): Spending {
  const before = difference(planned, newest);
  const sent = spendingOf({ ...NO_USAGE, bytesUp }, prices, 0);
  if (before.calls === 0) return sent;
  return { ...before, bytes: Math.max(before.bytes, sent.bytes) };
}

function difference(a: Spending, b: Spending): Spending {
  return {
    calls: a.calls - b.calls,
    bytes: a.bytes - b.bytes,
    tokens: a.tokens - b.tokens,
    money: a.money - b.money,
    joules: a.joules - b.joules,
  };
}

function negative(spending: Spending): Spending {
  return difference(NOTHING_SPENT, spending);
}
