import type { Clock } from '../core/clock.js';
import type { ErrorCode } from '../core/errors.js';
import type { BareEvent } from '../core/events/stamp.js';
import type { Accounts, Charge } from './accounts/accounts.js';
import type { OverBudget } from './accounts/budget.js';
import { final, type Guard, type Judged } from './guardrails/guard.js';
import { asUplinkError, type Question, type UplinkError, type Usage } from './providers/provider.js';
import type { Upload } from './queue/upload.js';
import type { Upstream } from './upstream.js';

export interface ExchangeOptions {
  readonly accounts: Accounts;
  /** What every answer goes through. */
  readonly guard: Guard;
  /** Whether an answer is shown as it streams: before anybody has judged it. */
  readonly showsParts: boolean;
  /** What providers are told to do that are told nothing of their own. */
  readonly prompts: { readonly voice: string; readonly sensor: string };
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly publish: (event: BareEvent) => void;
  /** What events call the detection of an idempotency key. */
  readonly detectionOf: (key: string) => string;
}

/** A provider's answer after its schema and the guardrails; its bill is still to be settled. */
export interface Answered {
  readonly kind: 'answered';
  readonly upstream: Upstream;
  readonly charge: Charge;
  readonly usage: Usage;
  readonly judged: Judged;
  readonly latencyMs: number;
}

/** What came of one question to one provider. */
export type Exchanged =
  | Answered
  /** Others spent meanwhile what it would have cost: nothing was asked. */
  | { readonly kind: 'unaffordable' }
  /** What left in vain is written down. */
  | { readonly kind: 'failed'; readonly error: UplinkError; readonly latencyMs: number };

/** The far end did nothing for these: it refused to. */
const REFUSALS: readonly ErrorCode[] = [
  'UPLINK_REJECTED',
  'UPLINK_THROTTLED',
  'UPLINK_UNAUTHORISED',
  'UPLINK_QUOTA',
  'UPLINK_FOREIGN',
];

/** The limit that asking a provider would go over at worst; null when it may be asked. */
export function overBudget(
  upload: Upload,
  upstream: Upstream,
  { accounts, prompts }: Pick<ExchangeOptions, 'accounts' | 'prompts'>,
): OverBudget | null {
  return accounts.check(upload, upstream.config, promptBytesOf(upload, upstream, prompts));
}

/** Bytes of what a provider is told to do with a kind of upload. */
function promptBytesOf(
  { kind }: Pick<Upload, 'kind'>,
  { config }: Upstream,
  prompts: ExchangeOptions['prompts'],
): number {
  return Buffer.byteLength(config.prompts[kind] ?? prompts[kind]);
}

/** Asks one provider once, on a place that is claimed: sets aside what it may cost, asks, and has the answer judged. */
export async function exchange(
  upstream: Upstream,
  upload: Upload,
  options: ExchangeOptions,
): Promise<Exchanged> {
  const { accounts, clock } = options;
  const startedMs = clock.monotonicMs();
  let charge: Charge | null = null;
  try {
    // Connected first: a cloud that cannot be reached costs nothing.
    await upstream.connect();
    // Others may have spent it meanwhile. Between this look and setting it aside nothing else runs.
    if (overBudget(upload, upstream, options) !== null) return { kind: 'unaffordable' };
    const promptBytes = promptBytesOf(upload, upstream, options.prompts);
    charge = await accounts.reserve(upload, upstream.config, promptBytes);
    const { usage, judged } = await askJudged(upstream, upload, charge, options);
    const latencyMs = clock.monotonicMs() - startedMs;
    return { kind: 'answered', upstream, charge, usage, judged, latencyMs };
  } catch (cause) {
    const error = asUplinkError(cause, upstream.name);
    const latencyMs = clock.monotonicMs() - startedMs;
    if (charge !== null) {
      const outcome = REFUSALS.includes(error.code) ? 'rejected' : 'failed';
      const row = { provider: upstream.name, latencyMs, outcome, verdict: error.code } as const;
      await accounts.failed(charge, upload, row, upstream.config);
    }
    return { kind: 'failed', error, latencyMs };
  }
}

/** Asks, judges, and where another answer may be better asks once more. */
async function askJudged(
  upstream: Upstream,
  upload: Upload,
  charge: Charge,
  options: ExchangeOptions,
): Promise<{ readonly usage: Usage; readonly judged: Judged }> {
  const { accounts, guard, showsParts, publish, detectionOf } = options;
  const onSent = (bytes: number) => {
    charge.bytesUp += bytes;
  };
  const onPart = (text: string) => {
    if (showsParts) publish({ type: 'answer-part', detection: detectionOf(upload.key), text });
  };
  const first = await upstream.ask({ kind: 'ask', upload }, { onPart, onSent });
  const judged = await guard(first.text, upload);
  if (judged.ok || !judged.mayAskAgain) return { usage: first.usage, judged };
  // A repair costs what a question costs; without the means for it the answer stays refused.
  if (overBudget(upload, upstream, options) !== null) return { usage: first.usage, judged: final(judged) };
  const promptBytes = promptBytesOf(upload, upstream, options.prompts);
  await accounts.extend(charge, upload, upstream.config, promptBytes);
  const repair: Question = { kind: 'repair', upload, problem: judged.problem, answer: first.text };
  const second = await upstream.ask(repair, { onPart: () => {}, onSent });
  const usage = sum(first.usage, second.usage);
  return { usage, judged: final(await guard(second.text, upload), judged.marks) };
}

function sum(first: Usage, second: Usage): Usage {
  return {
    bytesUp: first.bytesUp + second.bytesUp,
    bytesDown: first.bytesDown + second.bytesDown,
    inputTokens: first.inputTokens + second.inputTokens,
    audioTokens: first.audioTokens + second.audioTokens,
    outputTokens: first.outputTokens + second.outputTokens,
  };
}
