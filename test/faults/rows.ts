/** One row of the table of faults. */
export interface FaultRow {
  readonly fault: string;
  /** What Catnap does then. */
  readonly answer: string;
  /** What of it no test shows, and why; left out where all of it is shown. */
  readonly untested?: string;
  /** Why the simulator does not know it. */
  readonly unsimulated?: string;
}

/** The faults that Catnap has to survive; the number of a row is its place, from 1 on. */
export const FAULT_ROWS: readonly FaultRow[] = [
  {
    fault: 'microphone absent at boot',
    answer: 'starts deaf, tries again with backoff, hears as soon as it is there',
  },
  {
    fault: 'microphone unplugged',
    answer: '`SOURCE_LOST`, stages are reset, it is opened again',
  },
  {
    fault: 'ALSA overrun',
    answer: 'a gap; no detection spans it',
  },
  {
    fault: 'microphone hangs',
    answer: 'its recorder is killed after 2 s without data and started again',
  },
  {
    fault: 'all-zero or clipped audio',
    answer: '`degraded` after a minute of it, and goes on listening',
  },
  {
    fault: 'garbage on a serial line',
    answer: 'finds its way back at the next delimiter; the bytes are counted',
  },
  {
    fault: 'truncated or oversize frame',
    answer: 'that frame is lost, never more than 4 KiB are held',
  },
  {
    fault: 'board is reset or unplugged',
    answer: 'opened again with a new handshake; the gap is counted to the row',
  },
  {
    fault: 'board comes back under another tty',
    answer: 'is followed by its stable path',
  },
  {
    fault: 'model file is corrupt',
    answer: 'its checksum refuses it: in tiny exits with 78, in heavy starts degraded',
  },
  {
    fault: 'model of a wrong shape or type',
    answer: 'the same, at load, naming what was expected and what was found',
  },
  {
    fault: 'NaN or infinity out of a model',
    answer: 'the stage abstains and is reset; three in a row take it down',
  },
  {
    fault: 'tiny is slower than its hop',
    answer: 'the oldest samples are dropped, as a gap',
  },
  {
    fault: 'heavy is slower than its budget',
    answer: 'its process is ended, it abstains, policy decides',
  },
  {
    fault: 'heavy crashes',
    answer: 'is started again; five crashes in a minute open the breaker',
  },
  {
    fault: 'cloud says 401 or 403',
    answer: 'the uplink pauses, the outbox is kept, the secret is read again',
  },
  {
    fault: 'cloud says 429 or 503',
    answer: 'is asked again when `Retry-After` says, not before',
  },
  {
    fault: 'cloud says 400, 413 or 422',
    answer: 'that event goes to the dead letters, the others go on',
  },
  {
    fault: 'another 5xx, a reset, silence',
    answer: 'is asked again, with full jitter below a doubling bound; the event is done once',
  },
  {
    fault: 'socket that is open on one side only',
    answer: 'found within 10 s; the event arrives later',
  },
  {
    fault: 'reply that drips or never ends',
    answer: 'one deadline for all of it, and a cap of 64 KiB',
  },
  {
    fault: 'name look-up fails or hangs',
    answer: 'as 19',
  },
  {
    fault: 'acknowledgement is lost',
    answer: 'the same key is sent again; the far end does it once',
  },
  {
    fault: 'disk is full',
    answer: 'detection goes on; nothing accepted is lost, what could not be kept is said',
  },
  {
    fault: 'power fails while writing',
    answer: 'what is read back is a valid prefix; what was acknowledged is kept',
  },
  {
    fault: 'bit rot in the outbox',
    answer: 'the record is skipped and counted, the others are kept',
  },
  {
    fault: 'wall clock jumps by a year',
    answer: 'no event, refractory time, deadline or age limit changes',
  },
  {
    fault: 'MQTT broker restarts',
    answer:
      'the source comes back with it; rows in between are lost as a gap; the house is told again, what waits is bounded',
  },
  {
    fault: 'dashboard visitor stops reading',
    answer: 'is skipped, then closed with 1013; the others see everything',
  },
  {
    fault: 'malformed or oversize WebSocket message',
    answer: 'closed with 1008 or 1009; the others are unharmed',
  },
  {
    fault: 'wrong Origin, Host or token',
    answer: '401 or 403 before the upgrade',
  },
  {
    fault: 'bad configuration',
    answer: 'exits with 78, every error with its path, nothing opened',
  },
  {
    fault: 'SIGTERM in mid-event',
    answer: 'what is under way is ended, `offline` is said, exit 0; a second signal exits now',
  },
  {
    fault: 'memory is short',
    answer: 'the heavy process gives its memory back first',
    untested:
      'That memory stays flat over a day is measured, because it takes hours: `catnap bench speed --only memory`.',
  },
  {
    fault: 'main thread stalls',
    answer: 'the watchdog ends the process, for systemd to start it again',
  },
  {
    fault: 'out of file descriptors',
    answer: 'visitors are refused, the source is kept',
  },
  {
    fault: 'the heavy process hangs or crashes while several sources wait for it',
    answer: 'what it worked on abstains, the next process is asked the rest; no source loses audio',
  },
  {
    fault: 'a worker of the house is killed in mid-question, or the broker between them is started anew',
    answer: 'what has no answer yet is asked of another; each question is answered once',
    unsimulated: 'The simulated house is one device: it has no broker.',
  },
  {
    fault: 'no worker of the house answers in time',
    answer: 'the stage of this device stands in, or policy decides; marked `degraded`',
    unsimulated: 'The simulated house is one device: it has no broker.',
  },
];
