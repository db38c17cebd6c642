import type { BindingInterface, BindingPortInterface, OpenOptions } from '@serialport/bindings-cpp';
import { FrameDecoder, frameOf } from '../sources/serial/protocol/frame.js';
import type { BoardPacket } from '../sources/serial/protocol/packet.js';
import { readPacket, writePacket } from '../sources/serial/protocol/payload.js';
import type { Device } from './device.js';
import type { Life } from './life.js';
import type { VirtualTime } from './virtual-time.js';

/** The stable path of the board, whichever tty it is. */
export const BOARD_PATH = '/dev/serial/by-id/pump';
/** A frame of the line, which is read as one hop. */
export const ROWS_A_FRAME = 20;
const SCALE = 1e-4;
const ANSWER_MS = 20;
/** What the kernel keeps of a tty that nobody reads. */
const KERNEL_BYTES = 4096;

/** What a line does to a frame. */
export type LineNoise = (frame: Uint8Array) => Uint8Array;

/** A board that samples and sends by the bridge's protocol (firmware-bridge/PROTOCOL.md), whoever has its port open. */
export class SimulatedBoard {
  noise: LineNoise | null = null;
  #port: SimulatedPort | null = null;
  #boots = 1;
  #bootMs = 0;
  #sequence = 0;

  constructor(
    private readonly time: VirtualTime,
    private readonly device: Device,
  ) {
    this.#sampleLater();
  }

  /** Opens its port for a thread. */
  bindingFor(life: Life, hasDescriptors: () => boolean): BindingInterface {
    return {
      list: async () => [],
      open: async (options) => {
        await life.sleep(ANSWER_MS);
        if (!hasDescriptors()) throw new Error('EMFILE: too many open files');
        if (this.device.state === 'absent')
          throw new Error(`No such file or directory, open ${options.path}`);
        this.#port?.hangUp();
        this.#port = new SimulatedPort(this, life, options);
        return this.#port;
      },
    };
  }

  /** Its line is cut; it comes back under another tty, at the same path. */
  unplug(): void {
    this.#port?.hangUp();
    this.#port = null;
  }

  /** It starts anew; `isSeen`: it says so. */
  reset(isSeen: boolean): void {
    this.#boots++;
    this.#bootMs = this.time.nowMs;
    if (isSeen) this.#say(this.#hello());
  }

  /** What the host sent has arrived. */
  heard(bytes: Uint8Array): void {
    const decoder = new FrameDecoder();
    decoder.feed(bytes);
    for (let item = decoder.next(); item !== null; item = decoder.next()) {
      if (item.kind !== 'packet' || readPacket(item).kind !== 'hello-request') continue;
      this.time.timer(ANSWER_MS, () => this.#say(this.#hello()));
    }
  }

  /** Rows that it has taken since it started. */
  get #rows(): number {
    return Math.floor(((this.time.nowMs - this.#bootMs) / 1000) * this.device.rateHz);
  }

  #sampleLater(): void {
    this.time.timer((1000 * ROWS_A_FRAME) / this.device.rateHz, () => {
      this.#sampleLater();
      const firstRow = this.#rows - ROWS_A_FRAME;
      if (firstRow < 0 || this.#port === null) return;
      const rowMs = 1000 / this.device.rateHz;
      const values = Array.from({ length: ROWS_A_FRAME }, (_, i) =>
        Math.round(this.device.level(this.#bootMs + (firstRow + i) * rowMs) / SCALE),
      );
      this.#say({ kind: 'samples', session: this.#boots, firstRow, channels: 1, format: 'i16', values });
    });
  }

  #say(packet: BoardPacket): void {
    if (this.device.state !== 'ok') return;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const timeUs = Math.round((this.time.nowMs - this.#bootMs) * 1000);
    const frame = frameOf(writePacket(packet, this.#sequence, timeUs));
    this.#port?.give(this.noise === null ? frame : this.noise(frame));
  }

  #hello(): BoardPacket {
    return {
      kind: 'hello',
      session: this.#boots,
      nextRow: this.#rows,
      bootId: this.#boots,
      rateHz: this.device.rateHz,
      baud: 115_200,
      rowsPerFrame: ROWS_A_FRAME,
      format: 'i16',
      gated: false,
      deviceId: 'pump',
      firmware: 'simulated',
      channels: [{ name: 'flow', unit: 'l/min', scale: SCALE, offset: 0 }],
    };
  }
}

/** The port of the board, from open to close. */
class SimulatedPort implements BindingPortInterface {
  readonly openOptions: Required<OpenOptions>;
  isOpen = true;
  #waiting: Uint8Array = new Uint8Array(0);
  #wake: () => void = () => {};
  #isHungUp = false;

  constructor(
    private readonly board: SimulatedBoard,
    private readonly life: Life,
    options: OpenOptions,
  ) {
    this.openOptions = options as Required<OpenOptions>;
  }

  give(bytes: Uint8Array): void {
    if (!this.isOpen || this.#waiting.length + bytes.length > KERNEL_BYTES) return;
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    this.#wake();
  }

  hangUp(): void {
    this.#isHungUp = true;
    this.#wake();
  }

  async read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    while (this.isOpen && !this.#isHungUp && this.#waiting.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = this.life.heard(resolve);
      });
    }
    if (!this.isOpen) throw Object.assign(new Error('Port is not open'), { canceled: true });
    if (this.#isHungUp) throw new Error('The line was hung up');
    const taken = this.#waiting.subarray(0, length);
    this.#waiting = this.#waiting.subarray(taken.length);
    buffer.set(taken, offset);
    return { buffer, bytesRead: taken.length };
  }

  async write(buffer: Buffer): Promise<void> {
    if (this.isOpen && !this.#isHungUp) this.board.heard(buffer);
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.#wake();
  }

  async update(): Promise<void> {}
  async set(): Promise<void> {}
  async flush(): Promise<void> {}
  async drain(): Promise<void> {}

  async get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }> {
    return { cts: true, dsr: true, dcd: true };
  }

  async getBaudRate(): Promise<{ baudRate: number }> {
    return { baudRate: this.openOptions.baudRate };
  }
}
