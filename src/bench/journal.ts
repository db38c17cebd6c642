import type { CascadeEvent } from '../core/events/events.js';
import { EVENT_VERSION } from '../core/events/version.js';
import { quantile } from '../core/quantile.js';
import { mulberry32 } from '../core/random.js';
import { openJournal } from '../events/journal.js';
import { type JournalQuestion, journalEvents, newestEvents } from '../events/journal-reading.js';
import { processCpuMs, systemClock, systemTimer } from '../runtime/process/system-clock.js';
import { houseOf, wakeOf } from './simulated-wake.js';

/** Labels somebody gave: one for so many events. */
const EVENTS_A_LABEL = 1_240;
/** What the cloud says of an event, by turns. */
const ANSWERS = ['light', 'timer', 'music', 'door', 'weather', 'news', 'call', 'alarm', 'list', 'heating'];
const SECONDS_A_WAKE = 3.4;
const PUBLISHED_AT_ONCE = 1_000;

/** How long a question took, over all times it was asked. */
export interface QuestionTimes {
  readonly question: string;
  readonly events: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly leastWallMs: number;
}

/** What a journal of many events answers, and what that costs. */
export interface JournalBench {
  readonly questions: readonly QuestionTimes[];
  /** Resident memory before the first question and its peak over all, 10^6 bytes. */
  readonly rssMb: { readonly before: number; readonly peak: number };
}

/** Writes made-up events of a busy house as a running Catnap would, with its index. */
export async function writeJournal(
  folder: string,
  events: number,
  onEvents: (count: number) => void = () => {},
): Promise<void> {
  const onError = (error: unknown) => {
    throw error;
  };
  const journal = openJournal({ folder, maxEvents: events, flushMs: 60_000, timer: systemTimer, onError });
  const all = madeUpEvents();
  for (let written = 0; written < events; written += PUBLISHED_AT_ONCE) {
    const count = Math.min(PUBLISHED_AT_ONCE, events - written);
    for (let n = 0; n < count; n++) journal.publish(all.next().value);
    await journal.flush();
    onEvents(count);
  }
  await journal.close();
}

/** Asks a journal that {@link writeJournal} wrote. */
export async function benchJournal(folder: string, rounds: number): Promise<JournalBench> {
  const [newest] = await newestEvents(folder, 1);
  const end = Date.parse(newest?.measured?.wallTime ?? '');
  const ago = (hours: number) => new Date(end - hours * 3_600_000).toISOString();
  const [middle] = await newestEvents(folder, 1, { to: ago(12), facets: { type: 'verdict' } });
  const detection = middle !== undefined && 'detection' in middle ? middle.detection : '';
  const asked: readonly (readonly [string, () => Promise<number>])[] = [
    [
      'the newest 100 verdicts',
      async () => (await newestEvents(folder, 100, { facets: { type: 'verdict' } })).length,
    ],
    [
      'verdicts of a label in three hours',
      () => count(folder, { from: ago(30), to: ago(27), facets: { type: 'verdict', label: 'door' } }),
    ],
    ['one detection', () => count(folder, { facets: { detection } })],
    ['half an hour', () => count(folder, { from: ago(30), to: ago(29.5) })],
    ['all labels', () => count(folder, { facets: { type: 'label' } })],
  ];
  const before = process.memoryUsage.rss() / 1e6;
  let peak = before;
  const questions: QuestionTimes[] = [];
  for (const [question, ask] of asked) {
    const cpu: number[] = [];
    const wall: number[] = [];
    let events = 0;
    for (let round = 0; round < rounds; round++) {
      const [begun, spent] = [systemClock.monotonicMs(), processCpuMs()];
      events = await ask();
      wall.push(systemClock.monotonicMs() - begun);
      cpu.push(processCpuMs() - spent);
      peak = Math.max(peak, process.memoryUsage.rss() / 1e6);
    }
    const cpuMs = quantile(cpu, 0.5);
    questions.push({ question, events, cpuMs, wallMs: quantile(wall, 0.5), leastWallMs: Math.min(...wall) });
  }
  return { questions, rssMb: { before, peak } };
}

async function count(folder: string, question: JournalQuestion): Promise<number> {
  let events = 0;
  for await (const _ of journalEvents(folder, question)) events += 1;
  return events;
}

function* madeUpEvents(): Generator<CascadeEvent, never> {
  const random = mulberry32(1);
  const house = houseOf(random);
  let made = 0;
  for (let wake = 0; ; wake++) {
    const day = (wake * SECONDS_A_WAKE) / 86_400;
    for (const event of wakeOf(wake, day, house, random)) {
      made += 1;
      yield event.type === 'verdict' ? { ...event, label: ANSWERS[made % ANSWERS.length] ?? '' } : event;
      if (made % EVENTS_A_LABEL === 0 && 'detection' in event) yield labelOf(event, made);
    }
  }
}

function labelOf(
  { detection, measured }: Extract<CascadeEvent, { detection: string }>,
  made: number,
): CascadeEvent {
  return {
    v: EVENT_VERSION,
    id: `labels/${made}`,
    measured,
    type: 'label',
    detection: `${measured?.run}/${detection}`,
    source: 'kitchen',
    label: 'alexa',
    at: measured?.wallTime ?? '',
    verdict: 'wrong',
    was: null,
    by: 'page',
  };
}
