import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import type { Clock, Timer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { every } from '../core/waiting.js';
import type { EventBus } from '../events/bus.js';
import type { UplinkStats } from '../uplink/counted-uplink.js';
import { createGatekeeper, type Gatekeeper } from './access.js';
import { Audience } from './audience.js';
import type { Muted, RunCommand } from './commands.js';
import type { DashboardConfig } from './config.js';
import { limitCrowd, REQUEST_LIMITS } from './crowd.js';
import { createDesk } from './desk.js';
import { createDoorman, type Doorman } from './doorman.js';
import { loadPage } from './files.js';
import { createRequestHandler, pathOf } from './http.js';
import type { Metrics } from './metrics.js';
import type { HouseFacts, ServerMessage } from './protocol.js';
import { type GreetingFacts, greet } from './snapshot.js';
import { SOCKET_PATH } from './wire.js';

export interface DashboardOptions {
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>;
  readonly timer: Timer;
  readonly config: DashboardConfig;
  readonly bus: EventBus;
  /** What the uplink has counted; null while there is none yet. */
  readonly uplink: () => UplinkStats | null;
  /** Those of the configuration. */
  readonly sources: readonly string[];
  /** Sources that have neither been opened yet nor told why not. */
  readonly starting: () => readonly string[];
  /** Which sources are muted now. */
  readonly muted: () => readonly Muted[];
  readonly runCommand: RunCommand;
  readonly house: () => HouseFacts;
  /** A kept clip as a WAV file, by its name; null where there is none. */
  readonly clipOf: (file: string) => Promise<Buffer | null>;
  /** Identifies this run of Catnap to visitors that reconnect. */
  readonly run: string;
  readonly version: string;
  /** Directory of the built page; the one beside this module unless given. */
  readonly pageDirectory?: string;
  /** Told of refused sockets and socket errors; the dashboard goes on. */
  readonly onError?: (error: unknown) => void;
}

/** A dashboard being served. */
export interface Dashboard {
  /** Where to open it, without the token. */
  readonly url: string;
  /** The port it listens on; differs from the configured one when that was 0. */
  readonly port: number;
  /** Tells every visitor which sources are muted from now on. */
  showMuted(muted: readonly Muted[]): void;
  /** Tells every visitor what is true of the house from now on. */
  showHouse(house: HouseFacts): void;
  /** Says goodbye to every visitor (1001) and closes the port. */
  close(): Promise<void>;
}

/** Room for a recording of a word. */
const MESSAGE_MAX_BYTES = 128 * 1024;
const HEADERS_MAX_BYTES = 16 * 1024;
const CLOSE_GRACE_MS = 500;
/** How often it is looked at what of the budgets is used: it also falls when time passes. */
const BUDGET_LOOK_MS = 2000;

/** `dist/dashboard/web`, whether this module runs compiled or from source. */
const BUILT_PAGE = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/dashboard/web/' : './web/', import.meta.url),
);

