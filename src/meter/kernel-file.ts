import { closeSync, openSync, readSync } from 'node:fs';

/** More than any line of `/proc` that is looked for. */
const buffer = Buffer.alloc(1024);

/**
 * The first kilobyte of a file that the kernel makes up as it is read (proc(5)). Such a file says that it is empty, so
 * that `readFile` takes 64 KiB of memory for each; one that is read every second would keep the collector busy.
 * @throws what `open` and `read` throw
 */
export function readKernelFile(path: string): string {
  const file = openSync(path, 'r');
  try {
    return buffer.toString('latin1', 0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}
