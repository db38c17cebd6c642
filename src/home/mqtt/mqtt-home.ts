import type { Clock, Time } from '../../core/clock.js';
import { type CascadeEvent, type EventOf, wholeDetectionOf } from '../../core/events/events.js';
import { type Health, ToldHealth } from '../../core/events/health.js';
import type { StageThresholds } from '../../core/thresholds.js';
import { every } from '../../core/waiting.js';
import type { Muted } from '../../dashboard/commands.js';
import type { Counter } from '../../dashboard/desk.js';
import { type Broker, publishThrough } from '../../egress/broker.js';
import type { WayOut } from '../../egress/way-out.js';
import type { EventBus } from '../../events/bus.js';
import type { Clearance } from '../../uplink/egress.js';
import type { MqttHomeConfig } from '../config.js';
import { askedBy } from './asked.js';
import { discoveryOf } from './discovery.js';
import { Outgoing } from './outgoing.js';
import { deviceState, type SourceTally, sourceState } from './readings.js';
import { CostToday, FalseAlarmsToday } from './today.js';
import { type HomeFacts, type Topics, topicsOf } from './topics.js';

/** What the house is told from, and who does what it asks for. */
export interface MqttHomeDeps extends Time {
  readonly clock: Clock;
  readonly config: MqttHomeConfig;
  /** What there is on this device now: words come and go while it runs. */
  readonly facts: () => HomeFacts;
  readonly broker: Broker;
  readonly wayOut: Pick<WayOut, 'leave'> & Clearance;
  readonly bus: EventBus;
  readonly muted: () => readonly Muted[];
  readonly isOffline: () => boolean;
  /** Thresholds of a source as they are now. */
  readonly thresholds: (source: string) => StageThresholds;
  /** Takes what is asked for. */
  readonly counter: Counter;
  readonly onHealth: (health: Health) => void;
}

/** What is counted of a source. */
interface Tally extends Omit<SourceTally, 'falseAlarms'> {
  readonly falseAlarms: FalseAlarmsToday;
}

/** So much of a message is looked at, and of a longer topic nothing: what asks for something is shorter. */
const ASKED_MAX_BYTES = 1024;
/** What is told at once waits this long for company: a source that comes up tells of several parts. */
const SOON_MS = 200;
const GOODBYE_MS = 500;

/**
 * Tells an MQTT broker of what is heard, found and wrong, in topics that Home Assistant's discovery describes, and
 * takes what the house asks for. Nothing is told that the rules of `uplink.egress` keep here.
 */
export class MqttHome {
  readonly #deps: MqttHomeDeps;
  readonly #topics: Topics;
  readonly #outgoing: Outgoing;
  readonly #tallies: ReadonlyMap<string, Tally>;
  /** By source: the newest detection that was believed. */
  readonly #newest = new Map<string, string>();
  #facts: HomeFacts;
  readonly #endings: (() => void)[] = [];
  readonly #closing = new AbortController();
  readonly #health: ToldHealth;
  readonly #cost = new CostToday();
  #cancelSoon: (() => void) | null = null;
  #asked = 0;

