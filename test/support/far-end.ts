import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './tools.js';

/** A far end in a process of its own, so that it can be stopped and killed for real. */
export interface FarEnd {
  readonly url: string;
  readonly port: number;
  /** Events that came, as the emulator printed them. */
  readonly events: readonly { readonly key: string; readonly duplicate: boolean }[];
  /** Speech that streamed, and what came of it. */
  readonly speech: readonly { readonly key: string; readonly samples: number; readonly outcome: string }[];
  /** Resolves once so many events have come. */
  received(count: number): Promise<void>;
  stop(): void;
  resume(): void;
  kill(): Promise<void>;
}

/** Starts the built `catnap cloud-emulator`. */
export async function startFarEnd(...args: string[]): Promise<FarEnd> {
  const cli = join(root, 'dist/cli.js');
  const child = spawn(process.execPath, [cli, 'cloud-emulator', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: { key: string; duplicate: boolean }[] = [];
  const speech: { key: string; samples: number; outcome: string }[] = [];
  let wake = () => {};
  const listening = new Promise<{ url: string; port: number }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`emulator ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const record = JSON.parse(line) as {
        type: string;
        url: string;
        port: number;
        key: string;
        duplicate: boolean;
        samples: number;
        outcome: string;
      };
      if (record.type === 'listening') resolve(record);
      else if (record.type === 'speech') speech.push(record);
      else events.push(record);
      wake();
    });
  });
  const { url, port } = await listening;
  return {
    url,
    port,
    events,
    speech,
    async received(count) {
      while (events.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    stop: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    kill: () => killed(child),
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
