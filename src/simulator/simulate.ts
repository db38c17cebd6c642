import type { Escalation } from '../core/cascade/escalation.js';
import { CatnapError } from '../core/errors.js';
import { Chance } from './chance.js';
import { SimulatedConfiguration } from './configuration.js';
import type { Fault } from './fault.js';
import { FAULTS } from './faults.js';
import { HISTORY_EVENTS, JOURNAL_EVENTS } from './house.js';
import { loadEverything, Machine } from './machine.js';
import { VirtualTime } from './virtual-time.js';
import { Witness } from './witness.js';

/** What is simulated. */
export interface SimulationOptions {
  /** The same seed is the same run, to the byte. */
  readonly seed: number;
  readonly days: number;
  /** Names of the faults that befall it; all when left out. */
  readonly faults?: readonly string[];
  /** How much more often than they are drawn by themselves; 1 when left out. */
  readonly often?: number;
  /** Told how many hours have gone by. */
  readonly onHour?: (hours: number) => void;
}

/** What was seen. */
export interface Simulation {
  readonly seed: number;
  /** Virtual time that went by, with the quiet at the end. */
  readonly hours: number;
  readonly offered: number;
  /** How often each fault befell it. */
  readonly faults: Readonly<Record<string, number>>;
  /** Events by type, and outcomes of what was not delivered. */
  readonly events: Readonly<Record<string, number>>;
  /** What must not have been; the run ends with the first. */
  readonly violations: readonly string[];
  /** What led there, newest last. */
  readonly tail: readonly string[];
  /** SHA-256 of all that happened. */
  readonly digest: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SOURCES = ['attic', 'cellar', 'garden'] as const;
/** Mean time between two escalations of a source. */
const EVERY_MS = 20 * 60_000;
/** How long after the last fault everything has to be delivered and well. */
const QUIET_MS = 2 * DAY_MS;
/** Between two looks at what takes long to count. */
const LOOK_MS = 60_000;
/** Records of clocks and budgets, and audit rows that wait for their bound. */
const MORE_RECORDS = 300;
/** The journal holds a segment more than it has to. */
const MOST_JOURNAL_BYTES = (JOURNAL_EVENTS + 1_000) * 2_000;
const MOST_COMPONENTS = 40;
/** Timers, of which each thing that waits has a few. */
const MOST_TIMERS = 2_000;

/**
 * Runs Catnap in virtual time, under faults that are drawn by a seed, and looks at every step whether anything was
 * that must not be: threads, cascades, heavy process, arbiter, actions, journal, and the uplink with outbox, budget and
 * audit are the real ones; devices, models, far ends, disk, processes and time are simulated.
 * @throws CatnapError `USAGE` for a fault of no such name.
 */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  await loadEverything(new SimulatedConfiguration().read(), new VirtualTime());
  return new SimulationRun(options).whole();
}

class SimulationRun {
  readonly #time = new VirtualTime();
  readonly #config = new SimulatedConfiguration().read().uplink;
  readonly #witness = new Witness(this.#time, this.#config.budget);
  readonly #machine: Machine;
  readonly #met: Record<string, number> = {};
  readonly #ends = new Set<() => void>();
  #isQuiet = false;
  #nextLookMs = 0;

  constructor(private readonly options: SimulationOptions) {
    this.#machine = new Machine(this.#time, this.#witness, (name) => this.#chance(name));
  }

  async whole(): Promise<Simulation> {
    const { days, faults, onHour = () => {} } = this.options;
    checkNames(faults ?? []);
    this.#machine.start();
    for (const source of SOURCES) this.#offerLater(source, this.#chance(`offers of ${source}`));
    for (const fault of FAULTS) {
      if (faults?.includes(fault.name) ?? true) this.#befallLater(fault, this.#chance(fault.name));
    }
    const witness = this.#witness;
    for (let hour = 0; hour < days * 24 && witness.violations.length === 0; hour++) {
      await this.#time.advance(HOUR_MS, () => this.#look());
      this.#lookHourly();
      onHour(hour + 1);
    }
    if (witness.violations.length === 0) await this.#comeToRest();
    return {
      seed: this.options.seed,
      hours: this.#time.nowMs / HOUR_MS,
      offered: witness.fates.size,
      faults: this.#met,
      events: witness.counts,
      violations: witness.violations,
      tail: witness.tail,
      digest: witness.digest(),
    };
  }