  constructor(deps: MqttHomeDeps) {
    this.#deps = deps;
    this.#health = new ToldHealth(deps.onHealth);
    const { config, clock } = deps;
    this.#facts = deps.facts();
    this.#topics = topicsOf(this.#facts.name, config);
    this.#tallies = new Map(
      this.#facts.sources.map(({ id }) => [
        id,
        { latencyMs: null, calledWrong: 0, fault: false, falseAlarms: new FalseAlarmsToday() },
      ]),
    );
    const send = (topic: string, payload: string, retain: boolean): Promise<void> =>
      this.#send(topic, payload, retain);
    this.#outgoing = new Outgoing({ ...config, clock, send });
  }

  /** Connects, and tells from now on. */
  open(): void {
    const { broker, bus, config, timer } = this.#deps;
    const { status, asks, birth } = this.#topics;
    for (const event of bus.history()) this.#count(event);
    this.#discover();
    this.#outgoing.state(status, 'online');
    this.#tellStates();
    this.#endings.push(
      bus.subscribe((event) => this.#take(event)),
      every(timer, config.everyMs, () => this.#tellStates()),
    );
    broker.keep({
      clientId: `catnap-${this.#topics.id}`,
      will: { topic: status, payload: 'offline' },
      topics: [`${asks}/#`, birth],
      what: 'home',
      onUp: () => {
        this.#outgoing.up();
        this.#health.become('ok', 'OK', `${broker.host} is there`);
      },
      onDown: (why) => {
        this.#outgoing.down();
        this.#health.become('degraded', 'HOME_AWAY', why.message);
      },
      onMessage: ({ topic, payload, retained }) => this.#hear(topic, payload, retained),
    });
  }

  #discover(): void {
    const { config, facts } = this.#deps;
    this.#facts = facts();
    const payload = config.discovery ? discoveryOf(this.#facts, this.#topics, config.transcripts) : '';
    this.#outgoing.state(this.#topics.discovery, payload);
  }

  /** Says goodbye; what still waits is lost. */
  async close(): Promise<void> {
    for (const end of this.#endings) end();
    this.#cancelSoon?.();
    const cancel = this.#deps.timer(GOODBYE_MS, () => this.#closing.abort());
    if (this.#health.state === 'ok') await this.#send(this.#topics.status, 'offline', true).catch(() => {});
    cancel();
    this.#closing.abort();
  }

  async #send(topic: string, payload: string, retain: boolean): Promise<void> {
    const { broker, wayOut } = this.#deps;
    await publishThrough(wayOut, broker, 'home', topic, payload, retain, this.#closing.signal);
  }

  #hear(topic: string, payload: Buffer, retained: boolean): void {
    if (topic === this.#topics.birth) {
      // Retained, it says no more than that Home Assistant was there once.
      if (payload.toString() === 'online' && !retained) this.#outgoing.again();
      return;
    }
    // What the broker kept was asked for at another time.
    if (retained || topic.length > ASKED_MAX_BYTES) return;
    const newest = (source: string) => this.#newest.get(source) ?? null;
    const wish = askedBy(topic, payload.subarray(0, ASKED_MAX_BYTES).toString(), this.#topics, newest);
    if (wish === null) return;
    this.#asked += 1;
    // Whatever came of it, what asked for it is shown how things are.
    void this.#deps.counter({ id: this.#asked, as: 'MQTT', ...wish }).finally(() => this.#tellAgain());
  }

  #take(event: CascadeEvent): void {
    this.#count(event);
    switch (event.type) {
      case 'verified':
        this.#tellDetection(event);
        return;
      case 'ended':
        this.#tellEnd(event);
        return;
      case 'settled':
        this.#tellIntent(event);
        return;
      case 'escalated':
        this.#tellTranscript(event);
        return;
      case 'health':
        // A source listens for other words.
        if (event.component.endsWith('/words')) this.#discover();
        this.#tellSoon();
        return;
      case 'label':
      case 'verdict':
      case 'command':
        this.#tellSoon();
        return;
      default:
        return;
    }
  }

  /** What stays of an event in figures. */
  #count(event: CascadeEvent): void {
    if (event.type === 'verdict') this.#cost.take(event);
    if (event.type === 'verified') this.#newest.set(event.source, wholeDetectionOf(event) ?? event.detection);
    const tally = 'source' in event ? this.#tallies.get(event.source) : undefined;
    if (tally === undefined) return;
    if (event.type === 'verified' && event.resumed !== true) tally.falseAlarms.believed(event);
    if (event.type !== 'label') return;
    tally.falseAlarms.labelled(event);
    if (event.verdict === 'wrong' && event.nearMiss !== true) tally.calledWrong += 1;
  }

  #tellDetection(event: EventOf<'verified'>): void {
    const { source, label, measured, resumed } = event;
    const tally = this.#tallies.get(source);
    if (tally === undefined) return;
    if (measured !== null && measured.latencyMs !== null) tally.latencyMs = measured.latencyMs;
    const kind = this.#kindOf(source);
    const parts = this.#deps.wayOut.partsOf(kind, source, label);
    const mayTell = parts.includes('label');
    if (kind === 'sensor') {
      tally.fault = mayTell ? true : null;
      this.#tellSoon();
    }
    if (!mayTell || resumed === true) return;
    const told = { ...aboutOf(event), degraded: event.degraded };
    const last = event.trail.findLast((entry) => entry.kind !== 'abstain');
    const features =
      parts.includes('features') && last !== undefined
        ? { confidence: Number(last.confidence.toFixed(4)), stage: last.stage }
        : {};
    const [what, type] = kind === 'voice' ? (['wake', label] as const) : (['fault', 'begun'] as const);
    this.#outgoing.event(
      this.#topics.event(source, what),
      JSON.stringify({ event_type: type, ...told, ...features }),
    );
  }

  #tellEnd(event: EventOf<'ended'>): void {
    const { source, label } = event;
    const tally = this.#tallies.get(source);
    if (tally === undefined || this.#kindOf(source) !== 'sensor') return;
    tally.fault = false;
    this.#tellSoon();
    if (!this.#deps.wayOut.partsOf('sensor', source, label).includes('label')) return;
    const told = { event_type: 'over', ...aboutOf(event), interrupted: event.interrupted === true };
    this.#outgoing.event(this.#topics.event(source, 'fault'), JSON.stringify(told));
  }

  #tellIntent(event: EventOf<'settled'>): void {
    const { source, label, intent, slots, degraded } = event;
    this.#tellTranscript(event);
    if (!this.#deps.wayOut.partsOf(this.#kindOf(source), source, label).includes('label')) return;
    const told = { event_type: intent, ...aboutOf(event), slots, degraded };
    this.#outgoing.event(this.#topics.intent, JSON.stringify(told));
  }

  #tellTranscript(event: EventOf<'settled' | 'escalated'>): void {
    const { source, label, transcript } = event;
    const { config, wayOut } = this.#deps;
    if (!config.transcripts || transcript === null) return;
    if (!wayOut.partsOf('voice', source, label).includes('transcript')) return;
    const told = { transcript: wayOut.redact(transcript), ...aboutOf(event) };
    this.#outgoing.state(this.#topics.transcript(source), JSON.stringify(told));
  }

  /** Tells how things are, in a moment. */
  #tellSoon(): void {
    this.#cancelSoon ??= this.#deps.timer(SOON_MS, () => this.#tellStates());
  }

  /** Tells how things are, to who may believe otherwise. */
  #tellAgain(): void {
    this.#tellStates();
    // Who asks has found the device already.
    this.#outgoing.again(this.#topics.discovery);
  }

  #tellStates(): void {
    this.#cancelSoon?.();
    this.#cancelSoon = null;
    const { bus, muted, clock, isOffline } = this.#deps;
    const { full, late } = this.#outgoing.dropped;
    const nowMs = clock.wallMs();
    const cost = this.#cost.at(nowMs);
    const device = deviceState(this.#facts, bus, { cost, dropped: full + late, isOffline: isOffline() });
    this.#outgoing.state(this.#topics.device, device);
    for (const source of this.#facts.sources) {
      const tally = this.#tallies.get(source.id);
      if (tally === undefined) continue;
      const state = sourceState(
        source,
        bus,
        muted(),
        { ...tally, falseAlarms: tally.falseAlarms.at(nowMs) },
        this.#deps.thresholds(source.id),
      );
      this.#outgoing.state(this.#topics.state(source.id), state);
    }
  }

  #kindOf(source: string): 'voice' | 'sensor' {
    return this.#facts.sources.find(({ id }) => id === source)?.kind ?? 'voice';
  }
}

/** What is told of an event whatever it is. */
function aboutOf({
  source,
  label,
  detection,
  measured,
}: EventOf<'verified' | 'ended' | 'settled' | 'escalated'>) {
  return { source, label, detection, at: measured?.wallTime ?? null };
}
