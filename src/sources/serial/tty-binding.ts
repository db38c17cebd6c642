/**
 * Serial ports in a worker thread. The JavaScript half of `@serialport/bindings-cpp` waits for data with a native
 * poller that is tied to the main thread's event loop (its src/poller.cpp, `uv_default_loop`): used in a worker it
 * ends the whole process. This binding keeps the native half, which opens, configures and locks the port, and reads
 * without a poller: it looks whether there is something, rarely enough that a wake-up carries many bytes.
 */
import { read as readCallback, write as writeCallback } from 'node:fs';
import { promisify } from 'node:util';
import {
  type BindingInterface,
  type BindingPortInterface,
  BindingsError,
  type OpenOptions,
} from '@serialport/bindings-cpp';
import * as native from '@serialport/bindings-cpp/dist/load-bindings.js';
import type { Timer } from '../../core/clock.js';
import { sleep } from '../../core/waiting.js';

const read = promisify(readCallback);
const write = promisify(writeCallback);

type Settings = Required<OpenOptions>;

/** Linux keeps 4,096 bytes of a tty (N_TTY_BUF_SIZE); half of them may wait. */
const WAITING_BYTES = 2048;
/** While bytes come they are taken this often, */
const BUSY_MS = 20;
/** and while none come it is looked for them this often, at most. */
const QUIET_MS = 100;
/** What the native half wants to be told. */
const DEFAULTS = {
  dataBits: 8,
  lock: true,
  stopBits: 1,
  parity: 'none',
  rtscts: false,
  xon: false,
  xoff: false,
  xany: false,
  hupcl: true,
  vmin: 1,
  vtime: 0,
} as const;

/** A binding for `SerialPortStream` that any thread may use. It lists no ports: those are opened by their path. */
export function ttyBinding(timer: Timer): BindingInterface {
  return {
    list: () => Promise.resolve([]),
    async open(options) {
      const settings: Settings = { ...DEFAULTS, ...options };
      const open = native.asyncOpen as (path: string, settings: Settings) => Promise<number>;
      return new TtyPort(await open(settings.path, settings), settings, timer);
    },
  };
}

class TtyPort implements BindingPortInterface {
  readonly openOptions: Settings;
  readonly #busyMs: number;
  readonly #quietMs: number;
  #fd: number | null;
  readonly #underWay = new Set<Promise<number>>();

  constructor(
    fd: number,
    settings: Settings,
    private readonly timer: Timer,
  ) {
    this.#fd = fd;
    this.openOptions = settings;
    const fullMs = (WAITING_BYTES * 10_000) / settings.baudRate;
    this.#busyMs = Math.min(BUSY_MS, fullMs);
    this.#quietMs = Math.min(QUIET_MS, fullMs);
  }

  get isOpen(): boolean {
    return this.#fd !== null;
  }

  async read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    for (let waitMs = this.#busyMs; ; waitMs = this.#quietMs) {
      await sleep(this.timer, waitMs);
      const bytesRead = await this.#attempt((fd) =>
        read(fd, buffer, offset, length, null).then((r) => r.bytesRead),
      );
      if (bytesRead === 0) throw new Error('The line was hung up');
      if (bytesRead !== null) return { buffer, bytesRead };
    }
  }

  async write(buffer: Buffer): Promise<void> {
    for (let at = 0; at < buffer.length; ) {
      const written = await this.#attempt((fd) => write(fd, buffer, at).then((r) => r.bytesWritten));
      if (written === null) await sleep(this.timer, this.#busyMs);
      else at += written;
    }
  }

  async close(): Promise<void> {
    const fd = this.#open;
    this.#fd = null;
    // The number may be another file's as soon as it is closed: nothing may still be reading from it.
    await Promise.allSettled(this.#underWay);
    await (native.asyncClose as (fd: number) => Promise<void>)(fd);
  }

  async update(options: { baudRate: number }): Promise<void> {
    await (native.asyncUpdate as (fd: number, options: object) => Promise<void>)(this.#open, options);
  }

  async set(options: object): Promise<void> {
    await (native.asyncSet as (fd: number, options: object) => Promise<void>)(this.#open, options);
  }

  async get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }> {
    return (native.asyncGet as (fd: number) => Promise<{ cts: boolean; dsr: boolean; dcd: boolean }>)(
      this.#open,
    );
  }

  async getBaudRate(): Promise<{ baudRate: number }> {
    return (native.asyncGetBaudRate as (fd: number) => Promise<{ baudRate: number }>)(this.#open);
  }

  async flush(): Promise<void> {
    await (native.asyncFlush as (fd: number) => Promise<void>)(this.#open);
  }

  async drain(): Promise<void> {
    await (native.asyncDrain as (fd: number) => Promise<void>)(this.#open);
  }

  /** The descriptor; the stream takes a `canceled` error for the end of a port that was closed on purpose. */
  get #open(): number {
    if (this.#fd === null) throw new BindingsError('Port is not open', { canceled: true });
    return this.#fd;
  }

  /** Null when the port is not ready for it. */
  async #attempt(act: (fd: number) => Promise<number>): Promise<number | null> {
    const acting = act(this.#open);
    this.#underWay.add(acting);
    try {
      return await acting;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EINTR') return null;
      // A descriptor that was closed meanwhile is no broken line.
      if (this.#fd === null) throw new BindingsError('Port is not open', { canceled: true });
      throw error;
    } finally {
      this.#underWay.delete(acting);
    }
  }
}