/**
 * Serves the dashboard: the page, `/live` (WebSocket), `/healthz` and `/metrics`.
 * @throws CatnapError `PORT_IN_USE` when the port is taken; `CONFIG_INVALID` when the address is not this
 *   machine's or the port is not allowed.
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { config, timer, onError = () => {} } = options;
  const page = await loadPage(options.pageDirectory ?? BUILT_PAGE);
  const gatekeeper = createGatekeeper(config);
  const doorman = createDoorman(gatekeeper, options);
  const handle = createRequestHandler({ ...options, gatekeeper, doorman, page, metrics: metricsOf(options) });

  const server = createServer(
    { maxHeaderSize: HEADERS_MAX_BYTES, ...REQUEST_LIMITS },
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        onError(error);
        response.destroy();
      });
    },
  );
  limitCrowd(server, config.maxClients * 4 + 16);
  await listen(server, config);
  // After listening the only errors are those of accepting (EMFILE): that connection is lost, nothing else.
  server.on('error', onError);

  const live = serveLive(server, { gatekeeper, doorman }, options);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${urlHost(config.host)}:${port}`,
    port,
    showMuted: (muted) => live.tell({ type: 'muted', muted }),
    showHouse: (house) => live.tell({ type: 'house', house }),
    async close() {
      live.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cancel = timer(CLOSE_GRACE_MS, () => server.closeAllConnections());
      await Promise.all([closed, live.closed()]);
      cancel();
    },
  };
}

function metricsOf({ bus, version, uplink }: DashboardOptions): () => Promise<Metrics> {
  let metrics: Promise<Metrics> | null = null;
  return () => {
    metrics ??= import('./metrics.js').then(({ createMetrics }) => createMetrics(bus, version, uplink));
    return metrics;
  };
}

function listen(server: Server, config: DashboardConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, config)));
    server.listen(config.port, config.host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function listenError(error: NodeJS.ErrnoException, { host, port }: DashboardConfig): CatnapError {
  const options = { cause: error };
  if (error.code === 'EADDRINUSE') {
    return new CatnapError(
      'PORT_IN_USE',
      `dashboard.port: expected port ${port} on ${host} to be free, found another program on it; ` +
        'end that program or choose another port (0 takes a free one)',
      options,
    );
  }
  return new CatnapError(
    'CONFIG_INVALID',
    `dashboard.host, dashboard.port: expected an address of this machine that may be listened on, ` +
      `found ${host}:${port} (${error.code ?? error.message})`,
    options,
  );
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Who says who may come in. */
interface Entrance {
  readonly gatekeeper: Gatekeeper;
  readonly doorman: Doorman;
}

/** Lets visitors of {@link SOCKET_PATH} into the audience. */
function serveLive(server: Server, { gatekeeper, doorman }: Entrance, options: DashboardOptions) {
  const { bus, config, run, version, uplink, muted, house, clock, timer, onError = () => {} } = options;
  const budget = () => uplink()?.budget ?? [];
  const facts = (): GreetingFacts => ({
    run,
    version,
    wallTime: new Date(clock.wallMs()).toISOString(),
    hasCloud: Object.keys(uplink()?.upstreams ?? {}).length > 0,
    muted: muted(),
    budget: budget(),
    house: house(),
  });
  const openCounter = createDesk({ ...options, component: 'page', publish: (event) => bus.publish(event) });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const audience = new Audience(bus, timer, onError);
  const endBudget = every(timer, BUDGET_LOOK_MS, () => {
    if (audience.size === 0) return;
    const used = budget();
    if (used.length > 0) audience.tellChanged({ type: 'budget', budget: used });
  });
  server.on('upgrade', async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Without a listener a visitor that leaves during the upgrade would end the process.
    socket.on('error', () => {});
    const hasTurn = gatekeeper.checkSite(request).allowed ? await doorman.check(request) : null;
    const refusal =
      hasTurn?.allowed === false
        ? hasTurn
        : refusalOf(request, gatekeeper, audience.size >= config.maxClients);
    if (refusal !== null) {
      refuseUpgrade(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      audience.welcome(webSocket, greet(bus, facts()), openCounter(addressOf(request))),
    );
  });
  let cancel = (): void => {};
  return {
    tell: (message: ServerMessage) => audience.tell(message),
    close() {
      endBudget();
      audience.close();
      cancel = timer(CLOSE_GRACE_MS, () => {
        for (const socket of sockets.clients) socket.terminate();
      });
    },
    async closed() {
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      cancel();
    },
  };
}

/** Where a visitor is, as the socket says; that of a proxy where there is one between. */
function addressOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}

/** An HTTP answer in place of an upgrade. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/** Why a visitor is not let in, before any upgrade; null for one who is. */
export function refusalOf(request: IncomingMessage, gatekeeper: Gatekeeper, full: boolean): Refusal | null {
  const site = gatekeeper.checkSite(request);
  if (!site.allowed) return site;
  const token = gatekeeper.checkToken(request);
  if (!token.allowed) return token;
  if (pathOf(request) !== SOCKET_PATH) return { status: 404, reason: 'Not found' };
  return full ? { status: 503, reason: 'Too many visitors' } : null;
}

function refuseUpgrade(socket: Duplex, { status, reason }: Refusal): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  );
}
