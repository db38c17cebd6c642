// A sink of one's own: counts events by type and writes the counts when it closes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function sink({ file }, { folder }) {
  const counts = {};
  return {
    publish({ type }) {
      counts[type] = (counts[type] ?? 0) + 1;
    },
    async close() {
      writeFileSync(join(folder, file), JSON.stringify(counts));
    },
  };
}
