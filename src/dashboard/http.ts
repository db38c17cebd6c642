import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventBus } from '../events/bus.js';
import type { Gatekeeper } from './access.js';
import { sendClip } from './clip.js';
import type { Doorman } from './doorman.js';
import type { PageFile } from './files.js';
import { healthOf } from './health.js';
import type { Metrics } from './metrics.js';
import { reply } from './reply.js';
import { CLIPS_PATH } from './wire.js';

export interface RequestHandlerOptions {
  readonly gatekeeper: Gatekeeper;
  readonly doorman: Doorman;
  /** URL path -> file; see `loadPage`. */
  readonly page: ReadonlyMap<string, PageFile>;
  readonly bus: EventBus;
  /** Those of the configuration. */
  readonly sources: readonly string[];
  /** Sources that have neither been opened yet nor told why not. */
  readonly starting: () => readonly string[];
  /** Asked for with the first scrape: the library behind it is not held by who never scrapes. */
  readonly metrics: () => Promise<Metrics>;
  /** A kept clip as a WAV file, by its name; null where there is none. */
  readonly clipOf: (file: string) => Promise<Buffer | null>;
}

/** Answers plain HTTP: the page, `/healthz`, `/metrics`. */
export function createRequestHandler(
  options: RequestHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return (request, response) => handleRequest(request, response, options);
}

async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { gatekeeper, doorman, page, bus, sources, starting, metrics, clipOf }: RequestHandlerOptions,
): Promise<void> {
  setSafeHeaders(response, request.headers.host ?? '');
  const site = gatekeeper.checkSite(request);
  if (!site.allowed) return reply(request, response, site.status, site.reason);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return reply(request, response, 405, 'Only GET and HEAD');
  }
  const path = pathOf(request);
  if (path === '/healthz') {
    const { status, components } = healthOf(bus.health(), sources);
    const isStarting = starting().length > 0;
    return reply(
      request,
      response,
      isStarting || status === 'down' ? 503 : 200,
      JSON.stringify({ status: isStarting ? 'starting' : status, components }),
      'application/json',
    );
  }
  const file = page.get(path);
  if (file !== undefined && FOR_ALL.includes(path)) return sendFile(request, response, file);
  const token = await doorman.check(request);
  if (!token.allowed) {
    if (token.status === 429) response.setHeader('Retry-After', '5');
    return reply(
      request,
      response,
      token.status,
      tokenForm(token.reason, gatekeeper.showsToken(request)),
      'text/html; charset=utf-8',
    );
  }
  if (path === '/' && gatekeeper.tokenInQuery(request)) {
    response.setHeader('Set-Cookie', gatekeeper.cookie());
    // Relative to where the browser is, which may be under the path of a proxy.
    response.setHeader('Location', './');
    return reply(request, response, 303, 'See ./');
  }
  if (path.startsWith(CLIPS_PATH))
    return sendClip(request, response, () => clipOf(path.slice(CLIPS_PATH.length)));
  if (path === '/metrics') {
    const awaited = starting();
    if (awaited.length > 0) return reply(request, response, 503, `Still starting: ${awaited.join(', ')}`);
    const { render, contentType } = await metrics();
    return reply(request, response, 200, await render(), contentType);
  }
  if (file !== undefined) return sendFile(request, response, file);
  if (path === '/') return reply(request, response, 503, 'The page is not built: run "npm run build".');
  return reply(request, response, 404, 'Not found');
}

/** What the page of the token is made of. */
const FOR_ALL = ['/token.css', '/favicon.svg'];

/** A visitor without the token types it here; it moves to a cookie and out of the address. */
function tokenForm(reason: string, wasShown: boolean): string {
  const word = wasShown ? `<p role="alert">${reason}</p>` : '';
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>Catnap</title><link rel="icon" href="./favicon.svg" type="image/svg+xml"><link rel="stylesheet" href="./token.css">
<form action="./"><h1>Catnap</h1><p>Its page is for those who know <code>dashboard.token</code>.</p>${word}
<label>Token <input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>Open</button></form></html>`;
}

/** Nothing from elsewhere, no framing, no sniffing; `ws:` is named for browsers whose 'self' leaves it out. */
function setSafeHeaders(response: ServerResponse, host: string): void {
  const liveHost = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
  response.setHeader(
    'Content-Security-Policy',
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'${liveHost}; ` +
      "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  );
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  response.setHeader('ETag', file.etag);
  response.setHeader('Cache-Control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('Vary', 'Accept-Encoding');
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304).end();
    return;
  }
  const gzipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (gzipped) response.setHeader('Content-Encoding', 'gzip');
  reply(request, response, 200, gzipped ? file.gzipped : file.body, file.contentType);
}

/** Path of a request, without the query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}
