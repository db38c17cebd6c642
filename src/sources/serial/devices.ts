import { readdir, readlink } from 'node:fs/promises';
import { resolve } from 'node:path';

/** A serial device under the name that survives unplugging. */
export interface SerialDevice {
  readonly path: string;
  /** Where it points now. */
  readonly tty: string;
}

/** Where Linux (udev) gives serial devices names that stay. */
const BY_ID = '/dev/serial/by-id';

/** Serial devices that have a stable name; none where the folder does not exist. */
export async function listSerialDevices(folder = BY_ID): Promise<readonly SerialDevice[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.sort().map(async (name) => {
      const path = `${folder}/${name}`;
      return { path, tty: resolve(folder, await readlink(path).catch(() => path)) };
    }),
  );
}
