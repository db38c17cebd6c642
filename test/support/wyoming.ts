import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeMessage, MessageReader, type WyomingMessage } from '../../src/sources/wyoming/protocol.js';

/** One end of a Wyoming connection: says what it is told to, and lets one await what it hears. */
export class WyomingEnd {
  readonly heard: WyomingMessage[] = [];
  isClosed = false;
  readonly #looks = new Set<() => void>();

  constructor(readonly socket: Socket) {
    const reader = new MessageReader();
    socket.on('data', (bytes: Buffer) => {
      this.heard.push(...reader.push(bytes));
      this.#look();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      this.#look();
    });
  }

  static async at(port: number): Promise<WyomingEnd> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new WyomingEnd(socket);
  }

  /** The same, once somebody listens there. */
  static async soonAt(port: number): Promise<WyomingEnd> {
    for (;;) {
      try {
        return await WyomingEnd.at(port);
      } catch {
        await sleep(100);
      }
    }
  }

  say(type: string, data: Readonly<Record<string, unknown>> = {}, payload: Buffer | null = null): void {
    this.socket.write(encodeMessage(type, data, payload));
  }

  /** Says 16-bit samples in chunks, from `audio-start` to `audio-stop`. */
  stream(pcm: Int16Array, { rate = 16_000, channels = 1, chunk = 1024, isOver = true } = {}): void {
    const format = { rate, width: 2, channels };
    this.say('audio-start', format);
    for (let at = 0; at < pcm.length; at += chunk * channels) {
      const samples = pcm.slice(at, at + chunk * channels);
      const timestamp = Math.round((at / channels / rate) * 1000);
      this.say('audio-chunk', { ...format, timestamp }, Buffer.from(samples.buffer));
    }
    if (isOver) this.say('audio-stop');
  }

  /** The first message of a type, heard already or soon. */
  async hear(...types: string[]): Promise<WyomingMessage> {
    const find = () => this.heard.find(({ type }) => types.includes(type));
    await this.#until(() => find() !== undefined || this.isClosed);
    const found = find();
    if (found === undefined) throw new Error(`expected ${types.join(' or ')} before the connection closed`);
    return found;
  }

  closed(): Promise<void> {
    return this.#until(() => this.isClosed);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      look();
    });
  }

  #look(): void {
    for (const look of [...this.#looks]) look();
  }
}
