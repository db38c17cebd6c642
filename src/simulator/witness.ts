import { createHash } from 'node:crypto';
import type { CascadeEvent, EventOf } from '../core/events/events.js';
import { parseJson } from '../core/json.js';
import type { BudgetLimit } from '../uplink/accounts/budget.js';
import { Recovery } from './recovery.js';
import { type Spent, Tally } from './tally.js';
import type { VirtualTime } from './virtual-time.js';

/** Lines kept for whoever wants to know what led to a violation. */
const TAIL = 200;

/** Events that a journal holds back for a moment, to write them together. */
const MOST_PENDING = 20;

/** What became of one escalation, as the world saw it. */
interface Fate {
  readonly source: string;
  /** Order among those of its source. */
  readonly turn: number;
  isAccepted: boolean;
  isDone: boolean;
  verdicts: number;
  /** Outcome that was told, null while none was. */
  undelivered: string | null;
  /** It waited in the memory of a process that was killed, or rotted on the disk. */
  isExcused: boolean;
}

/** Sees everything that happens in a simulation, writes it down, and says what must not have been. */
export class Witness {
  readonly violations: string[] = [];
  readonly fates = new Map<string, Fate>();
  readonly counts: Record<string, number> = {};
  readonly tail: string[] = [];
  readonly recovery: Recovery;
  readonly #hash = createHash('sha256');
  readonly #turns = new Map<string, number>();
  readonly #lastDone = new Map<string, number>();
  readonly #health = new Map<string, EventOf<'health'>>();
  /** Detection under way, by what its ids begin with. */
  readonly #open = new Map<string, string>();
  /** How often what was said at a time was answered, by what was done. */
  readonly #answered = new Map<string, number>();
  readonly #tallies: readonly Tally[];
  /** Ids of what the present process published. */
  #published: string[] = [];

  constructor(
    private readonly time: VirtualTime,
    limits: readonly BudgetLimit[],
  ) {
    this.#tallies = limits.map((limit) => new Tally(limit));
    this.recovery = new Recovery(time, (what) => this.violated(what));
  }

  /** Equal for two runs in which the same happened at the same time. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  note(line: string): void {
    const whole = `${this.time.nowMs.toFixed(3)} ${line}`;
    this.#hash.update(`${whole}\n`);
    this.tail.push(whole);
    if (this.tail.length > TAIL) this.tail.shift();
  }

  violated(what: string): void {
    this.note(`VIOLATED ${what}`);
    this.violations.push(`${(this.time.nowMs / 3_600_000).toFixed(3)} h: ${what}`);
  }

  /** A process begins: what an earlier one told of its health says nothing of this one. */
  began(run: string): void {
    this.note(`begins ${run}`);
    this.#health.clear();
    this.recovery.began();
    this.#open.clear();
    this.#published = [];
  }

