import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { type Finding, ok } from '../core/finding.js';
import { packageFile } from '../models/package-files.js';

/** A machine as Node names it: `process.platform` and `process.arch`. */
export interface Platform {
  readonly platform: string;
  readonly arch: string;
}

/** A folder that nothing on a platform loads. */
interface SpareBuild {
  readonly path: string;
  readonly bytes: number;
}

const MEGABYTE = 1e6;
/** As others than Node call a processor. */
const ALSO_CALLED: Readonly<Record<string, string>> = { x64: 'amd64' };

/** Where packages keep a build for each platform: as `linux/x64`, or as `linux_amd64`. */
const buildsOf = ({ platform, arch }: Platform) => [
  { package: 'onnxruntime-node', folder: 'bin/napi-v6', isNested: true },
  { package: 'tfjs-tflite-node', folder: 'cc_deps', isNested: false },
  // Beside the one for glibc there is one for musl, with which ONNX Runtime does not run.
  { package: `@koromix/koffi-${platform}-${arch}`, folder: '.', isNested: false },
];

/** Says what of the installation other platforms need alone, and how to delete it. Builds below 1 MB are left out. */
export function checkInstalled(machine: Platform = process): Finding {
  const spare = spareBuilds(machine).filter(({ bytes }) => bytes >= MEGABYTE);
  const megabytes = Math.round(spare.reduce((sum, { bytes }) => sum + bytes, 0) / MEGABYTE);
  const here = `${machine.platform} ${machine.arch}`;
  if (spare.length === 0) return ok(`nothing that ${here} does not need`);
  const paths = spare.map(({ path }) => `'${path}'`).join(' ');
  return {
    ...ok(`${megabytes} MB that ${here} does not need`),
    remedy: `may be deleted: rm -r ${paths}`,
  };
}

function spareBuilds(machine: Platform): SpareBuild[] {
  return buildsOf(machine).flatMap(({ package: name, folder, isNested }) => {
    const root = folderOf(name, folder);
    if (root === null) return [];
    const spare = foldersIn(root).flatMap((build) => {
      if (!isNested) return isFor(machine, build) ? [] : [build];
      if (build !== machine.platform) return [build];
      const inside = foldersIn(join(root, build)).map((arch) => join(build, arch));
      return inside.filter((path) => !isFor(machine, path));
    });
    return spare.map((build) => ({ path: join(root, build), bytes: bytesBelow(join(root, build)) }));
  });
}

function isFor({ platform, arch }: Platform, build: string): boolean {
  const words = build.split(/[-_+/]/);
  return words.includes(platform) && (words.includes(arch) || words.includes(ALSO_CALLED[arch] ?? arch));
}

function folderOf(name: string, folder: string): string | null {
  try {
    return packageFile(name, folder);
  } catch (error) {
    if (error instanceof CatnapError) return null;
    throw error;
  }
}

function foldersIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const stats = files.map((file) => statSync(join(folder, file)));
  return stats.reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}
