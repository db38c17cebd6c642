import { type ExecFileException, execFile } from 'node:child_process';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { CatnapError, codeOf } from '../core/errors.js';
import type { EventOf } from '../core/events/events.js';
import type { Passage, Passed, WayOut } from '../egress/way-out.js';
import type { ActionConfig, ActionsConfig } from './config.js';
import { asArgument, asText, asTopicLevel, asUrlPart, fill, type Slots } from './template.js';

/** What is to be done, and for which detection. */
export interface Request {
  readonly detection: string;
  /** Name of the intent, or of the action an answer asked for. */
  readonly name: string;
  readonly action: ActionConfig;
  readonly slots: Slots;
}

export interface ActionDeps {
  /** Webhooks and MQTT messages leave through it. */
  readonly gate: Pick<WayOut, 'leave'>;
  /** Told of each message that left, or was kept from leaving, for the audit. */
  readonly onPassage?: (passed: Passed) => void;
  /** Sends a text command to the board of a serial source; rejects when it was not taken. */
  readonly sendToBoard: (source: string, command: string) => Promise<void>;
}

/** What came of an action, to be published as an `action` event. */
export type Outcome = Pick<EventOf<'action'>, 'detection' | 'action' | 'outcome' | 'detail'>;

/** Runs actions for local intents and for cloud answers alike. */
export interface ActionRunner {
  /** Does it, or says what it would do. Never rejects: a failure is an outcome. */
  run(request: Request): Promise<Outcome>;
  /** Waits until who asked has heard of everything under way, `deadlineMs` at most. */
  close(deadlineMs: number): Promise<void>;
}

/** Most of a program's output that is kept while it runs. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/** Makes a runner. */
export function createActionRunner(config: ActionsConfig, deps: ActionDeps): ActionRunner {
  const underWay = new Set<Promise<void>>();
  return {
    async close(deadlineMs) {
      const late = new AbortController();
      const { signal } = late;
      await Promise.race([
        Promise.allSettled(underWay),
        setTimeout(deadlineMs, undefined, { signal }).catch(() => {}),
      ]);
      late.abort();
      await setImmediate();
    },
    async run(request) {
      const { detection, name } = request;
      const result = (outcome: Outcome['outcome'], detail: string) => ({
        detection,
        action: name,
        outcome,
        detail,
      });
      try {
        const plan = planOf(request, config, deps);
        if (request.action.kind === 'log') return result('done', plan.what);
        if (config.dryRun) return result('dry-run', plan.what);
        if (underWay.size >= config.maxRunning) {
          return result('failed', `${plan.what}: ${underWay.size} actions are under way already`);
        }
        const acting = withDeadline(plan.act, config.timeoutMs);
        underWay.add(acting);
        try {
          await acting;
        } finally {
          underWay.delete(acting);
        }
        return result('done', plan.what);
      } catch (error) {
        return result(
          'failed',
          `${request.action.kind}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    },
  };
}

/** What an action comes to with its slots filled in; nothing is done yet. */
interface Plan {
  readonly what: string;
  readonly act: (signal: AbortSignal) => Promise<void>;
}

function planOf(request: Request, config: ActionsConfig, deps: ActionDeps): Plan {
  const { action, slots, name, detection } = request;
  switch (action.kind) {
    case 'log':
      return { what: 'logged', act: async () => {} };
    case 'mqtt':
      return planMqtt(request, action, config, deps);
    case 'webhook': {
      const url = new URL(fill(action.url, slots, asUrlPart));
      const body = JSON.stringify({ intent: name, slots, detection });
      const passage = { what: 'webhook', to: url.host, bytes: Buffer.byteLength(body) } as const;
      return {
        what: `POST ${url.host}${url.pathname}`,
        act: (signal) => audited(request, passage, deps, () => post(url, body, passage, deps, signal)),
      };
    }
    case 'command': {
      const [program = '', ...args] = action.run.map((part) => fill(part, slots, asArgument));
      return { what: [program, ...args].join(' '), act: (signal) => execute(program, args, signal) };
    }
    case 'serial': {
      const command = fill(action.command, slots, asText);
      return { what: `${action.source}: ${command}`, act: () => deps.sendToBoard(action.source, command) };
    }
  }
}

function planMqtt(
  request: Request,
  action: Extract<ActionConfig, { kind: 'mqtt' }>,
  { mqttUrl, timeoutMs }: ActionsConfig,
  deps: ActionDeps,
): Plan {
  const { slots } = request;
  const topic = fill(action.topic, slots, asTopicLevel);
  const payload = fill(action.payload, slots, asText);
  return {
    what: `${topic} ${payload}`,
    async act() {
      if (mqttUrl === null) throw new CatnapError('USAGE', 'actions.mqttUrl: expected a broker, found none');
      const bytes = Buffer.byteLength(topic) + Buffer.byteLength(payload);
      const passage = { what: 'mqtt', to: new URL(mqttUrl).host, bytes } as const;
      await audited(request, passage, deps, async () => {
        // A connection a message: MQTT.js queues without bound for a broker that is away.
        const options = { reconnectPeriod: 0, connectTimeout: timeoutMs };
        const { connectAsync } = await import('mqtt');
        const client = await deps.gate.leave(passage, () => connectAsync(mqttUrl, options));
        try {
          await client.publishAsync(topic, payload, { qos: 1, retain: action.retain });
        } finally {
          await client.endAsync(true);
        }
        return 'published';
      });
    },
  };
}

/** Sends, and tells the audit what became of it. */
async function audited(
  { detection, name }: Request,
  passage: Passage,
  { onPassage }: ActionDeps,
  send: () => Promise<string>,
): Promise<void> {
  const startedMs = performance.now();
  const tell = (outcome: Passed['outcome'], verdict: string) =>
    onPassage?.({
      detection,
      action: name,
      passage,
      latencyMs: performance.now() - startedMs,
      outcome,
      verdict,
    });
  try {
    tell('sent', await send());
  } catch (error) {
    const code = codeOf(error, 'UPLINK_UNAVAILABLE');
    tell(code === 'EGRESS_DENIED' ? 'denied' : 'failed', code);
    throw error;
  }
}

/** Posts, and gives the status of the answer. */
async function post(
  url: URL,
  body: string,
  passage: Passage,
  { gate }: ActionDeps,
  signal: AbortSignal,
): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await gate.leave(passage, () =>
    fetch(url, { method: 'POST', body, headers, signal, redirect: 'error' }),
  );
  await response.body?.cancel();
  if (!response.ok)
    throw new CatnapError('UPLINK_REJECTED', `${url.host}: answered with status ${response.status}`);
  return `status ${response.status}`;
}

function execute(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { signal, maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL' }, (error) => {
      if (error === null) return resolve();
      reject(failureOf(program, error));
    });
  });
}

function failureOf(program: string, error: ExecFileException): CatnapError {
  const options = { cause: error };
  if (error.code === 'ENOENT') return new CatnapError('TOOL_MISSING', `${program}: not found`, options);
  const how = error.code === undefined ? (error.signal ?? error.name) : `code ${error.code}`;
  return new CatnapError('ACTION_FAILED', `${program}: ended with ${how}`, options);
}

async function withDeadline(act: (signal: AbortSignal) => Promise<void>, timeoutMs: number): Promise<void> {
  const controller = new AbortController();
  const timer = new AbortController();
  const late = setTimeout(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    controller.abort();
    throw new CatnapError('UPLINK_TIMEOUT', `not done after ${timeoutMs} ms`);
  });
  late.catch(() => {});
  try {
    await Promise.race([act(controller.signal), late]);
  } finally {
    timer.abort();
  }
}
