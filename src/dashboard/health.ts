import type { EventOf } from '../core/events/events.js';

/** The answer of `GET /healthz`: the worst state of any component, and each component's. */
export interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly components: Readonly<Record<string, EventOf<'health'>['state']>>;
}

/**
 * Sums up the newest health event of each component. What belongs to a source is named `<source>/<part>`. One part
 * down degrades the whole; the whole is down once no source is left that is heard and judged by tiny.
 */
export function healthOf(
  states: ReadonlyMap<string, EventOf<'health'>>,
  sources: readonly string[],
): HealthReport {
  const components = Object.fromEntries([...states].map(([component, event]) => [component, event.state]));
  const down = sources.length > 0 && sources.every((source) => isDeaf(states, source));
  const unwell = Object.values(components).some((state) => state !== 'ok');
  return { status: down ? 'down' : unwell ? 'degraded' : 'ok', components };
}

/** Whether a source is not heard, or not judged by tiny. */
export function isDeaf(states: ReadonlyMap<string, EventOf<'health'>>, source: string): boolean {
  return [source, `${source}/source`, `${source}/worker`, `${source}/tiny`].some(
    (component) => states.get(component)?.state === 'down',
  );
}
