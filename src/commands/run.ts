import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { loadConfig, needsFiles } from '../config/load.js';
import { createJsonLinesSink } from '../events/json-lines.js';
import { createTextSink } from '../events/text.js';
import type { Config } from '../runtime/config.js';
import type { ConfigFile } from '../runtime/live-words.js';
import { runCatnap } from '../runtime/main.js';
import { version } from '../runtime/process/version.js';
import type { RegisterCommand } from './command.js';

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
    .option('--port <port>', 'serve the dashboard here instead; 0 takes a free port', parsePort)
    .action(async (file: string, options: RunOptions) => {
      if (!options.demo) {
        const rule = options.offline ? needsFiles : undefined;
        const read = (): Config => adjusted(loadConfig(file, process.env, rule), options);
        process.exitCode = await run(read(), dirname(resolve(file)), options.json, { path: file, read });
        return;
      }
      const { startDemo } = await import('./demo.js');
      const started = await startDemo();
      try {
        process.exitCode = await run(adjusted(started.config, options), started.folder, options.json);
      } finally {
        await started.close();
      }
    });
};

/** `--offline` makes a configuration stricter, never laxer; `--port` asks for the dashboard. */
function adjusted(config: Config, { offline, port }: RunOptions): Config {
  const { dashboard, uplink } = config;
  return {
    ...config,
    uplink: { ...uplink, offline: uplink.offline || offline },
    dashboard: port === undefined ? dashboard : { ...dashboard, enabled: true, port },
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('expected a port from 0 to 65535');
}

async function run(config: Config, folder: string, json: boolean, file?: ConfigFile): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
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
