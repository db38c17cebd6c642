import { CatnapError } from '../core/errors.js';

/** One crossing of the line between the device and the world. */
export interface Passage {
  /**
   * `connect`: a provider's connection; `upload`, `audio`: what is said on it; `guardrail`: an answer that a model
   * judges; `webhook`, `mqtt`: an action; `source`: a source asks a broker for its rows; `home`: what the house is
   * told at its broker; `edge`: what other machines of the house are asked and told; `model`: a model that is asked
   * for; `telemetry`: traces and metrics for a collector.
   */
  readonly what:
    | 'connect'
    | 'upload'
    | 'audio'
    | 'guardrail'
    | 'webhook'
    | 'mqtt'
    | 'source'
    | 'home'
    | 'edge'
    | 'model'
    | 'telemetry';
  /** Host it goes to. */
  readonly to: string;
  readonly bytes: number;
}

/** The way out of the device, which everything that opens a socket outwards has to take. */
export interface WayOut {
  /**
   * The one function through which every byte leaves: counts it, then calls `send`. Throws `EGRESS_DENIED` when
   * offline, in which case `send` is not called and no socket is opened.
   */
  leave<T>(passage: Passage, send: () => T): T;
  /** Counts what left by the way out of another thread. */
  count(passage: Passage): void;
  /** Bytes that left, by what they were. */
  readonly bytesOut: Readonly<Record<Passage['what'], number>>;
}

/** Makes a way out; `offline`: there is none. `onLeft` is told of everything that leaves by it. */
export function createWayOut(offline: boolean, onLeft: (passage: Passage) => void = () => {}): WayOut {
  const bytesOut = {
    connect: 0,
    upload: 0,
    audio: 0,
    guardrail: 0,
    webhook: 0,
    mqtt: 0,
    source: 0,
    home: 0,
    edge: 0,
    model: 0,
    telemetry: 0,
  };
  const count = ({ what, bytes }: Passage): void => {
    bytesOut[what] += bytes;
  };
  return {
    bytesOut,
    count,
    leave(passage, send) {
      if (offline) throw new CatnapError('EGRESS_DENIED', `${passage.to}: offline, nothing may leave`);
      count(passage);
      onLeft(passage);
      return send();
    },
  };
}

/** What an action or a guardrail sent over the network, and how that went. */
export interface Passed {
  readonly detection: string;
  /** What let it out: `action NAME`, `guardrail NAME`. */
  readonly rule: string;
  readonly passage: Passage;
  /** When it was over. */
  readonly wallMs: number;
  readonly latencyMs: number;
  readonly outcome: 'sent' | 'failed' | 'denied';
  /** What the far end said, or the code of the failure. */
  readonly verdict: string;
}
