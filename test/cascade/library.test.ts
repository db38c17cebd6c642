import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformWithOxc } from 'vite';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/core/signal/frame.js';
import { listen } from '../../src/runtime/listen.js';
import { FileSource } from '../../src/sources/recording/file.js';
import { voiceRecording } from '../support/replay.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

/** It has no type annotations, so that Node 20 runs it unchanged. */
const example = readFileSync(join(root, 'examples/listen.ts'), 'utf8');

/** What an example prints in a project that has Catnap installed and a recording by this name. */
function printedBy(code: string, recording: string): string {
  const project = temporaryFolder();
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(root, join(project, 'node_modules/catnap'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(project, recording), readFileSync(voiceRecording('settled')));
  writeFileSync(join(project, 'example.js'), code);
  return execFileSync(process.execPath, ['example.js'], { cwd: project, encoding: 'utf8' });
}

describe('the library', () => {
  it('listens to a recording on the calling thread', async () => {
    const types: string[] = [];
    await listen({
      source: new FileSource({ id: 'kitchen', path: voiceRecording('settled') }),
      onEvent: ({ type }) => types.push(type),
    });
    expect(types).toEqual(['noticed', 'verified', 'utterance', 'settled']);
  });

  it('does what a wake word is to do, and tells what it would do where nobody said that it may', async () => {
    const done = join(temporaryFolder(), 'done');
    const touch = { kind: 'command' as const, run: ['touch', done] };
    const heard = async (actions?: { dryRun: boolean }) => {
      const outcomes: string[] = [];
      await listen({
        source: new FileSource({ id: 'kitchen', path: voiceRecording('settled') }),
        cascade: { kind: 'voice', wakeActions: { alexa: touch } },
        ...(actions && { actions }),
        onEvent: (event) => {
          if (event.type === 'action') outcomes.push(`${event.action} ${event.outcome}`);
        },
      });
      return outcomes;
    };
    expect(await heard()).toEqual(['alexa dry-run']);
    expect(existsSync(done)).toBe(false);
    expect(await heard({ dryRun: false })).toEqual(['alexa done']);
    expect(existsSync(done)).toBe(true);
  });

  it('refuses an action that could never be done', async () => {
    const source = new FileSource({ id: 'kitchen', path: voiceRecording('settled') });
    const mqtt = { kind: 'mqtt' as const, topic: 'bell', payload: 'on' };
    const wrong = listen({
      source,
      cascade: { kind: 'voice', wakeActions: { alexa: mqtt } },
      onEvent: () => {},
    });
    await expect(wrong).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('refuses a cascade that is none, and says what is wrong with it', async () => {
    const source = new FileSource({ id: 'kitchen', path: voiceRecording('settled') });
    const wrong = listen({ source, cascade: { kind: 'voice', preRollMs: -1 }, onEvent: () => {} });
    await expect(wrong).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(wrong).rejects.toThrow(/preRollMs/);
  });

  it('refuses a signal of another rate, which voice models would not understand', async () => {
    const source: Source = {
      id: 'phone',
      async *frames() {
        yield {
          kind: 'format',
          source: 'phone',
          rateHz: 8000,
          channels: [{ name: 'audio', unit: 'FS' }],
        };
      },
    };
    const wrong = listen({ source, onEvent: () => {} });
    await expect(wrong).rejects.toMatchObject({ code: 'SOURCE_FORMAT' });
    await expect(wrong).rejects.toThrow('phone: expected one channel at 16000 Hz, found 1 at 8000 Hz');
  });

  it('is shown in the README by the example that is tested', () => {
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``);
  });

  it('is used in twenty lines, as the example shows', () => {
    expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    expect(printedBy(example, 'kitchen.wav')).toContain('light.on');
  });

  it('takes a stage of one’s own, as the example shows', async () => {
    const written = readFileSync(join(root, 'examples/own-stage.ts'), 'utf8');
    // Node 20 runs no types.
    const { code } = await transformWithOxc(written, 'own-stage.ts');
    expect(printedBy(code, 'door.wav')).toMatch(/^\d+ ms: bang$/m);
  });
});