  /** The process has ended, having been asked to. */
  ended(): void {
    this.note('ended');
    if (this.#health.get('catnap')?.state !== 'down')
      this.violated('catnap: ended, and told not to be offline');
  }

  /** Something was done because of what was heard from `startMs` on; may be once at most. */
  answered(what: string, startMs: number): void {
    const key = `${what} ${startMs}`;
    const times = (this.#answered.get(key) ?? 0) + 1;
    this.#answered.set(key, times);
    if (times > 1) this.violated(`${what}: done ${times} times for one order`);
  }

  offered(key: string, source: string): void {
    const turn = (this.#turns.get(source) ?? 0) + 1;
    this.#turns.set(source, turn);
    this.fates.set(key, {
      source,
      turn,
      isAccepted: false,
      isDone: false,
      verdicts: 0,
      undelivered: null,
      isExcused: false,
    });
    this.note(`offered ${key}`);
  }

  accepted(key: string): void {
    const fate = this.fates.get(key);
    if (fate !== undefined) fate.isAccepted = true;
    this.note(`accepted ${key}`);
  }

  /** What need not be delivered any more, and why. */
  excused(key: string, why: string): void {
    const fate = this.fates.get(key);
    if (fate !== undefined) fate.isExcused = true;
    this.note(`excused ${key}: ${why}`);
  }

  /** Its process is gone and could not write that it was over: the next one asks again, under the same key. */
  mayComeAgain(key: string): void {
    const fate = this.fates.get(key);
    if (fate === undefined || (fate.verdicts === 0 && fate.undelivered === null)) return;
    fate.verdicts = 0;
    fate.undelivered = null;
    this.note(`may come again ${key}`);
  }

  done(key: string, source: string): void {
    this.note(`done ${key}`);
    const fate = this.fates.get(key);
    if (fate === undefined) {
      this.violated(`${key}: done and never offered`);
      return;
    }
    if (fate.isDone) this.violated(`${key}: done twice`);
    fate.isDone = true;
    if (fate.turn <= (this.#lastDone.get(source) ?? 0)) this.violated(`${key}: done out of order`);
    this.#lastDone.set(source, fate.turn);
  }

  /** What the cloud did, and may charge for, and what the network carried. */
  spent(spent: Spent): void {
    for (const tally of this.#tallies) {
      const passed = tally.add(spent, this.time.nowMs);
      if (passed !== null) this.violated(passed);
    }
  }

  told(run: string, event: CascadeEvent): void {
    this.note(JSON.stringify(event));
    this.counts[event.type] = (this.counts[event.type] ?? 0) + 1;
    if (event.type !== 'answer-part') this.#published.push(event.id);
    switch (event.type) {
      case 'verdict':
        this.#verdict(keyOf(run, event.detection));
        return;
      case 'undelivered':
        this.#undelivered(keyOf(run, event.detection), event.outcome);
        return;
      case 'health':
        this.#changed(event);
        return;
      case 'noticed':
        this.#noticed(event.detection);
        return;
      case 'refused':
      case 'ended':
        this.#open.delete(placeOf(event.detection));
        return;
      case 'settled':
      case 'escalated':
        // What is followed to its end is under way until then.
        if (!event.detection.startsWith('pump')) this.#open.delete(placeOf(event.detection));
        return;
      default:
    }
  }

  /**
   * What the journal holds has to be what the present process published, to the newest, in its order and once.
   *
   * @param text what is on the disk
   * @param dropped what the journal says that it lost
   */
  read(text: string, run: string, dropped: number): void {
    const kept = text.split('\n').flatMap((line) => {
      const event = parseJson(line) as CascadeEvent | undefined;
      return event?.measured?.run === run ? [event.id] : [];
    });
    const [oldest = ''] = kept;
    const expected = this.#published.slice(this.#published.indexOf(oldest));
    const lost = expected.length - kept.length;
    if (lost > dropped + MOST_PENDING || lost < 0)
      this.violated(`journal: ${kept.length} of ${expected.length} events, ${dropped} told to be dropped`);
    const wrong = dropped > 0 ? -1 : kept.findIndex((id, index) => id !== expected[index]);
    if (wrong >= 0)
      this.violated(`journal: ${kept[wrong]} in place of ${expected[wrong]}, ${wrong} of ${kept.length}`);
  }

  /** What is neither done nor told of. */
  get owed(): string[] {
    return [...this.fates]
      .filter(([, fate]) => fate.isAccepted && !fate.isExcused && !fate.isDone && fate.undelivered === null)
      .map(([key]) => key);
  }

  /** Components whose newest word is not that all is well. */
  get unwell(): string[] {
    return [...this.#health.values()]
      .filter(({ state }) => state !== 'ok')
      .map(({ component, state, code }) => `${component} ${state} ${code}`);
  }

  #verdict(key: string): void {
    const fate = this.fates.get(key);
    if (fate === undefined) {
      this.violated(`${key}: a verdict on what was never offered`);
      return;
    }
    fate.verdicts++;
    if (fate.verdicts > 1) this.violated(`${key}: ${fate.verdicts} verdicts`);
    if (!fate.isDone) this.violated(`${key}: a verdict on what was never done`);
    if (fate.undelivered !== null) this.violated(`${key}: a verdict, told to be ${fate.undelivered}`);
  }

  #undelivered(key: string, outcome: string): void {
    const fate = this.fates.get(key);
    if (fate === undefined) {
      this.violated(`${key}: ${outcome}, and never offered`);
      return;
    }
    if (fate.verdicts > 0) this.violated(`${key}: ${outcome} after its verdict`);
    if (fate.undelivered !== null) this.violated(`${key}: told twice, ${fate.undelivered} and ${outcome}`);
    fate.undelivered = outcome;
    this.counts[outcome] = (this.counts[outcome] ?? 0) + 1;
  }

  #noticed(detection: string): void {
    const place = placeOf(detection);
    const before = this.#open.get(place);
    if (before !== undefined) this.violated(`${detection}: noticed while ${before} is under way`);
    this.#open.set(place, detection);
  }

  #changed(event: EventOf<'health'>): void {
    const before = this.#health.get(event.component);
    if (before?.state === event.state && before.code === event.code)
      this.violated(`${event.component}: told twice that it is ${event.state} ${event.code}`);
    if (before === undefined && event.state === 'ok' && event.component !== 'catnap')
      this.violated(`${event.component}: told to be well again, and never to be unwell`);
    this.#health.set(event.component, event);
    this.recovery.told(event);
  }
}

/** What the ids of a thread begin with. */
function placeOf(detection: string): string {
  return detection.slice(0, detection.lastIndexOf('/'));
}

/** The key of a detection: one of an earlier run goes by its whole key. */
function keyOf(run: string, detection: string): string {
  return /^run-\d+\//.test(detection) ? detection : `${run}/${detection}`;
}
