import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Timer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import type { SettingFault } from '../core/kind.js';
import { type Broker, type BrokerSettings, createBroker } from '../egress/broker.js';
import type { WayOut } from '../egress/way-out.js';
import type { Config } from './config.js';

type Sections = Pick<Config, 'actions' | 'home' | 'edge'>;

/** The brokers of a configuration; one connection where both are the same. */
export interface Brokers {
  /** That of `mqtt` actions. */
  readonly actions: Broker;
  /** That which the house is told at; null: it is told nothing. */
  readonly home: Broker | null;
  close(): Promise<void>;
}

/** Where `mqtt` actions publish; null: nowhere. */
export function actionsUrl({ actions, home }: Sections): string | null {
  return actions.mqttUrl ?? home.mqtt?.url ?? null;
}

/** The broker that is shared with workers and other devices; null: none. */
export function edgeBrokerSettings({ actions, home, edge }: Sections, folder: string): BrokerSettings | null {
  const broker = edge?.broker ?? home.mqtt;
  if (edge === null || broker === null) return null;
  return { ...loginAt(broker), connectMs: actions.timeoutMs, folder, protocol: 5 };
}

/** Makes the brokers of a configuration; nothing is opened yet. */
export function createBrokers(
  config: Sections,
  folder: string,
  wayOut: Pick<WayOut, 'leave'>,
  timer: Timer,
): Brokers {
  const settings = { actions: settingsOfActions(config, folder), home: settingsOfHome(config, folder) };
  const home = settings.home === null ? null : createBroker(settings.home, wayOut, timer);
  const actions = actionsBroker();
  return {
    actions,
    home,
    async close() {
      await actions.close();
      await home?.close();
    },
  };

  function actionsBroker(): Broker {
    if (settings.actions === null) return home ?? NO_BROKER;
    const isSame = JSON.stringify(settings.actions) === JSON.stringify(settings.home);
    return isSame && home !== null ? home : createBroker(settings.actions, wayOut, timer);
  }
}

/** Files of the brokers that are not there. */
export function brokerFaults({ actions, home, edge }: Sections, folder: string): readonly SettingFault[] {
  const { mqtt } = home;
  const broker = edge?.broker;
  const files: [path: readonly string[], file: string | null][] = [
    [['actions', 'mqttCaFile'], actions.mqttCaFile],
    [['home', 'mqtt', 'caFile'], mqtt?.caFile ?? null],
    [['home', 'mqtt', 'certFile'], mqtt?.certFile ?? null],
    [['home', 'mqtt', 'keyFile'], mqtt?.keyFile ?? null],
    [['edge', 'broker', 'caFile'], broker?.caFile ?? null],
    [['edge', 'broker', 'certFile'], broker?.certFile ?? null],
    [['edge', 'broker', 'keyFile'], broker?.keyFile ?? null],
  ];
  return files.flatMap(([path, file]) => {
    if (file === null || existsSync(resolve(folder, file))) return [];
    return [{ path, message: `expected a file at ${resolve(folder, file)}, found none` }];
  });
}

function settingsOfActions({ actions }: Sections, folder: string): BrokerSettings | null {
  const { mqttUrl: url, mqttUsername, mqttPassword, mqttCaFile, timeoutMs } = actions;
  if (url === null) return null;
  const login = { username: mqttUsername, password: mqttPassword, caFile: mqttCaFile };
  return { url, ...login, certFile: null, keyFile: null, connectMs: timeoutMs, folder };
}

function settingsOfHome({ actions, home: { mqtt } }: Sections, folder: string): BrokerSettings | null {
  if (mqtt === null) return null;
  return { ...loginAt(mqtt), connectMs: actions.timeoutMs, folder };
}

/** Of a section that names a broker, what says where it is and who asks. */
function loginAt(broker: Omit<BrokerSettings, 'connectMs' | 'folder' | 'protocol'>) {
  const { url, username, password, caFile, certFile, keyFile } = broker;
  return { url, username, password, caFile, certFile, keyFile };
}

const NO_BROKER: Broker = {
  host: '',
  async publish() {
    throw new CatnapError('USAGE', 'actions.mqttUrl: expected a broker, found none');
  },
  keep: () => {},
  close: async () => {},
};
