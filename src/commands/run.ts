import { dirname, resolve } from 'node:path';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { runCatnap } from '../main.js';
import { createJsonLinesSink } from '../sinks/json-lines.js';
import { createTextSink } from '../sinks/text.js';
import { version } from '../version.js';
import type { RegisterCommand } from './command.js';
import { startDemo } from './demo.js';

interface RunOptions {
  readonly demo: boolean;
  readonly json: boolean;
  readonly offline: boolean;
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
    .action(async (file: string, { demo, json, offline }: RunOptions) => {
      if (!demo) {
        process.exitCode = await run(kept(loadConfig(file), offline), dirname(resolve(file)), json);
        return;
      }
      const started = await startDemo();
      process.exitCode = await run(kept(started.config, offline), started.folder, json);
      await started.close();
    });
};

/** `--offline` makes a configuration stricter, never laxer. */
function kept(config: Config, offline: boolean): Config {
  return { ...config, uplink: { ...config.uplink, offline: config.uplink.offline || offline } };
}

async function run(config: Config, folder: string, json: boolean): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  return runCatnap({
    config,
    folder,
    version,
    sinks: { stdout: json ? createJsonLinesSink(process.stdout) : createTextSink(process.stdout) },
    onReady: (url) => say(url === null ? 'catnap listens' : `catnap listens; dashboard at ${url}`),
    onError: (where, error) =>
      say(`catnap: ${where}: ${error instanceof Error ? error.message : String(error)}`),
  });
}
