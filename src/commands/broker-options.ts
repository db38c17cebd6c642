import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import type { BrokerSettings } from '../egress/broker.js';
import { edgeBrokerSettings } from '../runtime/brokers.js';

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

/** @throws CatnapError `USAGE` where neither names a broker; as `loadConfig`. */
export function edgePlace(flags: BrokerFlags): EdgePlace {
  const { config: file, broker: url, username, password, ca, cert, key, topic } = flags;
  if (url !== undefined) {
    const login = { username: username ?? null, password: password ?? null, caFile: ca ?? null };
    const shown = { certFile: cert ?? null, keyFile: key ?? null };
    const broker = { url, ...login, ...shown, connectMs: CONNECT_MS, folder: '.', protocol: 5 } as const;
    return { broker, topic: topic ?? TOPIC };
  }
  if (file === undefined)
    throw new CatnapError('USAGE', 'expected --broker mqtt://HOST:1883 or --config FILE, found neither');
  const config = loadConfig(file, process.env, needsNothing);
  const broker = edgeBrokerSettings(config, dirname(resolve(file)));
  if (broker === null || config.edge === null)
    throw new CatnapError('CONFIG_INVALID', `${file}: expected an edge section with a broker, found none`);
  return { broker, topic: topic ?? config.edge.topic };
}
