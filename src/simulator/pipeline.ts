import { Cascade } from '../core/cascade/cascade.js';
import type { CascadeProfile } from '../core/cascade/profile.js';
import type { Settle } from '../core/cascade/settle.js';
import type { Decision, Stage, Window } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import type { Health } from '../core/events/health.js';
import { EventStamp } from '../core/events/stamp.js';
import { nullMeter } from '../core/metering/meter.js';
import type { Source } from '../core/signal/frame.js';
import { HeavyLine } from '../runtime/heavy/heavy-line.js';
import type { LineReply } from '../runtime/heavy/heavy-protocol.js';
import type { Outlet, Pipeline, PipelineFactory } from '../runtime/worker/source-serve.js';
import { SerialSource } from '../sources/serial/serial.js';
import { SupervisedSource } from '../sources/supervisor.js';
import { BOARD_PATH, ROWS_A_FRAME, type SimulatedBoard } from './board.js';
import type { Chance } from './chance.js';
import { type Device, DeviceSource } from './device.js';
import type { Life } from './life.js';
import { WORD } from './sounds.js';

/** What a simulated thread listens to, and how. */
export interface Listening {
  readonly source: string;
  readonly kind: 'order' | 'fault';
}

const WAKE_MS = 15_000;
const WAIT_MS = 8_000;
/** How many hops a slow tiny takes for one. */
const SLOWER_THAN_HOP = 2;

const ORDERS: CascadeProfile = {
  hopSamples: 1,
  ringMs: 20_000,
  highPassHz: null,
  silenceAtEndMs: 0,
  gate: null,
  notice: {
    debounceHops: 2,
    refractoryMs: 1_000,
    rearmHops: 2,
    rearmTimeoutMs: 5_000,
    prefetch: 0.3,
    calm: null,
  },
  verify: { windowMs: 1_000, tailMs: 200, againMs: null },
  followup: { kind: 'utterance', leadMs: 200, endSilenceMs: 700, startTimeoutMs: 3_000, maxMs: 8_000 },
  policy: {
    escalateOn: ['no-match', 'unknown-words', 'abstained', 'degraded'],
    believeUncertain: false,
    believeTinyAlone: true,
    minConfidence: 0.5,
    longUtteranceMs: 6_000,
    answers: {},
  },
  clip: null,
  priority: 0,
};

const FAULTS: CascadeProfile = {
  ...ORDERS,
  notice: {
    debounceHops: 1,
    refractoryMs: 0,
    rearmHops: 1,
    rearmTimeoutMs: 3_600_000,
    prefetch: 0.3,
    calm: null,
  },
  verify: { windowMs: 5_000, tailMs: 2_000, againMs: null },
  followup: { kind: 'track', updateMs: 60_000, endAfterMs: 1_000, lateMs: 0, maxMs: 3_600_000 },
  policy: { ...ORDERS.policy, escalateOn: ['unknown-fault', 'uncertain'], answers: { leak: 'valve.close' } },
  priority: 5,
};

const settle: Settle = ({ text }) =>
  text === 'turn on the lamp'
    ? { kind: 'settled', intent: 'lamp.on', slots: {} }
    : { kind: 'unsettled', reason: 'no-match', unknownWords: 3 };

/** Hears by loudness: a hop that is as loud as a word is one. */
class LoudTiny implements Stage {
  readonly name = 'tiny';
  readonly budgetMs = 1_000;

  constructor(
    private readonly label: string,
    private readonly least: number,
    private readonly device: Device,
    private readonly life: Life,
  ) {}

  decide({ data }: Window): Decision | Promise<Decision> {
    const { device, life } = this;
    const decision = this.#judge(data[0] ?? 0);
    if (device.tiny !== 'slow') return decision;
    return life.sleep((SLOWER_THAN_HOP * 1000) / device.rateHz).then(() => decision);
  }

  reset(): void {}

  async dispose(): Promise<void> {}

  #judge(value: number): Decision {
    const score = this.#hasNumber() ? Math.abs(value) : Number.NaN;
    const isLoud = score > this.least;
    const confidence = isLoud ? 0.9 : 0.1;
    const { name: stage, label } = this;
    return { kind: isLoud ? 'accept' : 'reject', stage, label, score, confidence, contributions: [] };
  }

  #hasNumber(): boolean {
    const { device } = this;
    if (device.tiny === 'no-number') return false;
    if (device.badHops === 0) return true;
    device.badHops--;
    return false;
  }
}

