import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { RecogniserSpec, StageSpec } from '../core/cascade/assembly.js';
import { type Finding, ok, warning } from '../core/finding.js';
import { asksHeavy, type CascadePlan } from '../runtime/build.js';
import { forkHeavy } from '../runtime/heavy/heavy-process.js';
import type { HeavyReply, HeavyRequest } from '../runtime/heavy/heavy-protocol.js';
import type { Hosted } from '../runtime/heavy-child.js';
import { threadsFor } from '../runtime/threads.js';

/** The program with a source that was woken, resident, each further source and thread (docs/measurements/speed.md). */
const PROGRAM_MB = 92;
const SOURCE_MB = 4;
const THREAD_MB = 13;
/** What the heavy process grows by once it works, beyond what loading took (there). */
const WORKING_MB = 5;
/** What a small Linux without a desktop is left. */
const SYSTEM_MB = 130;

/** A stage or recogniser of the heavy process, and what it added there when it was loaded. */
interface Added {
  readonly name: string;
  readonly mb: number;
}

/**
 * Whether what is configured fits this board once it is awake. What stages take is measured here: they are loaded as
 * `run` loads them, one after the other.
 * @param kinds by source, what its cascade is
 */
export async function checkMemory(
  plans: readonly CascadePlan[],
  kinds: readonly CascadePlan['kind'][],
  boardMb = totalmem() / 1e6,
): Promise<Finding> {
  const hosted = plans.filter(asksHeavy).flatMap(hostedBy);
  const added = hosted.length === 0 ? [] : await loadOneByOne(hosted);
  const program = PROGRAM_MB + SOURCE_MB * (kinds.length - 1) + THREAD_MB * (threadsFor(kinds) - 1);
  const heavy = added.reduce((sum, { mb }) => sum + mb, added.length > 0 ? WORKING_MB : 0);
  const stages = added.map(({ name, mb }) => `${name} ${mb.toFixed(0)}`).join(', ');
  const detail =
    `${(program + heavy).toFixed(0)} MB awake of ${boardMb.toFixed(0)}: program about ${program}` +
    (added.length > 0 ? `, heavy process ${heavy.toFixed(0)} (as loaded here: ${stages})` : '');
  if (boardMb - program - heavy >= SYSTEM_MB) return ok(detail);
  return warning(
    detail,
    `leave ${SYSTEM_MB} MB to the system: run fewer sources, or leave out stages as docs/BOARDS.md says`,
  );
}

function hostedBy(plan: CascadePlan): readonly { readonly name: string; readonly hosted: Hosted }[] {
  const stage = (spec: StageSpec | null) =>
    spec === null ? [] : [{ name: spec.name, hosted: { kind: 'stage', spec } as const }];
  if (plan.kind === 'sensor') return stage(plan.stages.heavy);
  const { heavy, endpointer, recogniser } = plan.stages;
  return [...stage(heavy), ...stage(endpointer), ...(recogniser === null ? [] : membersOf(recogniser))];
}

function membersOf(recogniser: RecogniserSpec) {
  return recogniser.members.map((member) => ({
    name: member.name,
    hosted: { kind: 'recogniser', spec: { ...recogniser, members: [member] } } as const,
  }));
}

/** @throws CatnapError never: what cannot be loaded adds what it took until then, and its own check tells why. */
async function loadOneByOne(parts: ReturnType<typeof hostedBy>): Promise<readonly Added[]> {
  const child = forkHeavy();
  try {
    const added: Added[] = [];
    let before = 0;
    for (const { name, hosted } of parts) {
      const key = JSON.stringify(hosted);
      child.send({ kind: 'load', name: key, description: hosted } satisfies HeavyRequest);
      const told: Promise<[HeavyReply]> = once(child, 'message') as Promise<[HeavyReply]>;
      const ended = once(child, 'exit').then(() => null);
      if ((await Promise.race([told, ended])) === null) break;
      const now = child.pid === undefined ? before : ownMb(child.pid);
      added.push({ name, mb: Math.max(0, now - before) });
      before = now;
    }
    return added;
  } finally {
    child.kill('SIGKILL');
  }
}

/** Resident memory of a process but for the program's own code, which the main process holds anyway; 10^6 bytes. */
function ownMb(pid: number): number {
  let counts = false;
  let kb = 0;
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    if (/^[0-9a-f]+-/.test(line)) counts = !line.endsWith(process.execPath);
    const [, resident] = /^Rss:\s+(\d+) kB$/.exec(line) ?? [];
    if (counts) kb += Number(resident ?? 0);
  }
  return (kb * 1024) / 1e6;
}
