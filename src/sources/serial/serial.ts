import type { BindingInterface } from '@serialport/bindings-cpp';
import type { Time, Timer } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import type { Source, SourceItem } from '../../core/signal/frame.js';
import { BoardLink, type LinkStats } from './protocol/link.js';
import type { Hello } from './protocol/packet.js';
import type { SerialLine } from './serial-line.js';
import { TextHeard } from './text-heard.js';
import { toldLosses } from './told-losses.js';

export interface SerialOptions extends Time {
  readonly id: string;
  /** Device path; a stable one (`/dev/serial/by-id/...`) is followed when the board comes back under another tty. */
  readonly path: string;
  readonly baud: number;
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
  /** Rate to set on the board, in Hz; `null` leaves what it has. */
  readonly rateHz: number | null;
  /** Rows a frame on the line to set; `null` leaves what the board has. */
  readonly rowsPerFrame: number | null;
  /** Multiple of a channel's mean deviation that opens the board's own gate; 0 turns it off, `null` leaves it. */
  readonly gateThreshold: number | null;
  /** Without a packet this long (and at least four frames) the board is asked for a new hello. */
  readonly idleMs: number;
  /** How long a board may take to answer. */
  readonly answerMs: number;
  /** Told what losses on the open line cost. */
  readonly onHealth: (health: Health) => void;
  /** How ports are opened; those of this machine when left out. */
  readonly binding?: BindingInterface;
}

const serialDefaults: Omit<SerialOptions, 'id' | 'path' | keyof Time> = {
  baud: 115_200,
  hopRows: null,
  rateHz: null,
  rowsPerFrame: null,
  gateThreshold: null,
  idleMs: 2000,
  answerMs: 3000,
  onHealth: () => {},
};

/** A board that is asked too often has no line left for samples. */
const ASK_AGAIN_MS = 500;
/** The protocol's cap of a string. */
const COMMAND_BYTES = 255;
/** Frames that may be missing in a row before a board counts as silent. */
const IDLE_FRAMES = 4;
/** Rows the board's own gate may stay quiet for between two summaries. */
const SUMMARY_ROWS = 600;

/**
 * A board on a serial line. The sample clock goes on over openings: a board that kept running while it was
 * unplugged leaves a gap of exactly the rows that were missed.
 *
 * `frames` throws `SOURCE_UNAVAILABLE` when the port cannot be opened or the board refuses its configuration,
 * `SOURCE_LOST` when the line goes away, `SOURCE_SILENT` when the board stays silent after a new handshake,
 * `SOURCE_FORMAT` when it speaks another protocol version. When it returns or throws, the port is closed.
 */
export class SerialSource implements Source {
  readonly id: string;
  readonly #options: SerialOptions;
  readonly #link: BoardLink;
  #line: SerialLine | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #greetedOnce = false;
  readonly #text = new TextHeard();
  #idleMs: number;

