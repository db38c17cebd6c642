import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withMicrophone } from '../support/daemon-with-microphone.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

const microphone = withMicrophone('settled');

interface Tensors {
  readonly inputs?: { shape: number[] }[];
}

interface Manifest extends Tensors {
  readonly verify?: object;
  readonly files: Readonly<Record<string, Tensors & { readonly path: string }>>;
}

/** A copy of a shipped model that a test may spoil; returns its folder and manifest. */
function copyOf(name: string): { readonly folder: string; readonly manifest: Manifest } {
  const folder = temporaryFolder();
  cpSync(join(root, 'models', name), folder, { recursive: true });
  return { folder, manifest: JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest };
}

/** Flips one bit in the middle of every weights file. */
function withFlippedBit(name: string): string {
  const { folder, manifest } = copyOf(name);
  for (const { path } of Object.values(manifest.files)) {
    const weights = readFileSync(join(folder, path));
    const middle = weights.length >> 1;
    weights.writeUInt8((weights[middle] ?? 0) ^ 1, middle);
    writeFileSync(join(folder, path), weights);
  }
  return join(folder, 'manifest.json');
}

/** Cuts every weights file in half, as a copy does that ran out of disk. */
function withHalfMissing(name: string): string {
  const { folder, manifest } = copyOf(name);
  for (const { path } of Object.values(manifest.files)) {
    const weights = readFileSync(join(folder, path));
    writeFileSync(join(folder, path), weights.subarray(0, weights.length >> 1));
  }
  return join(folder, 'manifest.json');
}

function withoutWeights(name: string): string {
  const { folder, manifest } = copyOf(name);
  for (const { path } of Object.values(manifest.files)) rmSync(join(folder, path));
  return join(folder, 'manifest.json');
}

/** Describes an input of one dimension more than the model has. */
function withWrongShape(name: string): string {
  const { folder, manifest } = copyOf(name);
  for (const { inputs } of [manifest, ...Object.values(manifest.files)]) inputs?.[0]?.shape.push(2);
  const path = join(folder, 'manifest.json');
  writeFileSync(path, JSON.stringify(manifest));
  return path;
}

/** Asks the opinion of a model that is not there. */
function withoutSecond(): string {
  const { folder, manifest } = copyOf('wake-heavy');
  const second = { manifest: '../gone/manifest.json', weight: 1, most: 4 };
  const path = join(folder, 'manifest.json');
  writeFileSync(path, JSON.stringify({ ...manifest, verify: { ...manifest.verify, second } }));
  return path;
}

const config = (tiny: string, heavy: string) => `
sources: [{ id: mic, kind: microphone }]
cascades:
  voice: { kind: voice, tiny: { model: ${tiny} }, heavy: { model: ${heavy} }, utterance: { enabled: false } }
dashboard: { enabled: false }
`;

describe.each([
  ['row 10: a flipped bit', withFlippedBit, 'MODEL_CORRUPT', /sha-?256/i],
  ['row 10: a truncated file', withHalfMissing, 'MODEL_CORRUPT', /expected sha-?256 .* found .* bytes/i],
  ['a missing file', withoutWeights, 'MODEL_MISSING', /expected a readable file at /],
  ['row 11: a wrong shape', withWrongShape, 'MODEL_SHAPE', /expected .* found/],
])('%s', (_row, spoil, code, says) => {
  it('in tiny ends with 78 and says what was expected and found', async () => {
    const daemon = microphone.run(config(spoil('wake-tiny'), 'wake-heavy'));
    expect(await daemon.exit()).toBe(78);
    expect(daemon.stderr).toMatch(says);
  });

  it('in heavy starts degraded, and policy decides on tiny alone', async () => {
    const daemon = microphone.run(config('wake-tiny', spoil('wake-heavy')));
    expect(await daemon.health('mic/heavy', 'degraded')).toMatchObject({
      code,
      detail: expect.stringMatching(says),
    });
    const verified = await daemon.event('verified');
    expect(verified.degraded).toBe(true);
    expect(verified.trail.at(-1)).toMatchObject({ kind: 'abstain', code });
  });
});

it('heavy whose second is missing starts degraded, and policy decides on tiny alone', async () => {
  const daemon = microphone.run(config('wake-tiny', withoutSecond()));
  expect(await daemon.health('mic/heavy', 'degraded')).toMatchObject({
    code: 'MODEL_MISSING',
    detail: expect.stringContaining('gone/manifest.json'),
  });
  expect((await daemon.event('verified')).degraded).toBe(true);
});

it('a candidate whose heavy cannot be loaded says which it is and what is missing, and costs what runs nothing', async () => {
  const daemon = microphone.run(`
sources: [{ id: mic, kind: microphone }]
cascades:
  voice: { kind: voice, utterance: { enabled: false } }
  newer: { kind: voice, heavy: { model: ${withoutSecond()} }, utterance: { enabled: false } }
shadow: { mic: newer }
dashboard: { enabled: false }
`);
  expect(await daemon.health('mic/shadow', 'degraded')).toMatchObject({
    code: 'MODEL_MISSING',
    detail: expect.stringMatching(/^newer@[0-9a-f]{8}: .*gone\/manifest\.json/),
  });
  expect((await daemon.event('verified')).trail.at(-1)).toMatchObject({
    stage: 'wake-heavy',
    kind: 'accept',
  });
  expect(daemon.events.filter((event) => event.type === 'health' && event.component === 'mic/heavy')).toEqual(
    [],
  );
});
