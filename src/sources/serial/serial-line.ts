import type { BindingInterface } from '@serialport/bindings-cpp';
import { SerialPortStream } from '@serialport/stream';
import type { Timer } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import { frameOf } from './protocol/frame.js';
import type { HostPacket } from './protocol/packet.js';
import { writePacket } from './protocol/payload.js';
import { ttyBinding } from './tty-binding.js';

/** Bytes that wait for a late cascade; beyond it the kernel's buffer fills and the board reports an overrun. */
const READ_BUFFER_BYTES = 64 * 1024;

type Port = SerialPortStream<BindingInterface>;

/** A port and how fast it goes. */
export interface PortOptions {
  readonly path: string;
  readonly baud: number;
  readonly timer: Timer;
  /** How ports are opened; those of this machine when left out. */
  readonly binding?: BindingInterface;
}

interface Waiting {
  readonly sequence: number;
  settle(refusal: CatnapError | null): void;
}

/** One opening of a serial port, from open to close: bytes in, packets out, one answered request at a time. */
export class SerialLine {
  /** Why the line ended; read it after `next` gave null. */
  failure: CatnapError;
  /** Resolves when the port is closed. */
  readonly gone: Promise<void>;
  readonly #port: Port;
  #wake: () => void = () => {};
  #closed = false;
  #waiting: Waiting | null = null;
  #turn: Promise<void> = Promise.resolve();
  #sequence = 0;

  /** @throws CatnapError `SOURCE_UNAVAILABLE` */
  static async open({ path, baud, timer, binding }: PortOptions): Promise<SerialLine> {
    const port = new SerialPortStream({
      binding: binding ?? ttyBinding(timer),
      path,
      baudRate: baud,
      autoOpen: false,
      highWaterMark: READ_BUFFER_BYTES,
    });
    await new Promise<void>((resolve, reject) => {
      port.open((error) => (error ? reject(unavailable(path, error.message)) : resolve()));
    });
    return new SerialLine(path, port, timer);
  }

  private constructor(
    readonly path: string,
    port: Port,
    private readonly timer: Timer,
  ) {
    this.#port = port;
    this.failure = new CatnapError('SOURCE_LOST', `board on ${path}: the line went away`);
    this.gone = new Promise((resolve) => {
      const end = (): void => {
        this.#closed = true;
        this.#wake();
        resolve();
      };
      port.once('close', end);
      // Without a listener a port's error ends the process; one that comes while closing ends the line too.
      port.on('error', () => !port.isOpen && end());
    });
    port.on('readable', () => this.#wake());
  }

  /** The next portion of bytes; null when the line has ended. One caller at a time. */
  async next(): Promise<Buffer | null> {
    while (!this.#closed) {
      const chunk = this.#port.read() as Buffer | null;
      if (chunk !== null) return chunk;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return null;
  }

  /** Sends a packet; returns its sequence number. */
  send(packet: HostPacket): number {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    // A delimiter first: whatever stands half-received at the board ends here.
    if (!this.#closed)
      this.#port.write(Buffer.concat([Buffer.of(0), frameOf(writePacket(packet, sequence, 0))]));
    return sequence;
  }

  /**
   * Sends a packet and waits for the board's ack.
   * @throws CatnapError `SOURCE_UNAVAILABLE` when it refuses, is silent for `answerMs`, or the line ends
   */
  request(packet: HostPacket, answerMs: number): Promise<void> {
    const turn = this.#turn.then(() => this.#exchange(packet, answerMs));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** The board answered packet `sequence`; `refusal` says why not, or is null. */
  answered(sequence: number, refusal: string | null): void {
    if (this.#waiting?.sequence !== sequence) return;
    this.#waiting.settle(refusal === null ? null : unavailable(this.path, refusal));
  }

  /** Ends the line; `reason` becomes its failure. */
  close(reason: CatnapError | null): void {
    if (reason !== null && !this.#closed) this.failure = reason;
    this.#waiting?.settle(this.failure);
    if (this.#port.isOpen) this.#port.close(() => {});
  }

  #exchange(packet: HostPacket, answerMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (refusal: CatnapError | null): void => {
        cancel();
        this.#waiting = null;
        if (refusal === null) resolve();
        else reject(refusal);
      };
      const cancel = this.timer(answerMs, () =>
        settle(
          unavailable(this.path, `expected an answer to ${packet.kind} within ${answerMs} ms, found none`),
        ),
      );
      this.#waiting = { sequence: this.send(packet), settle };
      if (this.#closed) settle(this.failure);
    });
  }
}

function unavailable(path: string, found: string): CatnapError {
  return new CatnapError('SOURCE_UNAVAILABLE', `board on ${path}: ${found}`);
}
