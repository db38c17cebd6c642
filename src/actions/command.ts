import type { ExecFileException } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { ok, problem } from '../core/finding.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { type ActionKind, valuesOf } from './action-kind.js';
import { asArgument, fill } from './placeholders.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('command'),
      run: z
        .array(z.string().min(1))
        .min(1)
        .describe('Program and arguments, each with {placeholders}; no shell is involved.'),
    })
    .describe('Runs a program.');

/** Most of a program's output that is kept while it runs. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/** Runs a program. */
export const command = {
  kind: 'command',
  schema,
  plan(request) {
    const values = valuesOf(request);
    const [program = '', ...args] = request.action.run.map((part) => fill(part, values, asArgument));
    return { what: [program, ...args].join(' '), act: (signal) => execute(program, args, signal) };
  },
  async check({ run: [program = ''] }) {
    const folders = program.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
    const found = folders.map((folder) => join(folder, program)).find(isExecutable);
    return found === undefined
      ? problem(`expected the program ${program}, found none`, 'install it, or give its whole path')
      : ok(found);
  },
} as const satisfies ActionKind<z.infer<ReturnType<typeof schema>>>;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function execute(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const { execFile } = await import('node:child_process');
  const options = { signal, maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    execFile(program, [...args], options, (error) => {
      if (error === null) return resolve();
      reject(failureOf(program, error));
    });
  });
}

function failureOf(program: string, error: ExecFileException): CatnapError {
  const options = { cause: error };
  if (error.code === 'ENOENT') return new CatnapError('TOOL_MISSING', `${program}: not found`, options);
  const how = error.code === undefined ? (error.signal ?? error.name) : `code ${error.code}`;
  return new CatnapError('ACTION_FAILED', `${program}: ended with ${how}`, options);
}
