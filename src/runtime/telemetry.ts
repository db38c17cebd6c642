import type { Health } from '../core/events/health.js';
import { createPublisher } from '../core/events/stamp.js';
import type { WayOut } from '../egress/way-out.js';
import type { EventBus } from '../events/bus.js';
import type { Config } from './config.js';
import { systemClock, systemTimer } from './process/system-clock.js';

/** What of a running Catnap its telemetry is told from. */
interface Told {
  readonly config: Config;
  /** What paths of secrets are relative to. */
  readonly folder: string;
  readonly version: string;
}

/** Sends traces and metrics where the configuration says so; the library for it is loaded then alone. */
export async function attachTelemetry(
  { config: { otlp, name }, folder, version }: Told,
  bus: EventBus,
  wayOut: Pick<WayOut, 'leave'>,
  run: string,
): Promise<void> {
  if (otlp === null) return;
  const { createOtlpSink } = await import('../telemetry/otlp.js');
  const publish = createPublisher('otlp', {
    publish: (event) => bus.publish(event),
    clock: systemClock,
    run,
  });
  const onHealth = (health: Health): void => publish({ type: 'health', component: 'otlp', ...health });
  bus.attach('otlp', createOtlpSink(otlp, { name, version, folder, wayOut, timer: systemTimer, onHealth }));
}
