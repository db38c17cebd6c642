import { parseJson } from '../core/json.js';
import { type Broker, type Message, publishThrough } from '../egress/broker.js';
import type { WayOut } from '../egress/way-out.js';
import { decodeQuestion, type Question } from './question.js';
import { encodeReply, type Reply } from './reply.js';
import type { EdgeTopics } from './topics.js';

/** What a worker answers with, and for whom. */
export interface ServerDeps {
  /** Speaks MQTT 5. */
  readonly broker: Broker;
  readonly wayOut: Pick<WayOut, 'leave'>;
  readonly topics: EdgeTopics;
  /** Name of this worker among those at the broker. */
  readonly worker: string;
  /** Of Catnap: devices of another ask other workers. */
  readonly version: string;
  /** What tells this start of it from another. */
  readonly since: string;
  /** Kinds of stages that it answers for. */
  readonly kinds: readonly string[];
  /** Workers of the same group share what is asked. */
  readonly group: string;
  readonly answer: (question: Question, device: string) => Promise<Reply>;
  /** Told what may be asked soon. */
  readonly prepare: (question: Pick<Question, 'role' | 'name' | 'description'>) => void;
  readonly onUp: () => void;
  readonly onDown: (why: Error) => void;
}

/**
 * Answers what devices ask, one question after the other: a question is acknowledged once it is answered, and until
 * then the broker sends no other (receive maximum 1), so that what waits, waits there.
 */
export function serveEdge(deps: ServerDeps): { close(): Promise<void> } {
  const { broker, wayOut, topics, worker, version, since, kinds, group } = deps;
  const closing = new AbortController();
  const send: Broker['publish'] = (...message) => publishThrough(wayOut, broker, 'edge', ...message);

  const take = async ({ topic, payload, properties }: Message): Promise<void> => {
    if (topic === topics.prepare(version)) {
      const question = preparedOf(payload);
      if (question !== null) deps.prepare(question);
      return;
    }
    const { responseTopic, correlationData, userProperties } = properties;
    const question = decodeQuestion(payload);
    if (question === null || responseTopic === undefined || correlationData === undefined) return;
    const reply = await deps.answer(question, String(userProperties?.device ?? ''));
    // Not waited for: no acknowledgement comes before the question is acknowledged. What is lost is asked again.
    void send(responseTopic, encodeReply(reply), false, closing.signal, {
      correlationData,
      contentType: 'application/json',
      userProperties: { worker },
    }).catch(() => {});
  };

  broker.keep({
    clientId: `catnap-worker-${worker}`,
    will: { topic: topics.worker(worker), payload: '' },
    topics: [
      ...kinds.map((kind) => `$share/${group}/${topics.ask(version, kind)}`),
      topics.askWorker(worker),
      topics.prepare(version),
    ],
    what: 'edge',
    receiveMaximum: 1,
    onUp: () => {
      send(topics.worker(worker), JSON.stringify({ version, since, kinds }), true, closing.signal).catch(
        () => {},
      );
      deps.onUp();
    },
    onDown: deps.onDown,
    onMessage: take,
  });
  return {
    async close() {
      await send(topics.worker(worker), '', true, closing.signal).catch(() => {});
      closing.abort();
      await broker.close();
    },
  };
}

function preparedOf(payload: Buffer): Pick<Question, 'role' | 'name' | 'description'> | null {
  const question = parseJson(payload.toString());
  if (typeof question !== 'object' || question === null) return null;
  if (!('role' in question && 'name' in question && 'description' in question)) return null;
  const { role, name, description } = question;
  if (role !== 'stage' && role !== 'stream' && role !== 'recogniser') return null;
  return { role, name: String(name), description };
}