  #chance(name: string): Chance {
    return new Chance(this.options.seed, name);
  }

  #befallLater(fault: Fault, chance: Chance): void {
    const meanMs = (fault.everyHours * HOUR_MS) / (this.options.often ?? 1);
    this.#time.timer(chance.wait(meanMs), () => {
      if (this.#isQuiet) return;
      this.#met[fault.name] = (this.#met[fault.name] ?? 0) + 1;
      this.#witness.note(`begins: ${fault.name}`);
      const { recovery } = this.#witness;
      recovery.begins(fault);
      const end = fault.begin(this.#machine, chance);
      const over = (): void => {
        if (!this.#ends.delete(over)) return;
        this.#witness.note(`ends: ${fault.name}`);
        end();
        recovery.ends(fault);
        this.#befallLater(fault, chance);
      };
      this.#ends.add(over);
      this.#time.timer(chance.wait(fault.lastsSeconds * 1000), over);
    });
  }

  /** Further sources, so that the way to the cloud has enough to do. */
  #offerLater(source: string, chance: Chance): void {
    this.#time.timer(chance.isTrue(0.1) ? 200 : chance.wait(EVERY_MS), () => {
      if (this.#isQuiet) return;
      this.#offerAs(source, chance);
      this.#offerLater(source, chance);
    });
  }

  #offerAs(source: string, chance: Chance): void {
    this.#machine.offer((run) => escalationOf(run, source, this.#witness.fates.size, chance));
  }

  /** Looks at what must hold at every step. */
  #look(): void {
    const { farEnd } = this.#machine;
    if (this.#time.waiting > MOST_TIMERS) this.#witness.violated(`${this.#time.waiting} timers`);
    if (farEnd.openCount > 2) this.#witness.violated(`${farEnd.openCount} connections`);
    if (this.#time.nowMs < this.#nextLookMs) return;
    this.#nextLookMs = this.#time.nowMs + LOOK_MS;
    for (const [what, found, most] of this.#bounds())
      if (found > most) this.#witness.violated(`${found} ${what}, of ${most}`);
    this.#machine.house?.visitors.look();
    this.#witness.recovery.look();
  }

  /** Looks at what takes longer. */
  #lookHourly(): void {
    const events = this.#machine.house?.bus.history().length ?? 0;
    if (events > HISTORY_EVENTS) this.#witness.violated(`${events} events of history, of ${HISTORY_EVENTS}`);
  }

  /** What there may be so much of. */
  #bounds(): readonly (readonly [what: string, found: number, most: number])[] {
    const { house, disk } = this.#machine;
    const { count = 0, bytes = 0 } = house?.uplink?.stats().waiting ?? {};
    const { maxCount, maxBytes, maxDeadLetters } = this.#config.outbox;
    const mostRecords = maxCount + maxDeadLetters + this.#config.maxAuditRows + MORE_RECORDS;
    return [
      ['uploads wait', count, maxCount],
      ['bytes wait', bytes, maxBytes],
      ['records', disk.recordCount, mostRecords],
      ['bytes of journal', disk.textBytes, MOST_JOURNAL_BYTES],
      ['components', house?.bus.health().size ?? 0, MOST_COMPONENTS],
    ];
  }

  /** All faults are over: what was accepted has to be delivered, and all that was unwell is well. */
  async #comeToRest(): Promise<void> {
    this.#isQuiet = true;
    for (const end of [...this.#ends]) end();
    this.#machine.farEnd.weather = { kind: 'fair' };
    const witness = this.#witness;
    const untilMs = this.#time.nowMs + QUIET_MS;
    while (this.#time.nowMs < untilMs && witness.owed.length > 0) {
      await this.#time.advance(HOUR_MS, () => this.#look());
    }
    // One more, so that whoever is unwell has something to do.
    this.#offerAs('garden', this.#chance('last offer'));
    await this.#time.advance(HOUR_MS, () => this.#look());
    const { disk, run, house } = this.#machine;
    witness.read(disk.textBelow('journal/0'), run, house?.journal.dropped ?? 0);
    for (const key of witness.owed) witness.violated(`${key}: lost`);
    for (const component of witness.unwell) witness.violated(`${component}, and no fault any more`);
  }
}

/** @throws CatnapError `USAGE` for a name that no fault has. */
function checkNames(names: readonly string[]): void {
  const known = FAULTS.map(({ name }) => name);
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length > 0)
    throw new CatnapError(
      'USAGE',
      `faults: expected names among ${known.join(', ')}, found "${strange.join('", "')}"`,
    );
}

function escalationOf(run: string, source: string, count: number, chance: Chance): Escalation {
  const isVoice = source !== 'garden';
  const detection = `${source}/d${count}`;
  return {
    key: `${run}/${detection}`,
    detection,
    source,
    sample: 16_000 * count,
    wallTime: '2026-01-01T00:00:00.000Z',
    label: isVoice ? 'computer' : 'anomaly',
    reasons: [isVoice ? 'no-match' : 'unknown-fault'],
    trail: [],
    priority: isVoice ? 0 : 5,
    features: {},
    answeredHere: false,
    transcript: isVoice ? 'what is the weather like tomorrow' : null,
    summary: isVoice ? null : { channels: ['flow'], note: 'x'.repeat(Math.floor(chance.between(10, 2000))) },
    clip: null,
  };
}
