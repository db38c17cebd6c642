/**
 * Every way Catnap can fail, as codes, so that nobody matches wording.
 * The prefix says where it belongs; the list grows, codes never change meaning.
 */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'CONFIG_UNREADABLE'
  | 'USAGE'
  | 'INPUT_MISSING'
  | 'OUTPUT_UNWRITABLE'
  | 'SOURCE_UNAVAILABLE'
  | 'SOURCE_LOST'
  | 'SOURCE_SILENT'
  | 'SOURCE_FORMAT'
  | 'MODEL_MISSING'
  | 'MODEL_CORRUPT'
  | 'MODEL_SHAPE'
  | 'MODEL_OUTPUT'
  | 'STAGE_TIMEOUT'
  | 'STAGE_CRASHED'
  | 'STAGE_UNAVAILABLE'
  | 'STATE_INVALID'
  | 'UPLINK_UNAVAILABLE'
  | 'UPLINK_UNAUTHORISED'
  | 'UPLINK_THROTTLED'
  | 'UPLINK_REJECTED'
  | 'UPLINK_TIMEOUT'
  | 'UPLINK_REPLY'
  | 'BUDGET_SPENT'
  | 'EGRESS_DENIED'
  | 'STORE_FULL'
  | 'STORE_CORRUPT'
  | 'PORT_IN_USE'
  | 'TOOL_MISSING'
  | 'INTERNAL';

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

/** The sysexits code a process should end with for this error. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof CatnapError)) return EXIT.software;
  switch (error.code) {
    case 'CONFIG_INVALID':
    case 'CONFIG_UNREADABLE':
    case 'MODEL_MISSING':
    case 'MODEL_CORRUPT':
    case 'MODEL_SHAPE':
      return EXIT.config;
    case 'USAGE':
      return EXIT.usage;
    case 'INPUT_MISSING':
      return EXIT.noInput;
    case 'OUTPUT_UNWRITABLE':
      return EXIT.cantCreat;
    case 'SOURCE_FORMAT':
    case 'STATE_INVALID':
    case 'STORE_CORRUPT':
      return EXIT.dataErr;
    case 'SOURCE_UNAVAILABLE':
    case 'SOURCE_LOST':
    case 'SOURCE_SILENT':
    case 'STAGE_UNAVAILABLE':
    case 'UPLINK_UNAVAILABLE':
    case 'UPLINK_UNAUTHORISED':
    case 'PORT_IN_USE':
    case 'TOOL_MISSING':
      return EXIT.unavailable;
    case 'STORE_FULL':
      return EXIT.ioErr;
    case 'UPLINK_THROTTLED':
    case 'UPLINK_TIMEOUT':
    case 'BUDGET_SPENT':
      return EXIT.tempFail;
    case 'MODEL_OUTPUT':
    case 'STAGE_TIMEOUT':
    case 'STAGE_CRASHED':
    case 'UPLINK_REJECTED':
    case 'UPLINK_REPLY':
    case 'EGRESS_DENIED':
    case 'INTERNAL':
      return EXIT.software;
  }
}
