import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { IClientOptions, MqttClient } from 'mqtt';
import { CatnapError } from '../core/errors.js';
import type { WayOut } from '../egress/way-out.js';
import { readSecret } from '../files/secrets.js';
import type { ActionsConfig } from './config.js';

/** The broker that `mqtt` actions publish to. */
export interface Broker {
  /** Its host and port, for the audit. */
  readonly host: string;
  /**
   * Publishes with QoS 1; resolves when the broker has it. Rejects when it cannot be reached, refuses, or `signal`
   * aborts: a message is not kept for later, when it would come as a surprise.
   */
  publish(topic: string, payload: string, retain: boolean, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

type Settings = Pick<ActionsConfig, 'mqttUrl' | 'mqttUsername' | 'mqttPassword' | 'mqttCaFile' | 'timeoutMs'>;

/**
 * The broker of a configuration: one connection, opened with the first message and kept; one that was lost is opened
 * anew with the next message.
 * @param folder what the paths of CA and password are relative to
 */
export function createBroker(settings: Settings, folder: string, wayOut: Pick<WayOut, 'leave'>): Broker {
  const { mqttUrl } = settings;
  const host = mqttUrl === null ? '' : new URL(mqttUrl).host;
  let opening: Promise<MqttClient> | null = null;

  async function open(): Promise<MqttClient> {
    if (mqttUrl === null) throw new CatnapError('USAGE', 'actions.mqttUrl: expected a broker, found none');
    const { connectAsync } = await import('mqtt');
    const options = connectOptions(settings, folder);
    const passage = { what: 'mqtt', to: host, bytes: 0 } as const;
    const client = await wayOut.leave(passage, () => connectAsync(mqttUrl, options));
    const lost = (): void => {
      opening = null;
      client.end(true);
    };
    client.once('close', lost);
    client.on('error', lost);
    return client;
  }

  const connected = (): Promise<MqttClient> => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };

  return {
    host,
    async publish(topic, payload, retain, signal) {
      const client = await connected();
      await whileConnected(client, signal, () => client.publishAsync(topic, payload, { qos: 1, retain }));
    },
    async close() {
      const client = await opening?.catch(() => null);
      opening = null;
      await client?.endAsync(true).catch(() => {});
    },
  };
}

/** Without this a message that was under way when the connection broke would wait for ever. */
function whileConnected<Answer>(
  client: MqttClient,
  signal: AbortSignal,
  work: () => Promise<Answer>,
): Promise<Answer> {
  return new Promise<Answer>((done, failed) => {
    const over = (): void => {
      client.off('close', over);
      signal.removeEventListener('abort', over);
      failed(new CatnapError('UPLINK_UNAVAILABLE', 'the broker was lost before it had the message'));
    };
    client.once('close', over);
    signal.addEventListener('abort', over, { once: true });
    work()
      .then(done, failed)
      .finally(() => {
        client.off('close', over);
        signal.removeEventListener('abort', over);
      });
  });
}

/** A user and password are given as they are: in an address they would have to be encoded. */
function connectOptions(
  { mqttUsername, mqttPassword, mqttCaFile, timeoutMs }: Settings,
  folder: string,
): IClientOptions {
  return {
    reconnectPeriod: 0,
    connectTimeout: timeoutMs,
    ...(mqttUsername === null ? {} : { username: mqttUsername }),
    ...(mqttPassword === null ? {} : { password: readSecret(mqttPassword, { folder }, 'ACTION_FAILED') }),
    ...(mqttCaFile === null ? {} : { ca: readFileSync(resolve(folder, mqttCaFile)) }),
  };
}
