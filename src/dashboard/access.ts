import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { DashboardConfig } from './config.js';

/** Name of the cookie that carries the token once a visitor has shown it. */
const TOKEN_COOKIE = 'catnap_token';

/** Whether a request may go on; a refusal carries the HTTP status and a line for the visitor. */
export type Access =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly status: 401 | 403 | 429;
      readonly reason: string;
    };

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];
const WILDCARDS = ['0.0.0.0', '::'];

/** Says how the owner lets the name in; the name itself is a stranger's text and not repeated. */
const HOST_REFUSED =
  'Host not allowed: to open the page under this name, add the name to dashboard.allowedHosts in the configuration.';

/** Decides who may see the dashboard, before any upgrade. */
export interface Gatekeeper {
  /**
   * Host and Origin. A foreign Host is DNS rebinding, a foreign Origin another site's script; a request
   * without Origin is not from a browser's WebSocket and passes.
   */
  checkSite(request: IncomingMessage): Access;
  /** The token, from `Authorization: Bearer`, the cookie or `?token=`. */
  checkToken(request: IncomingMessage): Access;
  /** Whether there is a token to know, and any is shown. */
  showsToken(request: IncomingMessage): boolean;
  /** The token in the query, if it is there and right. */
  tokenInQuery(request: IncomingMessage): boolean;
  /**
   * `Set-Cookie` for a visitor who has shown the token; without a path, so that it is the page's as the browser sees
   * it, also where a proxy takes a prefix off (RFC 6265, 5.1.4).
   */
  cookie(): string;
}

/** Makes the gatekeeper of a configuration. */
export function createGatekeeper(
  config: Pick<DashboardConfig, 'host' | 'token' | 'allowedHosts'>,
): Gatekeeper {
  const wildcard = WILDCARDS.includes(config.host);
  const names = new Set(
    [...LOOPBACK_NAMES, config.host, ...config.allowedHosts].map((name) => name.toLowerCase()),
  );
  if (!LOOPBACK_NAMES.includes(config.host)) {
    names.add(hostname().toLowerCase());
    names.add(`${hostname().toLowerCase()}.local`);
  }
  const digest = config.token === null ? null : sha256(config.token);

  const hostAllowed = (authority: string): boolean => {
    const name = hostOf(authority);
    // A literal address cannot be rebound to another machine, so it is fine wherever one listens on all.
    return name !== null && (names.has(name) || (wildcard && isIP(name) !== 0));
  };
  const matches = (candidate: string | null): boolean =>
    digest !== null && candidate !== null && timingSafeEqual(sha256(candidate), digest);

  return {
    checkSite(request) {
      const host = request.headers.host ?? '';
      if (!hostAllowed(host)) return refused(403, HOST_REFUSED);
      const origin = request.headers.origin;
      if (origin !== undefined && originHost(origin) !== parseUrl(`http://${host}`)?.host) {
        return refused(403, 'Origin not allowed');
      }
      return { allowed: true };
    },
    checkToken(request) {
      if (digest === null) return { allowed: true };
      const shown = shownBy(request);
      if (shown.some(matches)) return { allowed: true };
      return refused(401, shown.some(isShown) ? 'That is not the token.' : 'The token is missing.');
    },
    showsToken: (request) => digest !== null && shownBy(request).some(isShown),
    tokenInQuery: (request) => matches(queryToken(request)),
    cookie: () =>
      `${TOKEN_COOKIE}=${encodeURIComponent(config.token ?? '')}; HttpOnly; SameSite=Strict; Max-Age=2592000`,
  };
}

function refused(status: 401 | 403, reason: string): Access {
  return { allowed: false, status, reason };
}

function shownBy(request: IncomingMessage): readonly (string | null)[] {
  return [bearer(request), cookieValue(request), queryToken(request)];
}

function isShown(token: string | null): boolean {
  return token !== null && token !== '';
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Host name of a Host header, lower case, without port and brackets; null when malformed. */
function hostOf(authority: string): string | null {
  const url = parseUrl(`http://${authority}`);
  if (url === null || url.pathname !== '/' || url.username !== '' || url.search !== '') return null;
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function originHost(origin: string): string | null {
  const url = parseUrl(origin);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  return url.host;
}

function bearer(request: IncomingMessage): string | null {
  return /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

function cookieValue(request: IncomingMessage): string | null {
  const found = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${TOKEN_COOKIE}=`));
  if (found === undefined) return null;
  try {
    return decodeURIComponent(found.slice(TOKEN_COOKIE.length + 1));
  } catch {
    return null;
  }
}

function queryToken(request: IncomingMessage): string | null {
  return parseUrl(`http://localhost${request.url ?? '/'}`)?.searchParams.get('token') ?? null;
}
