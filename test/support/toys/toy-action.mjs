import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Appends a line to a file beside the configuration. */
export function action({ file, line }, { folder }) {
  if (typeof file !== 'string') throw new TypeError('expected the option "file"');
  return {
    plan({ slots, name }) {
      const text = `${name}: ${line.replace('{what}', slots.what)}`;
      return {
        what: `append "${text}"`,
        act: async () => appendFileSync(resolve(folder, file), `${text}\n`),
      };
    },
  };
}
