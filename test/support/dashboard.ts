import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type DashboardConfig, dashboardConfigSchema } from '../../src/dashboard/config.js';
import type { ServerMessage } from '../../src/dashboard/protocol.js';
import { type Dashboard, type DashboardOptions, startDashboard } from '../../src/dashboard/server.js';
import { createEventBus, type EventBus } from '../../src/events/bus.js';
import { systemTime } from '../../src/runtime/process/system-clock.js';

export interface ServedDashboard extends AsyncDisposable {
  readonly bus: EventBus;
  readonly dashboard: Dashboard;
  /** `ws://127.0.0.1:<port>/live` */
  readonly liveUrl: string;
}

type House = Pick<
  DashboardOptions,
  'uplink' | 'sources' | 'starting' | 'muted' | 'runCommand' | 'house' | 'clipOf'
>;

/** A house in which nothing can be done. */
export const NOBODY: House = {
  clipOf: async () => null,
  uplink: () => null,
  sources: ['mic', 'pump'],
  starting: () => [],
  muted: () => [],
  runCommand: async () => ({ detail: '' }),
  house: () => ({
    device: 'attic',
    words: { kitchen: ['computer'] },
    ownWords: {},
    takes: { fewest: 3, most: 10 },
    sentences: [{ intent: 'timer.start', say: 'set a timer for {minutes}' }],
  }),
};

/** Serves a dashboard on a free port of the loopback. */
export async function serveDashboard(
  config: Partial<DashboardConfig> = {},
  pageDirectory?: string,
  house: Partial<House> = {},
): Promise<ServedDashboard> {
  const bus = createEventBus({ historyEvents: 100 });
  const dashboard = await startDashboard({
    ...systemTime,
    config: dashboardConfigSchema.parse({ port: 0, ...config }),
    bus,
    ...NOBODY,
    ...house,
    run: 'run-1',
    version: '0.0.0',
    ...(pageDirectory === undefined ? {} : { pageDirectory }),
  });
  return {
    bus,
    dashboard,
    liveUrl: `ws://127.0.0.1:${dashboard.port}/live`,
    async [Symbol.asyncDispose]() {
      await dashboard.close();
      await bus.close();
    },
  };
}

/** A visitor that keeps what it was sent. */
export interface TestVisitor extends Disposable {
  readonly socket: WebSocket;
  readonly messages: readonly ServerMessage[];
  /** Resolves once a message passes `wanted`, with it. */
  until(wanted: (message: ServerMessage) => boolean): Promise<ServerMessage>;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
}

/** Opens the live socket and waits for the greeting. */
export async function visit(liveUrl: string, headers: Record<string, string> = {}): Promise<TestVisitor> {
  const socket = new WebSocket(liveUrl, { headers });
  const messages: ServerMessage[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  const until = async (wanted: (message: ServerMessage) => boolean): Promise<ServerMessage> => {
    for (;;) {
      const found = messages.find(wanted);
      if (found !== undefined) return found;
      await once(socket, 'message');
    }
  };
  await until((message) => message.type === 'hello');
  return { socket, messages, until, closed, [Symbol.dispose]: () => socket.terminate() };
}

/** HTTP status with which an upgrade is refused. */
export async function refusedStatus(liveUrl: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(liveUrl, { headers });
  socket.on('error', () => {});
  const status = await new Promise<number>((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => reject(new Error('expected the upgrade to be refused, found it open')));
  }).finally(() => socket.terminate());
  return status;
}
