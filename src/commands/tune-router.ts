import { dirname, relative, resolve } from 'node:path';
import { editConfig, setWithWhy } from '../config/edit.js';
import { CatnapError } from '../core/errors.js';
import { type AskExample, type AsksFigures, askExampleOf, learnAsks } from '../learning/router/learn-asks.js';
import { percent } from './bench-common.js';
import { checkOutput, writeOutput } from './output-file.js';
import { pastOf } from './past.js';
import { tunedToday } from './tune-write.js';

/** What `catnap tune --router` is told. */
export interface RouterFlags {
  readonly router: string;
  readonly config?: string;
  readonly state?: string;
  readonly since?: string;
  readonly wrongTurns: number;
  readonly folds: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Fewer questions tell nothing of days that were not learnt from. */
const LEAST_QUESTIONS = 100;
/** Of either outcome. */
const LEAST_OUTCOMES = 20;

/**
 * Learns from the journal which questions the cheap provider is asked in vain, and writes it to a file, and where a
 * configuration is named into that.
 * @throws CatnapError `INPUT_MISSING` where the journal tells too little, `OUTPUT_UNWRITABLE`.
 */
export async function tuneRouter(flags: RouterFlags): Promise<void> {
  checkOutput(flags.router);
  const examples: AskExample[] = [];
  for await (const past of pastOf({ ...flags, from: flags.since })) {
    const example = askExampleOf(past);
    if (example !== null) examples.push(example);
  }
  refuseTooFew(examples);
  const { learnt, figures } = learnAsks(examples, flags);
  if (!flags.dryRun) writeOutput(flags.router, JSON.stringify(learnt), 0o644);
  const isWritten = flags.config !== undefined && !flags.dryRun && learnt.least !== null;
  if (flags.config !== undefined && isWritten) writeSetting(flags.config, flags.router, figures);
  const told = { ...figures, least: learnt.least, written: flags.dryRun ? null : flags.router };
  process.stdout.write(flags.json ? `${JSON.stringify(told)}\n` : render(figures, learnt.least, flags));
}

function refuseTooFew(examples: readonly AskExample[]): void {
  const inVain = examples.filter(({ weakCorrect }) => !weakCorrect).length;
  const days = new Set(examples.map(({ group }) => group)).size;
  const isEnough =
    examples.length >= LEAST_QUESTIONS &&
    Math.min(inVain, examples.length - inVain) >= LEAST_OUTCOMES &&
    days >= 2;
  if (isEnough) return;
  throw new CatnapError(
    'INPUT_MISSING',
    `--router: expected ${LEAST_QUESTIONS} questions that a judge has looked at, on two days, ${LEAST_OUTCOMES} of them passed on ` +
      `and as many not; found ${examples.length} on ${days}, ${inVain} passed on`,
  );
}

function writeSetting(config: string, file: string, { questions, begunDear, wrongTurns }: AsksFigures): void {
  const value = relative(dirname(resolve(config)), resolve(file));
  const of = `${begunDear} begun at the dear provider, ${wrongTurns} of them wrongly, on other days`;
  const why = tunedToday(`from ${questions} questions of the journal; ${of}`);
  editConfig(config, (document) => setWithWhy(document, ['uplink', 'routing', 'learnt'], value, why));
}

function render(
  figures: AsksFigures,
  least: number | null,
  { router, dryRun, wrongTurns }: RouterFlags,
): string {
  const { questions, inVain, begunDear, wrongTurns: wrong, savedMs, savedMoney } = figures;
  const lines = [
    `${questions} questions of the journal, of which the cheap provider was asked ${inVain} in vain`,
    least === null
      ? `nothing tells in time which: no bar keeps wrong turns at ${percent(wrongTurns)}, so that all begin at the cheap one`
      : `on days not learnt from ${begunDear} begin at the dear one, ${wrong} of them wrongly`,
    `  saved there: ${(savedMs / 1000).toFixed(1)} s of waiting, money ${savedMoney.toFixed(4)}`,
    dryRun ? '  nothing written' : `  written to ${router} (uplink.routing.learnt)`,
  ];
  return `${lines.join('\n')}\n`;
}
