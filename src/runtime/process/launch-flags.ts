/**
 * How a process that listens for days is started: a young generation of a few megabytes, an old one that is
 * collected and compacted in naps (`nap-collector.ts`), machine code for what is hot alone, and no threads of
 * V8's own that wake now and then to compile or collect for it. The first line of `bin/catnap.js` and the
 * systemd unit name these options of Node and {@link LAUNCH_ENV} too, and `relaunch.ts` sees to it for whoever
 * did not; both are read before any code of ours runs.
 */
export const LAUNCH_FLAGS: readonly string[] = [
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--single-threaded',
  '--max-lazy',
  '--compact-on-every-full-gc',
  '--no-sparkplug',
  '--expose-gc',
];

/**
 * Settings of glibc's allocator (mallopt(3)): one heap for all threads, and buffers from 64 KiB on go back to
 * the system when they are freed. Other C libraries ignore them.
 */
export const LAUNCH_ENV: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
