import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import { valueAt } from '../../core/json.js';
import { type Impulse, impulseOf, ReplyReader, scoresOf } from './eim-reply.js';

/** From its start until it says what it is; a big network is read from an SD card. */
const START_MS = 20_000;
const RETRY_MS = 20;
/** Exit code of a shell that found a file and cannot run it (POSIX, 2.8.2). */
const NOT_EXECUTABLE = 126;
/**
 * Runs the executable, and ends it with its folder once the input ends: it would go on for ever without whoever
 * started it, who may be killed with no time to end it. Descriptor 3 is that input, for a shell gives none to what runs
 * beside it.
 */
const GUARD = `exec 3<&0
"$0" "$1" </dev/null 3<&- &
model=$!
{ read -r _ <&3; kill -9 $model; rm -rf "$2"; } 2>/dev/null &
guard=$!
wait $model
code=$?
kill $guard 2>/dev/null
exit $code`;

interface Waiting {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: CatnapError) => void;
}

/**
 * A running `.eim` of Edge Impulse: an executable that is asked over a unix socket, a line of JSON each way (`hello`,
 * `classify`, `classify_continuous`), where an answer bears the id of its question. It is killed where it fails, and
 * whoever asked starts another.
 */
export class EimProcess {
  readonly #model: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #socket: Socket;
  readonly #replies: ReplyReader;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onExit = (): void => this.kill();
  #lastId = 0;
  #failure: CatnapError | null = null;

  private constructor(model: string, child: ChildProcess, folder: string, socket: Socket) {
    this.#model = model;
    this.#child = child;
    this.#folder = folder;
    this.#socket = socket;
    this.#replies = new ReplyReader(model);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', () => {});
    socket.on('close', () => this.#fail(crashed(model, child)));
    child.once('exit', () => this.#fail(crashed(model, child)));
    process.once('exit', this.#onExit);
  }

  /**
   * Starts an executable and asks what it is.
   * @throws CatnapError `STAGE_UNAVAILABLE` where it cannot be started or says nothing, `MODEL_SHAPE` for an impulse of
   * another sort.
   */
  static async start(file: string): Promise<{ readonly process: EimProcess; readonly impulse: Impulse }> {
    const model = basename(file);
    const folder = mkdtempSync(join(tmpdir(), 'catnap-eim-'));
    const path = join(folder, 's');
    const child = spawn('/bin/sh', ['-c', GUARD, file, path, folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const signal = AbortSignal.timeout(START_MS);
    let started: EimProcess | null = null;
    try {
      const socket = await connected(model, child, path, signal);
      started = new EimProcess(model, child, folder, socket);
      return {
        process: started,
        impulse: impulseOf(model, await started.#ask({ hello: 1 }, START_MS, signal)),
      };
    } catch (error) {
      started?.kill();
      child.stdin?.destroy();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * The scores of a whole window, or of a slice behind those it was given before.
   * @param samples as 16-bit numbers.
   * @param withinMs how long the answer may take.
   * @throws CatnapError `STAGE_TIMEOUT`, `STAGE_CRASHED` or `MODEL_OUTPUT`; then it is not to be asked again.
   */
  async classify(impulse: Impulse, samples: Int16Array, withinMs: number): Promise<readonly number[]> {
    const what = impulse.isContinuous ? 'classify_continuous' : 'classify';
    const reply = await this.#ask({ [what]: Array.from(samples) }, withinMs, AbortSignal.timeout(withinMs));
    return scoresOf(this.#model, impulse.labels, reply);
  }

  /** Ends it at once; whoever waits for an answer is told. */
  kill(): void {
    process.off('exit', this.#onExit);
    this.#child.stdin?.destroy();
    this.#socket.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
    this.#fail(new CatnapError('STAGE_CRASHED', `model ${this.#model}: was ended`));
  }

  #ask(question: object, withinMs: number, deadline: AbortSignal): Promise<unknown> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<unknown>((resolve, reject) => {
      const late = (): void => {
        this.#waiting.delete(id);
        const why = `expected an answer within ${withinMs} ms, found none`;
        reject(new CatnapError('STAGE_TIMEOUT', `model ${this.#model}: ${why}`));
      };
      const over = <Value>(end: (value: Value) => void) => {
        return (value: Value): void => {
          deadline.removeEventListener('abort', late);
          end(value);
        };
      };
      this.#waiting.set(id, { resolve: over(resolve), reject: over(reject) });
      deadline.addEventListener('abort', late, { once: true });
      this.#socket.write(`${JSON.stringify({ ...question, id })}\n`);
    });
  }

  #take(bytes: Buffer): void {
    try {
      for (const reply of this.#replies.push(bytes)) this.#answered(reply);
    } catch (error) {
      this.#fail(error as CatnapError);
    }
  }

  /** An answer to a question that nobody waits for any more came too late. */
  #answered(reply: unknown): void {
    const id = valueAt(reply, ['id']);
    const waiting = typeof id === 'number' ? this.#waiting.get(id) : undefined;
    if (waiting === undefined) return;
    this.#waiting.delete(id as number);
    if (valueAt(reply, ['success']) === true) waiting.resolve(reply);
    else waiting.reject(refused(this.#model, valueAt(reply, ['error'])));
  }

  #fail(why: CatnapError): void {
    this.#failure ??= why;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

/** The executable makes the socket once it runs; until then there is none, or one that nobody listens at. */
async function connected(
  model: string,
  child: ChildProcess,
  path: string,
  deadline: AbortSignal,
): Promise<Socket> {
  const failures: Error[] = [];
  child.once('error', (error) => failures.push(error));
  const over = once(child, 'exit').catch(() => {});
  for (;;) {
    const socket = createConnection(path);
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      socket.destroy();
    }
    if (failures[0] !== undefined) throw unstartable(model, failures[0].message);
    if (child.exitCode === NOT_EXECUTABLE)
      throw unstartable(model, 'a file that cannot be run here (chmod +x it, or export it for this machine)');
    if (child.exitCode !== null || child.signalCode !== null) throw unstartable(model, endOf(child));
    if (deadline.aborted) throw unstartable(model, `none in ${START_MS / 1000} s`);
    // A signal's timer alone keeps no process alive: the executable does, and its end is waited for as well.
    await Promise.race([once(AbortSignal.timeout(RETRY_MS), 'abort'), over]);
  }
}

function endOf({ exitCode, signalCode }: ChildProcess): string {
  if (exitCode === null && signalCode === null) return 'an end of its connection';
  return signalCode === null ? `an end with exit code ${exitCode}` : `an end by ${signalCode}`;
}

function unstartable(model: string, found: string): CatnapError {
  return new CatnapError(
    'STAGE_UNAVAILABLE',
    `model ${model}: expected an executable of Edge Impulse for ${process.platform}-${process.arch} that opens its socket, found ${found}`,
  );
}

function crashed(model: string, child: ChildProcess): CatnapError {
  return new CatnapError('STAGE_CRASHED', `model ${model}: expected it to go on, found ${endOf(child)}`);
}

function refused(model: string, why: unknown): CatnapError {
  const said = typeof why === 'string' ? why.slice(0, 200) : 'no reason';
  return new CatnapError('MODEL_OUTPUT', `model ${model}: expected scores, found a refusal: ${said}`);
}
