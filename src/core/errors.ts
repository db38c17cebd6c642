/** Exit codes of sysexits.h (BSD), the ones Catnap uses. */
export const EXIT = {
  ok: 0,
  usage: 64,
  dataErr: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  cantCreat: 73,
  ioErr: 74,
  tempFail: 75,
  config: 78,
} as const;

/** What is known of a code before it happens. */
export interface ErrorEntry {
  /** Name in {@link EXIT} of the status a process ends with when this ends it. */
  readonly exit: keyof typeof EXIT;
  readonly meaning: string;
  /** What a person can do about it. */
  readonly remedy: string;
}

/**
 * Every way Catnap can fail, as codes, so that nobody matches wording. The prefix says where it belongs; the
 * list grows, codes never change meaning. docs/ERRORS.md is made from it.
 */
export const ERRORS = {
  CONFIG_INVALID: {
    exit: 'config',
    meaning: 'The configuration says something that cannot be.',
    remedy: 'Correct what the message names; `catnap schema config` prints what may stand where.',
  },
  CONFIG_UNREADABLE: {
    exit: 'config',
    meaning: 'The configuration, or a file it names, cannot be read.',
    remedy: 'Check the path and its permissions; `catnap init` writes a configuration.',
  },
  USAGE: {
    exit: 'usage',
    meaning: 'A command or a function was called with something it does not take.',
    remedy: 'See `--help` of the command.',
  },
  BUSY: {
    exit: 'tempFail',
    meaning: 'More is asked at once than can be done.',
    remedy: 'Ask again in a moment.',
  },
  WORD_UNSAYABLE: {
    exit: 'usage',
    meaning:
      'Nobody knows how a word is said: it has letters that are not Latin, or IPA with a sign of no sound.',
    remedy: 'Say it in IPA, type it in Latin letters as it sounds, or record it unspelt.',
  },
  WORD_IN_USE: {
    exit: 'usage',
    meaning:
      'A word that is to be removed leads to a cascade, or has an action, a model or thresholds of its own.',
    remedy: '`catnap words remove --anyway` takes these out with it; the page asks whether to.',
  },
  INPUT_MISSING: {
    exit: 'noInput',
    meaning: 'What a command was to read is not there.',
    remedy: 'Check the path; of a state folder, that Catnap has run with it.',
  },
  OUTPUT_UNWRITABLE: {
    exit: 'cantCreat',
    meaning: 'A file could not be made.',
    remedy: 'Check that the folder exists and may be written, and that nothing of that name is in the way.',
  },
  SOURCE_UNAVAILABLE: {
    exit: 'unavailable',
    meaning: 'A source cannot be opened. A device is tried again for ever.',
    remedy:
      'Check that it is plugged in and that no other program has it; `catnap devices` lists what there is.',
  },
  SOURCE_LOST: {
    exit: 'unavailable',
    meaning: 'A source that delivered is gone. It is opened again as soon as it is back.',
    remedy: 'Check plug, cable and network.',
  },
  SOURCE_SILENT: {
    exit: 'unavailable',
    meaning: 'A source is open and gives nothing that could be judged.',
    remedy: 'Check that it is switched on, not muted and not overdriven; `catnap doctor` listens to it.',
  },
  SOURCE_RATE: {
    exit: 'unavailable',
    meaning: 'Samples come faster or slower than the rate that was asked for. The source is opened anew.',
    remedy:
      'Write the rate that really comes into `rateHz`, or let ALSA convert it (`plughw:` in place of `hw:`); if next to nothing comes, check plug and USB hub.',
  },
  SOURCE_FORMAT: {
    exit: 'dataErr',
    meaning: 'What a source gives is not what it was expected to be.',
    remedy: 'Compare the format that the message names with the source and its entry in the configuration.',
  },
  MODEL_MISSING: {
    exit: 'config',
    meaning: 'A model, or a file of it, is not there.',
    remedy: 'Check the path; a model that ships with Catnap comes back by installing it again.',
  },
  MODEL_CORRUPT: {
    exit: 'config',
    meaning: 'A model file is not the one its manifest describes.',
    remedy: 'Install it again; of a model of your own, write its checksum into the manifest.',
  },
  MODEL_SHAPE: {
    exit: 'config',
    meaning: 'A model takes or gives something else than the stage that loads it.',
    remedy: 'Name a model that was made for this stage.',
  },
  MODEL_OUTPUT: {
    exit: 'software',
    meaning: 'A model failed or gave no number. Three in a row take its stage down.',
    remedy: '`catnap doctor` loads every model; report it if it comes back with a model that ships.',
  },
  STAGE_TIMEOUT: {
    exit: 'software',
    meaning: 'A stage did not decide within its budget.',
    remedy: 'Give it more time (`budgetMs`), or the board less to do.',
  },
  STAGE_CRASHED: {
    exit: 'software',
    meaning: 'A stage, or the process it runs in, failed. It is started again.',
    remedy: 'Check the free memory; report it if it comes back.',
  },
  STAGE_UNAVAILABLE: {
    exit: 'unavailable',
    meaning: 'A stage cannot be asked: it is down, gone to sleep, or has not learnt yet.',
    remedy:
      'See to what the message names, or to what took it down in the events before; a sensor stage needs its time to learn.',
  },
  STATE_INVALID: {
    exit: 'dataErr',
    meaning: 'Stored state is missing, does not fit, or belongs to another process that runs.',
    remedy: 'Do what the message says of the file or folder it names.',
  },
  UPLINK_NONE: {
    exit: 'unavailable',
    meaning: 'There is no cloud to ask: no provider is configured, or the device is offline.',
    remedy:
      'Nothing, if that is meant; else add a provider to `uplink.providers` and run without `--offline`.',
  },
  UPLINK_UNAVAILABLE: {
    exit: 'unavailable',
    meaning: 'The cloud cannot be reached, or fails. What waits is sent when it is back.',
    remedy: 'Check the network and the address; `catnap doctor` tries it.',
  },
  UPLINK_FOREIGN: {
    exit: 'unavailable',
    meaning: 'What answers at the address is no far end: a login page, a proxy, or a service that has moved.',
    remedy:
      'Check the address, and whether the network wants a login; what waits is sent when the far end is there.',
  },
  UPLINK_QUOTA: {
    exit: 'unavailable',
    meaning: 'The provider wants to be paid before it answers: the quota of the account is spent.',
    remedy: 'See to the account; it is asked again every few minutes, and at once with another secret.',
  },
  UPLINK_UNAUTHORISED: {
    exit: 'unavailable',
    meaning: 'The cloud does not accept the secret.',
    remedy: 'Replace the secret; it is read again without a restart.',
  },
  UPLINK_THROTTLED: {
    exit: 'tempFail',
    meaning: 'The cloud wants to be asked less often. What waits is sent later.',
    remedy: 'Nothing; where it is frequent, ask for less or set a budget.',
  },
  UPLINK_REJECTED: {
    exit: 'software',
    meaning: 'The far end will not have this one message.',
    remedy: '`catnap outbox list` shows what it said; `catnap outbox retry` sends dead letters again.',
  },
  UPLINK_TIMEOUT: {
    exit: 'tempFail',
    meaning: 'Nothing came within the time it may take.',
    remedy: 'Check the network; `uplink.deadlines` and `uplink.outbox` say how long is waited.',
  },
  UPLINK_REPLY: {
    exit: 'software',
    meaning: 'An answer of the cloud is not one that may be acted on.',
    remedy: 'Make the prompt plainer, or choose another model; `catnap outbox list` shows what was wrong.',
  },
  UPLINK_GUARDRAIL: {
    exit: 'software',
    meaning: 'A guardrail blocked an answer of the cloud, or could not judge it.',
    remedy:
      'Nothing, if that is meant; else change `uplink.guardrails`. `catnap outbox list` shows which, `catnap outbox retry` asks anew.',
  },
  DRIFT: {
    exit: 'software',
    meaning: 'What detections look like has changed since it was last taken for usual.',
    remedy:
      'See what the message says is likely; `catnap tune --journal --dry-run` says whether other thresholds would serve better.',
  },
  BUDGET_SPENT: {
    exit: 'tempFail',
    meaning: 'A limit of `uplink.budget` is reached.',
    remedy: 'Wait for the next period, or raise the limit.',
  },
  EGRESS_DENIED: {
    exit: 'software',
    meaning: 'The rules let nothing of this leave the device.',
    remedy: 'Nothing, if that is meant; else change `uplink.egress`, or run without `--offline`.',
  },
  ACTION_FAILED: {
    exit: 'software',
    meaning: 'A program that an action started did not end well.',
    remedy: 'Run the program by hand, as the user that Catnap runs as.',
  },
  STORE_FULL: {
    exit: 'ioErr',
    meaning: 'The disk, or the part of it that Catnap may use, is full or cannot be written.',
    remedy: 'Free some space, or see who may write there; limits stand in `uplink.outbox` and `journal`.',
  },
  STORE_CORRUPT: {
    exit: 'dataErr',
    meaning: 'Something stored was damaged and is lost.',
    remedy: 'Nothing; where it comes back, replace the card or disk.',
  },
  MEMORY_SHORT: {
    exit: 'tempFail',
    meaning: 'The machine is short of memory: what can be loaded again is given back after each use.',
    remedy: 'End other programs, or run fewer sources on this board.',
  },
  HOME_AWAY: {
    exit: 'unavailable',
    meaning: 'The broker of the house cannot be reached, or refuses: nobody there is told of anything.',
    remedy:
      'Check that it runs, and `home.mqtt` with its user and certificates; it is tried again by itself.',
  },
  EDGE_AWAY: {
    exit: 'unavailable',
    meaning:
      'No worker of the house answered in time, or their broker cannot be reached: this device goes on alone.',
    remedy:
      'Check that the broker runs and `catnap worker` with it; `catnap doctor` lists the workers it finds.',
  },
  EDGE_DIFFERS: {
    exit: 'unavailable',
    meaning:
      'A worker of the house is of another version of Catnap, or lacks a model or module: it is not asked for that.',
    remedy: 'Bring the worker and this device to the same version, and to the file that the message names.',
  },
  PORT_IN_USE: {
    exit: 'unavailable',
    meaning: 'Another program listens on the port.',
    remedy: 'End it, or choose another port; 0 takes a free one.',
  },
  TOOL_MISSING: {
    exit: 'unavailable',
    meaning: 'A program that Catnap needs is not installed.',
    remedy: 'Install the package that the message names, or put the program on PATH.',
  },
  INTERNAL: {
    exit: 'software',
    meaning: 'A mistake in Catnap.',
    remedy: 'Report it, with the message.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ErrorCode = keyof typeof ERRORS;

/** Every code, in the order of the catalogue. */
export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/**
 * The one error class. `message` names the thing, what was expected and what was found; values that may be
 * private (audio, transcripts, tokens) never appear in it.
 */
export class CatnapError extends Error {
  override readonly name = 'CatnapError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * The code of anything that was thrown; what is no {@link CatnapError} is a mistake unless `otherwise` says
 * what it is.
 */
export function codeOf(error: unknown, otherwise: ErrorCode = 'INTERNAL'): ErrorCode {
  return error instanceof CatnapError ? error.code : otherwise;
}

/** Why `fetch` failed: what it was told by the network stands in the cause of what it throws. */
export function whyUnfetched(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
}

/** What to do about it, with its code: the catalogue's word. */
export function remedyOf(error: unknown): string {
  const code = codeOf(error);
  return `${ERRORS[code].remedy} (${code})`;
}

/** The sysexits code a process should end with for this error. */
export function exitCodeOf(error: unknown): number {
  return EXIT[ERRORS[codeOf(error)].exit];
}
