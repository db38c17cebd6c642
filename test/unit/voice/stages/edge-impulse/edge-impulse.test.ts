import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Decision, Stage } from '../../../../../src/core/cascade/stage.js';
import { VOICE_KINDS } from '../../../../../src/runtime/stages.js';
import { choiceNamed } from '../../../../../src/voice/config.js';
import { vocabularyOf } from '../../../../../src/voice/words/known.js';
import { voiceStage } from '../../../../support/stages.js';
import { temporaryFolder } from '../../../../support/temporary-folder.js';
import { root } from '../../../../support/tools.js';

const HOP = 1280;

/** A toy that speaks as the executables of Edge Impulse do, and does so much wrong. */
function impulse(faults = ''): { readonly path: string; asked(): readonly string[] } {
  const path = join(temporaryFolder(), 'toy.eim');
  const script = join(root, 'test/support/impulse.mjs');
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$0" "$1"\n`);
  chmodSync(path, 0o755);
  if (faults !== '') writeFileSync(`${path}.faults`, faults);
  return { path, asked: () => readFileSync(`${path}.log`, 'utf8').trim().split('\n') };
}

async function opened(path: string, settings: object = {}): Promise<Stage> {
  const stage = await voiceStage({
    kind: 'edge-impulse',
    model: path,
    say: {},
    answerMs: 5000,
    ...settings,
  } as never);
  onTestFinished(() => stage.dispose());
  return stage;
}

async function hear(stage: Stage, seconds: number, level: number, from = 0): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  for (let at = 0; at + HOP <= seconds * 16_000; at += HOP) {
    const data = new Float32Array(HOP).fill(level);
    const window = { source: 's', startSample: from + at, rateHz: 16_000, channels: 1, data };
    decisions.push(await stage.decide(window, new AbortController().signal));
  }
  return decisions;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('an executable of Edge Impulse', () => {
  it('is given slices in order, and its labels are the words', async () => {
    const { path, asked } = impulse();
    const stage = await opened(path);
    await hear(stage, 1, 0);
    const [last] = (await hear(stage, 1.2, 0.5)).slice(-1);
    expect(last).toMatchObject({ kind: 'accept', label: 'beep', score: 1 });
    // All of the window first, then a slice at a time; the first start is that of the plan.
    expect(asked().filter((line) => line.startsWith('start')).length).toBe(2);
    expect(asked().slice(2, 6)).toEqual(Array(4).fill('classify_continuous 4000 0'));
    expect(asked().filter((line) => line.startsWith('classify')).length).toBe(3 + 8);
  });

  it('is replaced when it is killed, and the next hears all of the window', async () => {
    const { path, asked } = impulse();
    const stage = await opened(path);
    await hear(stage, 1, 0.1);
    process.kill(Number(asked().at(1)?.split(' ')[1]), 'SIGKILL');
    const decisions = await hear(stage, 0.5, 0.1);
    expect(decisions.filter(({ kind }) => kind === 'abstain')).toEqual([]);
    const before = asked().findLastIndex((line) => line.startsWith('start'));
    // What the killed one had heard of it, too.
    expect(asked().slice(before + 1, before + 5)).toEqual(Array(4).fill('classify_continuous 4000 3277'));
    expect(stage.news?.()).toMatchObject({ state: 'ok' });
  });

  it('ends with whoever started it, be that killed with no time to end it', async () => {
    const { path, asked } = impulse();
    const module = JSON.stringify(join(root, 'dist/engines/edge-impulse/eim-process.js'));
    const code = `const { EimProcess } = await import(${module});
      await EimProcess.start(${JSON.stringify(path)});
      process.stdout.write('started');`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', code]);
    await once(owner.stdout, 'data');
    const model = Number(asked()[0]?.split(' ')[1]);
    expect(isAlive(model)).toBe(true);
    owner.kill('SIGKILL');
    await expect.poll(() => isAlive(model)).toBe(false);
  });

  it.each([
    ['dies', 'STAGE_CRASHED', 'found an end', {}],
    ['hangs', 'STAGE_TIMEOUT', 'expected an answer within 200 ms', { answerMs: 200 }],
  ])('is tried again ever later where it always %s', async (fault, code, why, settings) => {
    const { path, asked } = impulse(fault);
    const stage = await opened(path, settings);
    // The third question of each process fails: all of the window is four.
    const decisions = [...(await hear(stage, 0.5, 0.5)), ...(await hear(stage, 0.5, 0.5))];
    expect(decisions.some((decision) => decision.kind === 'abstain' && decision.code === code)).toBe(true);
    expect(stage.news?.()).toMatchObject({ state: 'degraded', code, detail: expect.stringContaining(why) });
    writeFileSync(`${path}.faults`, '');
    const again = await hear(stage, 4, 0.5);
    expect(again.at(-1)).toMatchObject({ kind: 'accept', label: 'beep' });
    expect(stage.news?.()).toMatchObject({ state: 'ok' });
    expect(asked().filter((line) => line.startsWith('start')).length).toBeLessThan(12);
  });

  it('is asked for whole windows where it keeps no slices', async () => {
    const { path, asked } = impulse('whole');
    await hear(await opened(path), 0.6, 0.25);
    expect(asked().filter((line) => line.startsWith('classify'))).toEqual(
      Array(2).fill('classify 16000 8192'),
    );
  });

  it('is refused where it looks at pictures', async () => {
    const message = 'model toy.eim: model_type: expected "classification", found "object_detection"';
    await expect(opened(impulse('image').path)).rejects.toMatchObject({ code: 'MODEL_SHAPE', message });
  });

  it('is refused in a sentence where it is for another machine', async () => {
    const path = join(temporaryFolder(), 'other.eim');
    writeFileSync(path, 'no program');
    chmodSync(path, 0o755);
    await expect(opened(path)).rejects.toMatchObject({
      code: 'STAGE_UNAVAILABLE',
      message: expect.stringContaining(
        `for ${process.platform}-${process.arch} that opens its socket, found`,
      ),
    });
  });

  it('is named by its file, and its words are known once it runs', () => {
    const choice = choiceNamed('/models', './toy.eim', VOICE_KINDS.stages);
    expect(choice).toMatchObject({ kind: 'edge-impulse', model: '/models/toy.eim', answerMs: 500 });
    expect(vocabularyOf(VOICE_KINDS.stages, choice)).toBeNull();
  });
});
