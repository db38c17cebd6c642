import type { ClientMessage, ServerMessage } from '../protocol.js';
import { PROTOCOL_VERSION, SOCKET_PATH } from '../wire.js';
import { forgetAsked, outbound } from './model/commands.js';
import { connection, receive } from './model/store.js';

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;
const RELOADED_KEY = 'catnap-reloaded-for';

/** Keeps the page connected for as long as it is open; a hidden page asks for no telemetry. */
export function connect(): void {
  let retryMs = RETRY_FIRST_MS;
  let socket: WebSocket | null = null;

  const send = (message: ClientMessage): boolean => {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(message));
    return true;
  };
  const watch = (): void => {
    send({ type: 'watch', telemetry: !document.hidden });
  };
  outbound.send = send;

  const open = (): void => {
    const url = new URL(`.${SOCKET_PATH}`, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss' : 'ws';
    socket = new WebSocket(url);
    socket.addEventListener('open', watch);
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === 'hello') {
        if (message.protocol !== PROTOCOL_VERSION) reloadOnce(message.version);
        retryMs = RETRY_FIRST_MS;
      }
      receive(message);
    });
    socket.addEventListener('close', () => {
      connection.value = 'lost';
      forgetAsked();
      setTimeout(open, retryMs * (0.5 + Math.random() / 2));
      retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
    });
  };

  document.addEventListener('visibilitychange', watch);
  open();
}

/** The page is older than the server: its newer self is one reload away. Once for each version, never in a loop. */
function reloadOnce(version: string): void {
  if (sessionStorage.getItem(RELOADED_KEY) === version) return;
  sessionStorage.setItem(RELOADED_KEY, version);
  location.reload();
}