  constructor(options: Partial<SerialOptions> & Pick<SerialOptions, 'id' | 'path' | keyof Time>) {
    this.id = options.id;
    this.#options = { ...serialDefaults, ...options };
    this.#idleMs = this.#options.idleMs;
    const losses = toldLosses(this.#options.onHealth);
    this.#link = new BoardLink(options.id, {
      hopRows: this.#options.hopRows,
      events: {
        ...losses,
        hello: (hello) => {
          losses.hello(hello);
          this.#greeted(hello);
        },
        helloWanted: () => this.#ask(),
        said: (packet) => {
          if (packet.kind === 'ack') this.#line?.answered(packet.ofSequence, null);
          if (packet.kind === 'nack')
            this.#line?.answered(packet.ofSequence, `refused (${packet.code}): ${packet.why}`);
        },
      },
    });
  }

  /** What was received, lost and refused since the source was made. */
  get stats(): LinkStats {
    return this.#link.stats;
  }

  /** What the board said it is, once it did. */
  get hello(): Hello | null {
    return this.#link.hello;
  }

  /**
   * Sends the board a command and waits for its ack.
   * @throws CatnapError `SOURCE_UNAVAILABLE` when the board is not connected, is silent, or refuses;
   * `USAGE` when the text is longer than 255 bytes
   */
  async command(text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    if (bytes > COMMAND_BYTES)
      throw new CatnapError(
        'USAGE',
        `command to ${this.id}: expected at most ${COMMAND_BYTES} bytes, found ${bytes}`,
      );
    if (this.#line === null)
      throw new CatnapError('SOURCE_UNAVAILABLE', `command to ${this.id}: expected an open line, found none`);
    await this.#line.request({ kind: 'command', text }, this.#options.answerMs);
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    if (signal.aborted) return;
    // Its library is native code.
    const { SerialLine } = await import('./serial-line.js');
    const line = await SerialLine.open(this.#options);
    this.#begin(line);
    const stop = (): void => line.close(null);
    signal.addEventListener('abort', stop, { once: true });
    const silence = new Silence(this.#options.timer, (times) => this.#onSilence(line, times));
    try {
      this.#ask();
      silence.arm(this.#idleMs);
      for (let chunk = await line.next(); chunk !== null; chunk = await line.next()) {
        const before = this.#progress;
        this.#text.take(chunk);
        for (const item of this.#link.read(chunk)) {
          if (signal.aborted) return;
          yield item;
        }
        if (this.#progress > before) silence.arm(this.#idleMs);
      }
      if (signal.aborted) return;
      yield* this.#link.end();
      throw line.failure;
    } finally {
      signal.removeEventListener('abort', stop);
      silence.stop();
      this.#line = null;
      line.close(null);
      await line.gone;
    }
  }

  /** Grows with every row the board tells of, and with the first hello: only a board that samples is alive. */
  get #progress(): number {
    const { rows, rowsLost, rowsOverrun, rowsGated } = this.#link.stats;
    return rows + rowsLost + rowsOverrun + rowsGated + (this.#greetedOnce ? 1 : 0);
  }

  #begin(line: SerialLine): void {
    this.#line = line;
    this.#link.reopen();
    this.#text.reset();
    this.#greetedOnce = false;
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
    this.#idleMs = this.#options.idleMs;
  }

  /** What came in place of rows. */
  #heard(): string {
    const { bytes, line } = this.#text;
    if (!this.#greetedOnce && line !== null)
      return `${bytes} bytes of text, such as "${line}": the board runs another firmware; read its lines with kind: serial-text`;
    const { garbageBytes } = this.#link.stats;
    return `none (${bytes} bytes came, ${garbageBytes} of them garbage; is ${this.#options.baud} baud right?)`;
  }

  /** Asks for a hello, not more often than a board can bear. */
  #ask(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#askedAtMs < ASK_AGAIN_MS) return;
    this.#askedAtMs = nowMs;
    this.#line?.send({ kind: 'hello-request' });
  }

  /** The watchdog learns the board's pace, and the board is configured, once an opening. */
  #greeted(hello: Hello): void {
    const frames = hello.gated ? SUMMARY_ROWS / hello.rowsPerFrame + IDLE_FRAMES : IDLE_FRAMES;
    this.#idleMs = Math.max(this.#options.idleMs, (1000 * frames * hello.rowsPerFrame) / hello.rateHz);
    if (this.#greetedOnce) return;
    this.#greetedOnce = true;
    const { rateHz, rowsPerFrame, gateThreshold, answerMs } = this.#options;
    if (rateHz === null && rowsPerFrame === null && gateThreshold === null) return;
    const line = this.#line;
    line
      ?.request(
        { kind: 'configure', rateHz: rateHz ?? 0, rowsPerFrame: rowsPerFrame ?? 0, gateThreshold },
        answerMs,
      )
      .catch((error: CatnapError) => line.close(error));
  }

  /** First a new handshake; when that is not answered either, the board is given up. */
  #onSilence(line: SerialLine, times: number): number {
    if (times === 1) {
      this.#askedAtMs = Number.NEGATIVE_INFINITY;
      this.#ask();
      return Math.max(this.#options.answerMs, this.#greetedOnce ? this.#idleMs : 0);
    }
    const found = `board on ${this.#options.path}: expected rows after another handshake, found ${this.#heard()}`;
    line.close(new CatnapError('SOURCE_SILENT', found));
    return 0;
  }
}

/** Calls back after a time without `arm`; the callback says how long to wait on, 0 for no more. */
class Silence {
  #cancel: () => void = () => {};
  #times = 0;

  constructor(
    private readonly timer: Timer,
    private readonly onSilence: (times: number) => number,
  ) {}

  arm(ms: number): void {
    this.#times = 0;
    this.#wait(ms);
  }

  stop(): void {
    this.#cancel();
  }

  #wait(ms: number): void {
    this.stop();
    this.#cancel = this.timer(ms, () => {
      const onMs = this.onSilence(++this.#times);
      if (onMs > 0) this.#wait(onMs);
    });
  }
}
