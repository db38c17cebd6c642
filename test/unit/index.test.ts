import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { voiceRecording } from '../support/replay.js';
import { root } from '../support/tools.js';

const IMPORT = `const { listen, FileSource } = await import('${pathToFileURL(join(root, 'dist/index.js'))}');`;
const LISTEN = `await listen({
  source: new FileSource({ id: 'kitchen', path: ${JSON.stringify(voiceRecording('settled'))} }),
  onEvent: () => {},
});`;
const REPORT = `
const native = process.report.getReport().sharedObjects.filter((path) => path.includes('node_modules') && /\\.(node|so)/.test(path));
console.log(JSON.stringify(native));`;

/** The packages whose native code a process of its own holds after it ran `code`. */
function nativePackagesAfter(code: string): string[] {
  const script = `${IMPORT}${code}${REPORT}`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const paths = JSON.parse(said) as readonly string[];
  const names = paths.map((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? path);
  return [...new Set(names)].sort();
}

describe('the library', () => {
  it('loads no native code when it is imported', () => {
    expect(nativePackagesAfter('')).toEqual([]);
  });

  it('loads that of its engines when it listens, and of nothing that keeps or sends', () => {
    const names = nativePackagesAfter(LISTEN);
    expect(names).toContain('onnxruntime-node');
    expect(names.filter((name) => name !== 'onnxruntime-node' && !name.includes('koffi'))).toEqual([]);
  });
});
