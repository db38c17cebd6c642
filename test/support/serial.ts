import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { autoDetect } from '@serialport/bindings-cpp';
import { SerialPortStream } from '@serialport/stream';
import type { Source, SourceItem } from '../../src/core/signal/frame.js';
import { FrameDecoder, frameOf } from '../../src/sources/serial/protocol/frame.js';
import {
  type BoardPacket,
  type Hello,
  type HostPacket,
  type Packet,
  TYPE,
} from '../../src/sources/serial/protocol/packet.js';
import { readPacket, writePacket } from '../../src/sources/serial/protocol/payload.js';

const WAIT_MS = 20_000;

/** Waits until `holds`, at most 20 s. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += 10) {
    if (holds()) return;
    await delay(10);
  }
  throw new Error(`waited ${WAIT_MS} ms for ${what}`);
}

/** A child process that is killed for real when it is disposed. */
export class Child {
  readonly process: ChildProcess;

  constructor(command: string, args: readonly string[]) {
    this.process = spawn(command, args, { stdio: 'ignore' });
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** A serial cable of socat: what is written at one end comes out of the other. */
export async function plug(board: string, host: string): Promise<Child> {
  for (const end of [board, host]) rmSync(end, { force: true });
  const cable = new Child('socat', [`PTY,link=${board},rawer`, `PTY,link=${host},rawer`]);
  await until('the ptys', () => existsSync(board) && existsSync(host));
  return cable;
}

/** A cable from a pty to a unix socket, such as that of QEMU's serial port. */
export async function plugSocket(socket: string, host: string): Promise<Child> {
  rmSync(host, { force: true });
  const cable = new Child('socat', [`PTY,link=${host},rawer`, `UNIX-CONNECT:${socket}`]);
  await until('the pty', () => existsSync(host));
  return cable;
}

/** Points `link` at another tty, as udev does below /dev/serial/by-id. */
export function relink(link: string, to: string): void {
  rmSync(link, { force: true });
  symlinkSync(readlinkSync(to), link);
}

/** The far end of a cable: a board that says what a test tells it to, and answers hello requests. */
export class ScriptedBoard {
  /** What the host said. */
  readonly heard: HostPacket[] = [];
  answersHello = true;
  /** Why it refuses commands; null: it obeys them. */
  refuses: string | null = null;
  #sequence = 0;
  #timeUs = 0;

  private constructor(
    readonly hello: Hello,
    readonly port: SerialPortStream<ReturnType<typeof autoDetect>>,
  ) {
    const decoder = new FrameDecoder();
    port.on('error', () => {});
    port.on('data', (chunk: Buffer) => {
      decoder.feed(chunk);
      for (let item = decoder.next(); item !== null; item = decoder.next())
        if (item.kind === 'packet') this.#take(readPacket(item), item.sequence);
    });
  }

  static async open(path: string, hello: Hello): Promise<ScriptedBoard> {
    const port = new SerialPortStream({ binding: autoDetect(), path, baudRate: 115_200, autoOpen: false });
    await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
    return new ScriptedBoard(hello, port);
  }

  send(...packets: readonly BoardPacket[]): void {
    for (const packet of packets) this.port.write(this.bytes(packet));
  }

  /** A packet as its bytes on the line, for a test to damage. */
  bytes(packet: BoardPacket): Buffer {
    this.#timeUs += 1000;
    return Buffer.from(frameOf(writePacket(packet, this.#sequence++, this.#timeUs)));
  }

  async close(): Promise<void> {
    if (!this.port.isOpen) return;
    await new Promise<void>((resolve) => this.port.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #take(packet: Packet, ofSequence: number): void {
    this.heard.push(packet as HostPacket);
    if (packet.kind === 'hello-request' && this.answersHello) this.send(this.hello);
    if (packet.kind !== 'command') return;
    const ofType = TYPE.command;
    if (this.refuses === null) this.send({ kind: 'ack', ofType, ofSequence });
    else this.send({ kind: 'nack', ofType, ofSequence, code: 'refused', why: this.refuses });
  }
}

/** Reads a source in the background, hops copied, until it ends or is stopped. */
export class Listener {
  readonly items: SourceItem[] = [];
  /** What `frames` threw, or null when it ended. */
  readonly ended: Promise<unknown>;
  readonly #stop = new AbortController();

  constructor(source: Source) {
    this.ended = this.#listen(source).then(
      () => null,
      (error: unknown) => error,
    );
  }

  get frames() {
    return this.items.filter((item) => item.kind === 'frame');
  }

  /** Gaps as [sample, lost samples, reason]. */
  get gaps() {
    return this.items.flatMap((item) =>
      item.kind === 'gap' ? [[item.sample, item.lostSamples, item.reason] as const] : [],
    );
  }

  async until(what: string, holds: (listener: this) => boolean): Promise<void> {
    await until(what, () => holds(this));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }

  async #listen(source: Source): Promise<void> {
    for await (const item of source.frames(this.#stop.signal))
      this.items.push(item.kind === 'frame' ? { ...item, data: item.data.slice() } : item);
  }
}