/** What a pipeline listens to, and how the machine does under it. */
export interface Places {
  readonly devices: Readonly<Record<string, Device>>;
  readonly board: SimulatedBoard;
  readonly hasDescriptors: () => boolean;
  /** Whether the weights of tiny are as they should be. */
  readonly isTinyWhole: () => boolean;
}

/** Makes what a thread runs: a supervised device, a cascade, and a line to the heavy process. */
export function pipelineOn(life: Life, places: Places, chance: Chance): PipelineFactory {
  return async (spec, outlet): Promise<Pipeline> => {
    const { source, kind } = spec as Listening;
    const device = places.devices[source];
    if (device === undefined) throw new Error(`${source}: expected a device`);
    if (!places.isTinyWhole())
      throw new CatnapError('MODEL_CORRUPT', `${source}: its weights are not those of the manifest`);
    const line = lineOf(source, outlet, life);
    const supervised = new SupervisedSource(sourceOf(source, kind, device, places, life), {
      ...life.time,
      random: chance.random,
      onHealth: healthOf('source', source, outlet, life),
      heardAtMs: outlet.heardAtMs,
    });
    const cascade = cascadeOf({ source, kind }, device, outlet, line, life);
    return {
      run: (signal) => cascade.follow(supervised, signal),
      command: async () => {},
      exchange: async () => {},
      shed: () => line.shed(),
      setPower: () => {},
      close: async () => {
        line.close();
        outlet.heavy?.close();
      },
    };
  };
}

/** A microphone by what it gives, a board by its line. */
function sourceOf(
  id: string,
  kind: Listening['kind'],
  device: Device,
  { board, hasDescriptors }: Places,
  life: Life,
): Source {
  if (kind === 'order') return new DeviceSource(id, device, life, hasDescriptors);
  const binding = board.bindingFor(life, hasDescriptors);
  return new SerialSource({ ...life.time, id, path: BOARD_PATH, hopRows: ROWS_A_FRAME, binding });
}

function cascadeOf(
  { source, kind }: Listening,
  device: Device,
  outlet: Outlet,
  line: HeavyLine,
  life: Life,
): Cascade {
  const isOrder = kind === 'order';
  return new Cascade(isOrder ? ORDERS : FAULTS, {
    source,
    run: outlet.run,
    ids: outlet.ids,
    tiny: isOrder
      ? new LoudTiny('computer', WORD * 0.85, device, life)
      : new LoudTiny('anomaly', 0.4, device, life),
    heavy: line.stage(isOrder ? 'word-verifier' : 'fault-verifier', 1_000, null),
    recogniser: isOrder ? line.recogniser('recogniser', 4_000, null) : null,
    endpointer: isOrder ? line.stream('endpointer', 120, null) : null,
    settle,
    uplink: { prepare: () => outlet.prepare(), offer: (escalation) => outlet.offer(escalation) },
    otherSources: (atMs) => outlet.otherSources(atMs, 2_000),
    cloudAway: () => outlet.cloudAway(),
    company: isOrder ? outlet.company : null,
    emit: (event) => outlet.event(event),
    telemetry: null,
    meter: { ...nullMeter, nowMs: life.time.clock.monotonicMs },
    ...life.time,
  });
}

function lineOf(source: string, outlet: Outlet, life: Life): HeavyLine {
  const port = outlet.heavy;
  const onHealth = healthOf('heavy', source, outlet, life);
  const send = (request: unknown): void => port?.postMessage(request);
  const line = new HeavyLine({ send, wakeMs: WAKE_MS, waitMs: WAIT_MS, onHealth });
  port?.on(
    'message',
    life.heard((reply: LineReply) => line.receive(reply)),
  );
  return line;
}

function healthOf(part: string, source: string, outlet: Outlet, life: Life): (health: Health) => void {
  const stamp = new EventStamp(`${outlet.ids}/${part}`, outlet.run, life.time.clock);
  const component = `${source}/${part}`;
  return (health) => outlet.event({ type: 'health', ...stamp.next(null), component, ...health });
}
