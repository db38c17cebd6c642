import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { explain } from '../config/explain.js';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import * as z from '../core/zod.js';
import type { BrokerSettings } from '../egress/broker.js';
import { brokerFields, loginFaults } from '../egress/broker-settings.js';
import { fillReferences } from '../files/secrets.js';
import { edgeBrokerSettings } from '../runtime/brokers.js';
import { inputFile } from './input-file.js';

/** How a command is told which broker it is to use. */
export interface BrokerFlags {
  readonly config?: string;
  readonly broker?: string;
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly topic?: string;
}

/** A broker of the edge tier, and what all topics there begin with. */
export interface EdgePlace {
  readonly broker: BrokerSettings;
  readonly topic: string;
}

const BROKER = z.strictObject(brokerFields(z)).superRefine(loginFaults);
const TOPIC = 'catnap-edge';
const CONNECT_MS = 10_000;

/** Gives a command the options that {@link edgePlace} reads. */
export function withBroker(command: Command): Command {
  return command
    .option('--broker <url>', 'MQTT 5 broker, as mqtt://host:1883 or mqtts://host:8883')
    .option('--config <file>', 'take broker and topic from the edge section of a configuration instead')
    .option('--topic <topic>', `what all topics begin with, as edge.topic of the devices (${TOPIC})`)
    .option('--username <name>', 'user at the broker')
    .option('--password <reference>', "password there, as '${NAME}' of the environment or '${file:PATH}'")
    .option('--ca <file>', 'PEM file of the authority that the broker is trusted by')
    .option('--cert <file>', 'PEM file of the certificate that the broker wants to see')
    .option('--key <file>', 'PEM file of its key');
}

/**
 * @throws CatnapError `USAGE` where neither names a broker, or an option says what cannot be; `INPUT_MISSING`; as
 * `loadConfig`.
 */
export function edgePlace(flags: BrokerFlags): EdgePlace {
  const { config: file, broker: url, username, password, ca, cert, key, topic } = flags;
  if (url !== undefined) {
    const login = { username: username ?? null, password: password ?? null, caFile: ca ?? null };
    const settings = { url, ...login, certFile: cert ?? null, keyFile: key ?? null };
    checkSettings(settings);
    return {
      broker: { ...settings, connectMs: CONNECT_MS, folder: '.', protocol: 5 },
      topic: topic ?? TOPIC,
    };
  }
  if (file === undefined)
    throw new CatnapError('USAGE', 'expected --broker mqtt://HOST:1883 or --config FILE, found neither');
  const config = loadConfig(file, process.env, needsNothing);
  const broker = edgeBrokerSettings(config, dirname(resolve(file)));
  if (broker === null || config.edge === null)
    throw new CatnapError('CONFIG_INVALID', `${file}: expected an edge section with a broker, found none`);
  return { broker, topic: topic ?? config.edge.topic };
}

/** The option that says a setting. */
const OPTIONS: Readonly<Record<string, string>> = {
  url: '--broker',
  username: '--username',
  password: '--password',
  caFile: '--ca',
  certFile: '--cert',
  keyFile: '--key',
};

/** Holds options to what a configuration is held to, so that a slip in them is not taken for a broker that is away. */
function checkSettings(settings: z.infer<typeof BROKER>): void {
  const { error } = BROKER.safeParse(settings, { reportInput: true });
  for (const issue of error?.issues ?? [])
    throw new CatnapError('USAGE', `${OPTIONS[String(issue.path[0])]}: ${explain(issue, settings)}`);
  const { password, caFile, certFile, keyFile } = settings;
  if (password !== null)
    fillReferences(password, { folder: '.' }, (missing) => {
      throw new CatnapError('USAGE', `--password: ${missing}`);
    });
  for (const file of [caFile, certFile, keyFile]) if (file !== null) inputFile(file);
}
