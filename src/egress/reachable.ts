import { type Finding, ok, problem } from '../core/finding.js';
import type { WayOut } from './way-out.js';

const CONNECT_TIMEOUT_MS = 3000;
/** Ports of the schemes that Catnap speaks. */
const PORTS: Readonly<Record<string, number>> = {
  'ws:': 80,
  'wss:': 443,
  'http:': 80,
  'https:': 443,
  'mqtt:': 1883,
  'mqtts:': 8883,
};

/** Whether something answers at an address, for `catnap doctor`: opens a TCP connection and closes it. */
export async function checkReachable(address: string, wayOut: Pick<WayOut, 'leave'>): Promise<Finding> {
  const { connect } = await import('node:net');
  const { hostname, host, protocol, port } = new URL(address);
  const target = {
    host: hostname,
    port: Number(port) || (PORTS[protocol] ?? 443),
    timeout: CONNECT_TIMEOUT_MS,
  };
  return new Promise<Finding>((settle) => {
    const socket = wayOut.leave({ what: 'connect', to: host, bytes: 0 }, () => connect(target));
    const end = (finding: Finding): void => {
      socket.destroy();
      settle(finding);
    };
    socket.once('connect', () => end(ok(`${host} answers`)));
    socket.once('timeout', () => end(problem(`${host} does not answer`, 'check the network')));
    socket.once('error', ({ message }) =>
      end(problem(`${host}: ${message}`, 'check the address and the network')),
    );
  });
}
