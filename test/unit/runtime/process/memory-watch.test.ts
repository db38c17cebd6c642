import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryWatch, readAvailableShare } from '../../../../src/runtime/process/memory-watch.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

describe('memory pressure', () => {
  it('row 34: is told once, with what came back since, and ends with a margin', () => {
    const watch = new MemoryWatch();
    const seen = [0.5, 0.05, 0.05, 0.08, 0.05, 0.2, 0.2].map((share) => watch.observe(share));
    expect(seen).toEqual([
      'unchanged',
      'short',
      'still-short',
      'unchanged',
      'still-short',
      'ample',
      'unchanged',
    ]);
  });

  it('is read from the kernel', () => {
    const proc = temporaryFolder();
    writeFileSync(
      join(proc, 'meminfo'),
      'MemTotal:  500000 kB\nMemFree:  9000 kB\nMemAvailable:  25000 kB\n',
    );
    expect(readAvailableShare(proc)).toBeCloseTo(0.05);
    expect(readAvailableShare(`${proc}/absent`)).toBeNull();
  });
});
