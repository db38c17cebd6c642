import type { Decision, Judgement, Window } from '../../core/cascade/stage.js';
import { CatnapError } from '../../core/errors.js';
import type { News } from '../../core/events/health.js';
import { judge } from '../../core/thresholds.js';
import { AlarmCount } from '../normal/alarm-count.js';
import { type Calibration, confidenceOf, deviationOf } from '../normal/calibration.js';
import { contributionsOf } from '../normal/explain.js';
import type { FeatureExtractor } from '../normal/feature-extractor.js';
import { summariseFeatures } from '../normal/feature-summary.js';
import { createFeatures, featureTitles } from '../normal/features.js';
import { Rises, withRises } from '../normal/kinds.js';
import { LocalRows } from '../normal/local-rows.js';
import {
  AWAY_ROWS,
  acceptRegimes,
  BASELINE_ROWS,
  hasOrder,
  isHeard,
  kindsOf,
  learnNormal,
  mergeNormal,
  type NormalModel,
} from '../normal/normal-model.js';
import { Oddities } from '../normal/oddities.js';
import { paceOf } from '../normal/pace.js';
import { RowHistory } from '../normal/row-history.js';
import { periodsOf, Seasons } from '../normal/seasons.js';
import {
  type AnomalyState,
  type AnomalyStore,
  differenceOf,
  levelsOf,
  type OpenFault,
  type SignalShape,
  STATE_VERSION,
} from '../normal/state.js';
import { newestSamples, type SensorSummary, summariseWindow } from '../normal/summary.js';
import { Watcher, type WatchLimits } from '../normal/watcher.js';
import { ANOMALY, type AnomalyTinySpec } from './spec.js';
import { calibrationOf, watchLimitsOf } from './watch-limits.js';

/** Label while the stage learns. */
const LEARNING = 'learning';

/** What is learnt is saved this often, the longer of the two, so that a power cut costs no more of it. */
const SAVE_SECONDS = 3600;
const SAVE_ROWS = 60;

/** Rows without an alarm after which a fault that was under way before a restart or a gap is over. */
const OVER_ROWS = 2 * BASELINE_ROWS;

/** Told of every row: its place, its features, and what was expected of each channel's level; both are reused. */
export type OnRow = (at: number, row: ArrayLike<number>, expected: Float64Array) => void;

/** One signal from its first row on: learning, then watching. */
export class WatchedSignal {
  readonly channels: number;
  readonly #spec: AnomalyTinySpec;
  readonly #shape: SignalShape;
  readonly #store: AnomalyStore;
  readonly #names: readonly string[];
  readonly #features: FeatureExtractor;
  readonly #titles: readonly string[] | null;
  readonly #calibration: Calibration;
  readonly #limits: WatchLimits;
  /** The same object every hop while all is well. */
  readonly #calm: { -readonly [key in keyof Judgement]: Judgement[key] };
  readonly #history: RowHistory;
  readonly #rowMs: number;
  readonly #saveRows: number;
  readonly #localRows: LocalRows;
  /** Time zone by which courses are counted; null: nobody knows the time. */
  readonly #phases: string | null;
  /** Rows after which what was confirmed may be a regime. */
  readonly #regimeRows: number;
  readonly #alarmCount: AlarmCount;
  /** The channels whose level is watched: they may be counters or categories, and may drift. */
  readonly #levels: SignalShape['channels'];
  readonly #expected: Float64Array;
  /** What is to be told of it. */
  readonly news: News[] = [];
  #normal: NormalModel | null = null;
  #watcher: Watcher | null = null;
  #seasons: Seasons[];
  #rises = new Rises([]);
  readonly #oddities: Oddities;
  readonly #createSeasons: () => Seasons[];
  /** Rows after which it is looked whether somebody wants it to learn again: a second of them. */
  readonly #wishRows: number;
  #recording: string | null = null;
  /** The fault that is under way, or was when the signal last broke off. */
  #fault: OpenFault | null = null;
  #faultRows = 0;
  #calmRows = 0;
  #unsavedRows = 0;
  #last: Decision;

