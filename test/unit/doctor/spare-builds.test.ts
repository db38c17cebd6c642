import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkInstalled } from '../../../src/doctor/spare-builds.js';

/** What `rm` would be given. */
const pathsIn = (remedy: string | null) =>
  [...(remedy ?? '').matchAll(/'([^']+)'/g)].map(([, path]) => path ?? '');
const inRuntime = (path: string) => /onnxruntime-node\/bin\/napi-v6\/(.*)$/.exec(path)?.[1];

describe('what an installation has for other platforms', () => {
  it.each([
    { platform: 'linux', arch: 'arm64', spare: ['darwin', 'linux/x64', 'win32'], library: 'linux_amd64' },
    { platform: 'linux', arch: 'x64', spare: ['darwin', 'linux/arm64', 'win32'], library: 'linux_arm64' },
  ])('is named with its megabytes on $platform $arch', ({ spare, library, ...machine }) => {
    const { level, detail, remedy } = checkInstalled(machine);
    expect(level).toBe('ok');
    expect(Number(/^(\d+) MB/.exec(detail)?.[1])).toBeGreaterThan(200);
    const paths = pathsIn(remedy);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    expect(paths.flatMap((path) => inRuntime(path) ?? []).sort()).toEqual(spare);
    expect(paths.filter((path) => path.includes('tflite'))).toEqual([expect.stringMatching(`${library}$`)]);
  });
});
