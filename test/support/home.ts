import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { expect } from 'vitest';

/** A client of the broker that hears everything, as Home Assistant would. */
export class House {
  /** Messages in their order, as topic and text. */
  readonly heard: [topic: string, payload: string][] = [];

  private constructor(readonly client: MqttClient) {
    client.on('message', (topic, payload) => this.heard.push([topic, payload.toString()]));
  }

  static async at(url: string, options: IClientOptions = {}): Promise<House> {
    const house = new House(await connectAsync(url, options, false));
    await house.client.subscribeAsync('#');
    return house;
  }

  /** What was said last on a topic, as JSON where it is; waits until something is. */
  async last(topic: string): Promise<unknown> {
    await expect.poll(() => this.#of(topic).length, { timeout: 30_000 }).toBeGreaterThan(0);
    return read(this.#of(topic).at(-1) ?? '');
  }

  /** Waits until what was said last on a topic is like this. */
  async until(topic: string, like: unknown): Promise<void> {
    await expect.poll(() => read(this.#of(topic).at(-1) ?? 'null'), { timeout: 60_000 }).toEqual(like);
  }

  count(topic: string): number {
    return this.#of(topic).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.endAsync(true).catch(() => {});
  }

  #of(topic: string): string[] {
    return this.heard.filter(([where]) => where === topic).map(([, text]) => text);
  }
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