  /** `startMs`: milliseconds since the epoch at which sample 0 was, where that is known. */
  constructor(
    spec: AnomalyTinySpec,
    shape: SignalShape,
    store: AnomalyStore,
    state: AnomalyState | null,
    startMs?: number,
    readonly onRow: OnRow | null = null,
  ) {
    this.channels = shape.channels.length;
    this.#spec = spec;
    this.#shape = shape;
    this.#store = store;
    this.#names = shape.channels.map(({ name }) => name);
    this.#features = createFeatures(shape.features, this.#names);
    this.#titles = featureTitles(shape.features, this.#names, shape.rateHz);
    const pace = paceOf(shape.rateHz, shape.features, spec);
    this.#levels = levelsOf(shape);
    this.#expected = new Float64Array(this.#levels.length).fill(Number.NaN);
    const periods = periodsOf(1 / pace.rowSeconds);
    this.#createSeasons = () => this.#levels.map(() => new Seasons(periods, pace.memoryRows));
    this.#seasons = this.#createSeasons();
    this.#wishRows = Math.max(1, Math.round(1 / pace.rowSeconds));
    this.#alarmCount = new AlarmCount(pace.falseAlarmsPerDay, pace.rowsPerDay);
    this.#calibration = calibrationOf(pace, this.#features.names.length, this.#levels.length);
    this.#limits = watchLimitsOf(spec, pace, this.#calibration, this.#levels);
    this.#oddities = new Oddities(this.#levels, this.#limits.allowed, pace);
    this.#rowMs = 1_000 * pace.rowSeconds;
    this.#saveRows = Math.max(SAVE_ROWS, Math.round(SAVE_SECONDS / pace.rowSeconds));
    this.#localRows = new LocalRows(startMs, this.#rowMs, spec.timeZone);
    this.#phases = startMs === undefined ? null : (spec.timeZone ?? 'UTC');
    this.#regimeRows = pace.regimeRows;
    this.#history = new RowHistory(pace.learnRows, this.#features.names.length, pace.stretchRows);
    this.#calm = {
      kind: 'reject',
      stage: spec.name,
      label: LEARNING,
      score: 0,
      confidence: 0,
      contributions: [],
    };
    this.#last = this.#calm;
    if (state !== null) this.#restore(state);
    for (const name of Object.keys(spec.limits))
      if (!this.#names.includes(name))
        this.#tell('limits', `limits: no channel ${name}, but ${this.#names.join(', ')}`);
  }

