/**
 * Options of Node for a process that listens for days: a young generation of a few megabytes, and no threads of V8's
 * own that wake now and then to compile or collect for it. The script of `npm start`, the systemd unit and the
 * first line of `cli.ts` name them too; V8 reads them before any code of ours runs.
 */
export const LAUNCH_FLAGS: readonly string[] = ['--max-semi-space-size=1', '--single-threaded', '--max-lazy'];
