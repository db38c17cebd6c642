import type { EventOf } from '../core/events.js';

/** The answer of `GET /healthz`: the worst state of any component, and each component's. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly components: Readonly<Record<string, EventOf<'health'>['state']>>;
}

/** Sums up the newest health event of each component. A component that is down degrades the whole: Catnap itself answers. */
export function healthOf(states: ReadonlyMap<string, EventOf<'health'>>): Health {
  const components = Object.fromEntries([...states].map(([component, event]) => [component, event.state]));
  const worst = Object.values(components);
  const sources = Object.entries(components).filter(([component]) => component.startsWith('source/'));
  const deaf = sources.length > 0 && sources.every(([, state]) => state === 'down');
  const status = deaf ? 'down' : worst.some((state) => state !== 'ok') ? 'degraded' : 'ok';
  return { status, components };
}