  #restore({ normal, recording, fault, seasons, phases, deviations, drifts }: AnomalyState): void {
    this.#recording = recording;
    this.#fault = fault;
    const watcher = this.#watch(normal);
    // How long it was away is not known: a restart is a gap, and a fault of before it may be over.
    watcher.reset(AWAY_ROWS);
    if (deviations !== null) watcher.restore(deviations);
    this.#oddities.restore(drifts);
    const samePhases = phases !== null && phases === this.#phases;
    seasons.forEach((season, c) => {
      if (season !== null) this.#seasons[c]?.restore(season, samePhases);
    });
    const isForgotten = !samePhases && seasons.some((season) => season !== null && season.course !== null);
    if (isForgotten)
      this.#tell('learning', 'courses of day and week are learnt anew: nobody knows what time it is here');
  }

  /** Milliseconds of signal until it watches. */
  get learningMs(): number {
    if (this.#normal !== null) return 0;
    return Math.max(1, this.#history.waitRows) * this.#rowMs;
  }

  /**
   * Whether the newest row may be how the plant runs: what was confirmed is, once it lasts and while nobody objects by
   * having given it a name.
   */
  get #isLearnt(): boolean {
    if (this.#fault === null) return true;
    return this.#fault.label === ANOMALY && this.#faultRows > this.#regimeRows;
  }

  decide({ data, startSample }: Window): Decision {
    for (let offset = 0; offset < data.length; offset += this.channels) {
      if (!this.#features.push(data, offset)) continue;
      const sample = startSample + offset / this.channels;
      this.#take(this.#features.row, Math.floor(sample / this.#shape.features.rowSamples));
    }
    return this.#last;
  }

  reset(): void {
    this.#features.reset();
    this.#rises.reset();
    // How long the gap was is not known; but what a fault under way shifted is to be seen again.
    this.#watcher?.reset(this.#fault === null ? AWAY_ROWS : 0);
    this.#last = this.#calm;
    // The stage that looks again then has nothing else before it.
    if (this.#unsavedRows >= SAVE_ROWS) this.save();
  }

  confirmed(label: string, samples: number): void {
    const watcher = this.#watcher;
    // What only surprises may be how the plant runs from now on.
    if (watcher === null || !watcher.isShift) return;
    this.#history.drop(Math.ceil(samples / this.#shape.features.rowSamples));
    const shifts = watcher.smoothed.map((value, f) => value - (watcher.baseline[f] as number));
    this.#fault = { label, shifts: [...shifts] };
    this.#faultRows = 0;
    this.#unsavedRows += 1;
    this.save();
  }

  ended(): void {
    // With the alarm still there it was a gap, a restart or a deadline that ended the event, not the fault.
    if (this.#watcher?.alarm === false) this.#over();
  }

  summarise(window: Window): SensorSummary {
    const { samples } = this.#spec.summary;
    const figures = this.#figures(window);
    if (samples === 0) return figures;
    return { ...figures, samples: newestSamples(window, this.#shape.channels, samples) };
  }

  #figures(window: Window): SensorSummary {
    const { plotWidth } = this.#spec.summary;
    const normals =
      this.#normal?.channels.map(({ centre, kind }) => (kind === 'counter' ? null : centre)) ?? [];
    if (this.#titles !== null) {
      const deviations = this.#watcher?.deviations ?? [];
      return summariseFeatures(window, this.#shape, this.#titles, deviations, { normals, plotWidth });
    }
    const contributions = this.#last.kind === 'abstain' ? [] : this.#last.contributions;
    return summariseWindow(window, { channels: this.#shape.channels, normals, contributions, plotWidth });
  }

  /** Saves what was learnt and where the level now is. */
  save(): void {
    const normal = this.#normal;
    const watcher = this.#watcher;
    if (normal === null || watcher === null || this.#unsavedRows === 0) return;
    this.#unsavedRows = 0;
    const state: AnomalyState = {
      version: STATE_VERSION,
      shape: this.#shape,
      normal: { ...normal, smoothed: [...watcher.smoothed], baseline: [...watcher.baseline] },
      seasons: this.#seasons.map(({ state }) => state),
      phases: this.#phases,
      deviations: watcher.tail,
      drifts: this.#oddities.drifts,
      recording: this.#recording,
      fault: this.#fault,
    };
    try {
      this.#store.save(state);
    } catch (error) {
      // A full disk is no reason to stop watching: what was learnt stays in memory and is saved a little later.
      if (!(error instanceof CatnapError) || error.code !== 'STORE_FULL') throw error;
      this.#unsavedRows = this.#saveRows - SAVE_ROWS;
    }
  }

  #tell(condition: string, detail: string): void {
    this.news.push({ condition, state: 'ok', code: 'OK', detail });
  }

  /** `at`: its place among the rows of the signal, gaps included. */
  #take(row: Float64Array, at: number): void {
    if (at % this.#wishRows === 0) this.#heed(at);
    if (this.#isLearnt) this.#history.keep(row);
    this.#rises.apply(row);
    const surprise = this.#surprise(row, at);
    this.onRow?.(at, row, this.#expect());
    const watcher = this.#watcher;
    if (watcher === null) {
      if (this.#history.isFirst) this.#learn(at);
      return;
    }
    const { begun } = watcher;
    watcher.push(row, surprise);
    const told = this.#alarmCount.take(watcher.begun > begun);
    if (told !== null) this.#tell('alarms', told);
    const { kinds } = this.#rises;
    this.news.push(...this.#oddities.push(row, kinds, watcher.plain.isQuiet, this.#seasons));
    this.#unsavedRows += 1;
    if (this.#fault !== null) this.#wait(watcher);
    if (this.#isLearnt && watcher.alarm) this.#history.alarmed();
    this.#last = watcher.alarm ? this.#alarmed(watcher) : this.#quiet(watcher);
    if (this.#history.isDue && !watcher.alarm && this.#isLearnt) this.#learnMore(watcher);
    if (this.#unsavedRows >= this.#saveRows && !watcher.alarm) this.save();
  }

  /** Does what somebody asked for: forgets what it learnt, or takes over what was learnt elsewhere. */
  #heed(at: number): void {
    const nowMs = this.#localRows.msOf(at);
    const wish = this.#store.wished();
    if (wish === null || (wish.fromMs !== null && nowMs !== null && wish.fromMs > nowMs)) return;
    const { by, fromMs, state } = wish;
    const other = state === null ? null : differenceOf(state, this.#shape);
    if (other !== null) {
      this.#store.settleWish();
      this.#tell('learning', `goes on as before, not by what ${by} brought: ${other}`);
      return;
    }
    const sinceRows = fromMs === null || nowMs === null ? 0 : Math.round((nowMs - fromMs) / this.#rowMs);
    const since = this.#history.newest(sinceRows);
    if (state === null) this.#store.forget();
    this.#store.settleWish();
    this.#startOver();
    if (state !== null) {
      this.#takeOver(state, by);
      return;
    }
    const length = this.#features.names.length;
    const rows = since.length / length;
    this.#tell(
      'learning',
      `learns again from ${rows === 0 ? 'now on' : `the last ${rows} rows on`}, as ${by} asked`,
    );
    for (let row = 0; row < rows; row++) this.#history.keep(since.subarray(row * length, (row + 1) * length));
    if (this.#history.isFirst) this.#learn(at - 1);
  }

  #takeOver(state: AnomalyState, by: string): void {
    this.#tell('learning', `goes by what was learnt elsewhere from now on, as ${by} asked`);
    this.#restore(state);
    this.#unsavedRows = 1;
    this.save();
  }

  #startOver(): void {
    this.#normal = null;
    this.#watcher = null;
    this.#rises = new Rises([]);
    this.#seasons = this.#createSeasons();
    this.#oddities.reset();
    this.#fault = null;
    this.#recording = null;
    this.#calmRows = 0;
    this.#unsavedRows = 0;
    this.#history.clear();
    this.#calm.label = LEARNING;
    this.#calm.score = 0;
    this.#calm.confidence = 0;
    this.#last = this.#calm;
  }

  /** By the course where one is believed, else by the level before this row. */
  #expect(): Float64Array {
    for (let c = 0; c < this.#expected.length; c++) {
      const season = this.#seasons[c];
      const level = (season?.hasBegun !== false ? this.#watcher?.baseline[c] : null) ?? Number.NaN;
      this.#expected[c] = season === undefined || season.course === null ? level : season.expected;
    }
    return this.#expected;
  }

  /** The largest of the channels, of which each is told the row. */
  #surprise(row: Float64Array, at: number): number {
    let largest = 0;
    const local = this.#localRows.rowOf(at);
    for (let c = 0; c < this.#seasons.length; c++) {
      const season = this.#seasons[c] as Seasons;
      season.push(local, row[c] as number);
      if (season.score > largest && hasOrder(this.#normal?.channels[c])) largest = season.score;
    }
    return largest;
  }

  /** `at`: the place of the newest row. */
  #learn(at: number): void {
    const recent = this.#history.recent();
    const normal = learnNormal(recent, this.#features.names.length, this.#levels);
    const rows = withRises(recent, this.#features.names.length, kindsOf(normal));
    this.#watch(normal).learn(rows);
    this.#learnRises(rows, at);
    this.#unsavedRows = this.#history.capacityRows;
    this.#history.learn();
    this.save();
  }

  /** What surprises about a counter is how it rises, not how high it stands. */
  #learnRises(rows: Float64Array, at: number): void {
    const features = this.#features.names.length;
    const first = at + 1 - this.#history.capacityRows;
    for (const c of this.#rises.counters) {
      const season = this.#createSeasons()[c];
      if (season === undefined) continue;
      for (let row = 0; row < this.#history.capacityRows; row++)
        season.push(this.#localRows.rowOf(first + row), rows[row * features + c] as number);
      this.#seasons[c] = season;
    }
  }

  /** While a fault is known to be under way: it is over when it has not shown for long after a gap or a restart. */
  #wait(watcher: Watcher): void {
    this.#faultRows += 1;
    if (this.#isLearnt) this.#acceptRegimes(watcher);
    const regimeRows = this.#faultRows - this.#regimeRows;
    if (this.#isLearnt && regimeRows >= this.#history.capacityRows && watcher.maySettle)
      this.#settle(watcher);
    this.#calmRows = watcher.alarm ? 0 : this.#calmRows + 1;
    if (this.#calmRows >= OVER_ROWS) this.#over();
  }

  /** Takes the regime that is kept by now, as long as what is learnt from at once, for normal. */
  #settle(watcher: Watcher): void {
    if (this.#normal === null) return;
    this.#history.learn();
    watcher.settle(this.#learnFurther(this.#normal));
    this.#follow(this.#normal);
    this.#tell('learning', 'what lasted, and nobody gave a name, is taken for normal from now on');
  }

  #acceptRegimes(watcher: Watcher): void {
    const { found } = watcher.plain;
    if (this.#normal === null || !found.includes('regime never seen')) return;
    this.#normal = acceptRegimes(this.#normal, (c) => found[c] === 'regime never seen');
    watcher.adopt(this.#normal);
  }

  #over(): void {
    if (this.#fault === null) return;
    this.#fault = null;
    this.#calmRows = 0;
    this.#unsavedRows += 1;
    this.save();
  }

  /** Normal running after the first stretch makes the model surer. */
  #learnMore(watcher: Watcher): void {
    const wasCalm = this.#history.learn();
    if (!wasCalm || this.#normal === null) return;
    const { channels } = this.#normal;
    watcher.adopt(this.#learnFurther(this.#normal));
    this.#follow(this.#normal);
    // Who looks again has to know of a channel that has begun.
    if (!channels.every(isHeard)) this.save();
  }

  /** Puts what is kept by now together with what was known. */
  #learnFurther(known: NormalModel): NormalModel {
    const recent = this.#history.recent();
    const newer = learnNormal(recent, this.#features.names.length, this.#levels, known);
    this.#normal = mergeNormal(known, newer);
    return this.#normal;
  }

  #watch(normal: NormalModel): Watcher {
    const watcher = new Watcher(normal, this.#limits);
    this.#normal = normal;
    this.#watcher = watcher;
    this.#follow(normal);
    this.#calm.label = ANOMALY;
    return watcher;
  }

  /** Watches the rises of what is a counter, from the newest row on. */
  #follow(normal: NormalModel): void {
    const kinds = kindsOf(normal);
    if (kinds.join() === this.#rises.kinds.join()) return;
    this.#rises = new Rises(kinds);
    this.#rises.apply(this.#history.newest(1));
  }

  #alarmed(watcher: Watcher): Judgement {
    const confidence = confidenceOf(watcher.worstDeviation, this.#calibration, watcher.worstSurprise);
    const { thresholds } = this.#spec;
    return {
      kind: judge(confidence, thresholds),
      thresholds,
      stage: this.#spec.name,
      label: ANOMALY,
      // What surprises counts as the deviation that is as rare.
      score: Math.max(watcher.deviation, deviationOf(confidence, this.#calibration)),
      confidence,
      contributions: contributionsOf(
        this.#strays(watcher),
        this.#features.channelOf,
        this.#names,
        watcher.plain.found.map((plain, f) => plain ?? this.#titles?.[f] ?? null),
      ),
      ...(this.#fault === null ? {} : { resumes: true }),
    };
  }

  /** How far each feature strays, in what begins an alarm: by deviation or, of a channel's level, by surprise. */
  #strays({ deviations }: Watcher): Float64Array {
    const { startDeviation, startSurprise } = this.#limits;
    return deviations.map((deviation, f) =>
      Math.max(Math.abs(deviation) / startDeviation, (this.#seasons[f]?.score ?? 0) / startSurprise),
    );
  }

  #quiet(watcher: Watcher): Judgement {
    const confidence = confidenceOf(watcher.deviation, this.#calibration);
    this.#calm.score = watcher.deviation;
    // What is left of an alarm that is over says nothing new, however large it is.
    this.#calm.confidence = confidence < this.#spec.thresholds.reject ? confidence : 0;
    return this.#calm;
  }
}
