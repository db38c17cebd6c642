/** Tells systemd how the service is (sd_notify(3)); nothing where no systemd started it. */
export interface ServiceManager {
  /** `READY=1`, `STOPPING=1`, `WATCHDOG=1`, `STATUS=...` */
  notify(state: string): void;
  /** Half of the time within which `WATCHDOG=1` has to come; null where no watchdog waits. */
  readonly watchdogEveryMs: number | null;
}

const NOBODY: ServiceManager = { notify: () => {}, watchdogEveryMs: null };

/**
 * Connects to the service manager named in the environment. Node has no datagram sockets of the Unix kind that
 * systemd listens on, so its own library is called; with it `NotifyAccess=main` is enough.
 */
export async function connectServiceManager(env: NodeJS.ProcessEnv): Promise<ServiceManager> {
  if (env.NOTIFY_SOCKET === undefined) return NOBODY;
  const { default: koffi } = await import('koffi');
  const sdNotify = koffi
    .load('libsystemd.so.0')
    .func('int sd_notify(int unset_environment, const char *state)');
  const watchdogUs = Number(env.WATCHDOG_USEC);
  return {
    notify: (state) => void sdNotify(0, state),
    watchdogEveryMs: watchdogUs > 0 ? watchdogUs / 2000 : null,
  };
}
