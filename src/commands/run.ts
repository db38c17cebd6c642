import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig, needsFiles, parseConfig } from '../config/load.js';
import { CatnapError, EXIT } from '../core/errors.js';
import { Keeper } from '../edge/fleet/keeper.js';
import { createJsonLinesSink } from '../events/json-lines.js';
import { createTextSink } from '../events/text.js';
import { unwritable } from '../files/unwritable.js';
import type { Config } from '../runtime/config.js';
import type { ConfigFile } from '../runtime/live-words.js';
import { runCatnap } from '../runtime/main.js';
import { version } from '../runtime/process/version.js';
import type { RegisterCommand } from './command.js';
import { portNumber } from './port-number.js';
import { removeWord, writeAccepts, writeWord } from './words-file.js';

interface RunOptions {
  readonly demo: boolean;
  readonly json: boolean;
  readonly offline: boolean;
  readonly port?: number;
}

const DEFAULT_CONFIG = 'catnap.yaml';

/** `catnap run`: the cascades of a configuration, until a signal ends them. */
export const registerRun: RegisterCommand = (program) => {
  program
    .command('run')
    .description('run the cascades of a configuration')
    .argument('[config]', 'configuration file', DEFAULT_CONFIG)
    .option(
      '--demo',
      'play bundled recordings and answer from a bundled cloud; needs no configuration',
      false,
    )
    .option('--json', 'print events as JSON Lines', false)
    .option('--offline', 'let nothing leave the device: the uplink opens no socket', false)
    .option('--port <port>', 'serve the dashboard here instead; 0 takes a free port', portNumber)
    .action(async (file: string, options: RunOptions, command: Command) => {
      if (options.demo && command.args.length > 0)
        throw new CatnapError('USAGE', `--demo: expected no configuration beside it, found ${file}`);
      process.stdout.on('error', tellUnprinted);
      // There is nobody left to tell.
      process.stderr.on('error', () => {});
      if (!options.demo) {
        const rule = options.offline ? needsFiles : undefined;
        const read = (): Config => adjusted(loadConfig(file, process.env, rule), options);
        const check = (text: string): Config => adjusted(parseConfig(text, file, process.env, rule), options);
        process.exitCode = await runAgain(options.json, {
          path: file,
          read,
          check,
          ...wordsOf(file),
        });
        return;
      }
      const { startDemo } = await import('./demo.js');
      const started = await startDemo();
      try {
        const code = await run(adjusted(started.config, options), started.folder, options.json);
        process.exitCode = code === 'again' ? EXIT.ok : code;
      } finally {
        await started.close();
      }
    });
};

/** Who read the events is gone, or their disk is full: the listening goes on. */
function tellUnprinted(cause: Error): void {
  say(`catnap: ${unwritable('standard output', cause, 'to print events there').message}; it goes on without`);
}

/** What changes the words of a configuration. */
function wordsOf(config: string): Pick<ConfigFile, 'addWord' | 'removeWord' | 'believeFrom'> {
  return {
    addWord: (word, { cascade, listened }) => writeWord(word, { config, cascade }, listened),
    removeWord: (label, { cascade, listened, anyway }) =>
      removeWord(label, { config, cascade }, { takes: 'delete', anyway, listened }),
    believeFrom: (accept, { cascade, label }) => writeAccepts([{ name: label, accept }], { config, cascade }),
  };
}

/** `--offline` makes a configuration stricter, never laxer; `--port` asks for the dashboard. */
function adjusted(config: Config, { offline, port }: RunOptions): Config {
  const { dashboard, uplink } = config;
  return {
    ...config,
    uplink: { ...uplink, offline: uplink.offline || offline },
    dashboard: port === undefined ? dashboard : { ...dashboard, enabled: true, port },
  };
}

/** Runs what the file says, and again when something else was rolled out; what does not run is taken back. */
async function runAgain(json: boolean, file: ConfigFile): Promise<number> {
  const keeper = new Keeper(resolve(file.path));
  if (keeper.starting()) say('catnap: what was rolled out was not confirmed before its end: as before');
  for (;;) {
    try {
      const code = await run(file.read(), dirname(resolve(file.path)), json, file);
      if (code !== 'again') {
        const isBad = code !== EXIT.ok && keeper.isPending;
        if (!isBad || !keeper.back()) return code;
        say('catnap: what was rolled out does not run: as before');
      }
    } catch (error) {
      if (!keeper.isPending || !keeper.back()) throw error;
      say(`catnap: what was rolled out does not run: as before: ${String(error)}`);
    }
    keeper.starting();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function run(
  config: Config,
  folder: string,
  json: boolean,
  file?: ConfigFile,
): Promise<number | 'again'> {
  return runCatnap({
    config,
    folder,
    ...(file === undefined ? {} : { file }),
    version,
    sinks: { stdout: json ? createJsonLinesSink(process.stdout) : createTextSink(process.stdout) },
    onReady: (url) => say(url === null ? 'catnap listens' : `catnap listens; dashboard at ${url}`),
    onError: (where, error) =>
      say(`catnap: ${where}: ${error instanceof Error ? error.message : String(error)}`),
  });
}
