import type { MessagePort } from 'node:worker_threads';
import type { Clip, Uplink } from '../../core/cascade/escalation.js';
import type { Clock, Time } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import type { CascadeEvent } from '../../core/events/events.js';
import type { Health } from '../../core/events/health.js';
import type { Telemetry } from '../../core/metering/telemetry.js';
import type { Passage } from '../../egress/way-out.js';
import { NapCollector } from './nap-collector.js';
import { type Elsewhere, Neighbourhood } from './neighbourhood.js';
import { SourceHost, type SourceHostOptions } from './source-host.js';
import { StartingSources } from './starting.js';
import type { WorkerOrder, WorkerOutput } from './worker-protocol.js';

/** A source as its worker is started for it. */
export interface HostedSource {
  readonly id: string;
  /** It listens for words. */
  readonly isVoice: boolean;
  /** As {@link SourceHostOptions.spec}. */
  readonly spec: unknown;
  /** As {@link SourceHostOptions.openHeavy}; null where nothing heavy is asked. */
  readonly openHeavy: (() => MessagePort) | null;
  /** It is opened at its start; else it serves others. */
  readonly isOpened: boolean;
  /** As {@link SourceHostOptions.startWorker}. */
  readonly startWorker: SourceHostOptions['startWorker'];
}

/** What the sources of a run are given, and where what they find goes. */
export interface SourceHostsOptions extends Time {
  readonly clock: Clock;
  readonly run: string;
  readonly sources: readonly HostedSource[];
  readonly publish: (event: CascadeEvent) => void;
  readonly telemetry: (reading: Telemetry) => void;
  readonly tell: (component: string, health: Health) => void;
  /** Told of what left the device from a worker. */
  readonly onLeft: (passage: Passage) => void;
  /** Takes what was heard of a detection, under its key; left out where it is not kept. */
  readonly keepClip?: (key: string, clip: Clip) => void;
  readonly uplink: () => Uplink;
  /** Other devices that may hear the same; none when left out. */
  readonly elsewhere?: Elsewhere | null;
  readonly onError: (where: string, error: unknown) => void;
  /** What is used in place of chance and patience; a test has its own. */
  readonly edges?: (source: string) => Pick<SourceHostOptions, 'random' | 'hangMs'>;
}

/** All sources of a run, each in its thread; what they put out goes on from here. */
export class SourceHosts {
  readonly #options: SourceHostsOptions;
  readonly #hosts: readonly SourceHost[];
  readonly #neighbourhood: Neighbourhood;
  readonly #starting: StartingSources;
  readonly #collector = new NapCollector();

  constructor(options: SourceHostsOptions) {
    this.#options = options;
    const voices = options.sources.filter(({ isVoice }) => isVoice).map(({ id }) => id);
    this.#neighbourhood = new Neighbourhood(
      options,
      new Set(voices),
      () => this.#hosts,
      options.elsewhere ?? null,
    );
    const opened = options.sources.filter(({ isOpened }) => isOpened);
    this.#starting = new StartingSources(opened.map(({ id }) => id));
    this.#hosts = options.sources.map((source) => this.#host(source));
  }

  /** Resolves when every recording is over; rejects with why the first source failed for good. */
  async run(): Promise<void> {
    this.#starting.begin(this.#options.timer);
    await Promise.all(this.#hosts.map((host) => host.run()));
  }

  /** Sources that have neither been opened yet nor told why not, for 20 s at most. */
  get starting(): readonly string[] {
    return this.#starting.left;
  }

  /** Resolves once {@link starting} is empty. */
  started(): Promise<void> {
    return this.#starting.all();
  }

  /** Orders one source something. */
  order(source: string, order: WorkerOrder): void {
    this.#find(source)?.order(order);
  }

  orderAll(order: WorkerOrder): void {
    for (const host of this.#hosts) host.order(order);
  }

  /**
   * Sends a command to the board of a source, by the worker that reads it.
   * @throws CatnapError `USAGE` for a source that is none, and as {@link SourceHost.command}
   */
  async command(source: string, text: string): Promise<void> {
    const host = this.#find(source);
    if (host === undefined)
      throw new CatnapError('USAGE', `${source}: expected a source of the configuration`);
    await host.command(text);
  }

  /** As {@link SourceHost.exchange}. */
  async exchange(source: string, spec: unknown, plan: unknown): Promise<void> {
    await this.#find(source)?.exchange(spec, plan);
  }

  /** Brings what is under way to its end; a worker that takes longer than `deadlineMs` is ended. */
  async stop(deadlineMs: number): Promise<void> {
    this.#starting.end();
    await Promise.all(this.#hosts.map((host) => host.stop(deadlineMs)));
  }

  #find(source: string): SourceHost | undefined {
    return this.#hosts.find((host) => host.source === source);
  }

  #host({ id, spec, openHeavy, startWorker }: HostedSource): SourceHost {
    const { clock, timer, run, tell, edges } = this.#options;
    const host: SourceHost = new SourceHost({
      clock,
      timer,
      source: id,
      spec,
      run,
      startWorker,
      ...edges?.(id),
      ...(openHeavy === null ? {} : { openHeavy }),
      onReport: (report) => this.#take(host, report),
      onHealth: (health) => {
        if (health.state === 'down') this.#neighbourhood.lost(id);
        this.#starting.told(id);
        tell(`${id}/worker`, health);
      },
      onForgotten: tell,
    });
    return host;
  }

  #take(host: SourceHost, report: WorkerOutput): void {
    const { publish, telemetry, uplink, onLeft, keepClip, onError } = this.#options;
    switch (report.kind) {
      case 'event':
        this.#neighbourhood.told(host, report.event);
        if (isLost(report.event, host.source)) this.#starting.told(host.source);
        publish(report.event);
        return;
      case 'word':
        this.#neighbourhood.heard(report.word);
        return;
      case 'claim':
        this.#neighbourhood.claim(host, report.detection);
        return;
      case 'telemetry':
        if (report.reading.type === 'source') this.#starting.told(host.source);
        this.#collector.heard(report.reading);
        telemetry(report.reading);
        return;
      case 'escalation':
        uplink()
          .offer(report.escalation)
          .catch((error: unknown) => onError('uplink', error));
        return;
      case 'clip':
        keepClip?.(report.key, report.clip);
        return;
      case 'left':
        onLeft(report.passage);
        return;
      case 'prepare':
        uplink().prepare();
        return;
      case 'speech':
        uplink().speechStreams?.begin(report.start);
        return;
      case 'speech-samples':
        uplink().speechStreams?.samples(report.key, report.pcm);
        return;
      case 'speech-abandoned':
        uplink().speechStreams?.abandon(report.key);
        return;
      default:
        report satisfies never;
    }
  }
}

/** Whether it tells that a source could not be opened, or was lost. */
function isLost(event: CascadeEvent, source: string): boolean {
  return event.type === 'health' && event.component === `${source}/source` && event.state === 'down';
}
