import type { WayOut } from '../egress/way-out.js';
import type { EventBus } from '../events/bus.js';
import type { Config } from './config.js';
import { systemTimer } from './process/system-clock.js';

/** What of a running Catnap its telemetry is told from. */
interface Told {
  readonly config: Config;
  /** What paths of secrets are relative to. */
  readonly folder: string;
  readonly version: string;
  readonly onError: (where: string, error: unknown) => void;
}

/** Sends traces and metrics where the configuration says so; the library for it is loaded then alone. */
export async function attachTelemetry(
  { config: { otlp, name }, folder, version, onError }: Told,
  bus: EventBus,
  wayOut: Pick<WayOut, 'leave'>,
): Promise<void> {
  if (otlp === null) return;
  const { createOtlpSink } = await import('../telemetry/otlp.js');
  const told = { name, version, folder, wayOut, timer: systemTimer };
  bus.attach('otlp', createOtlpSink(otlp, { ...told, onError: (error) => onError('otlp', error) }));
}
