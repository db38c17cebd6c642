import { ConfigError, parseConfig } from '../config/load.js';
import type { Config } from '../runtime/config.js';
import type { Chance } from './chance.js';
import { PRICE } from './far-end.js';

/** What a visitor of the simulated page has to show. */
export const TOKEN = 'a token of a simulation';

/** The configuration of the simulated house. */
const TEXT = `sources:
  - { id: kitchen, kind: microphone, cascade: orders }
  - { id: hall, kind: microphone, cascade: orders }
  - { id: pump, kind: serial, cascade: faults, path: /dev/serial/by-id/pump }
cascades:
  orders: { kind: voice }
  faults: { kind: sensor }
dashboard: { token: ${TOKEN} }
uplink:
  providers:
    - { kind: plain, name: cloud, url: 'wss://far.example', price: ${JSON.stringify(PRICE)} }
  outbox: { maxCount: 300, maxBytes: 4194304, maxDeadLetters: 50 }
  budget:
    - { what: calls, per: minute, limit: 6 }
    - { what: calls, per: day, limit: 500 }
    - { what: bytes, per: hour, limit: 250000 }
    - { what: money, per: day, limit: 0.9 }
  maxAuditRows: 500
`;

/** What somebody who edits it makes of it. */
const SLIPS: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['kind: voice', 'kind: voices'],
  ['cascade: faults', 'cascade: fault'],
  ['maxCount: 300', 'maxCount: -300'],
  ['budget:', 'bugdet:'],
  ['dashboard: {', 'dashboard: '],
];

/** The configuration file, which somebody may edit. */
export class SimulatedConfiguration {
  #text = TEXT;

  /** It is edited, and not rightly. */
  damage(chance: Chance): void {
    const [right, wrong] = chance.oneOf(SLIPS);
    this.#text = TEXT.replace(right, wrong);
  }

  mend(): void {
    this.#text = TEXT;
  }

  /** @throws ConfigError as `catnap run` does. */
  read(): Config {
    return parseConfig(this.#text, 'catnap.yaml');
  }
}

/** Whether an error tells each thing that is wrong and where it stands. */
export function isToldRight(error: unknown): boolean {
  return (
    error instanceof ConfigError && error.issues.length > 0 && error.issues.every(({ line }) => line > 0)
  );
}
