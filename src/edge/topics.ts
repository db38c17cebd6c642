/** The topics of the edge tier, below the prefix of its configuration. docs/FLEET.md lists them. */
export interface EdgeTopics {
  /** Where stages of a kind are asked of workers of a version of Catnap; they share what comes. */
  ask(version: string, kind: string): string;
  /** Where all workers of a version are told what they may be asked of soon. */
  prepare(version: string): string;
  /** Where a device is answered. */
  reply(device: string): string;
  /** Retained while a worker serves; emptied by its will. */
  worker(id: string): string;
  /** Where one worker is asked that has been asked before. */
  askWorker(id: string): string;
  /** All workers, for who listens. */
  readonly workers: string;
  /** Retained while a device is there; emptied by its will. */
  here(company: string, device: string): string;
  /** Where devices of a company tell each other of words. */
  words(company: string): string;
  /** What is said of a device, or asked of it. */
  fleet(device: string, what: string): string;
}

export function edgeTopics(prefix: string): EdgeTopics {
  return {
    ask: (version, kind) => `${prefix}/ask/${version}/${kind}`,
    prepare: (version) => `${prefix}/prepare/${version}`,
    reply: (device) => `${prefix}/reply/${device}`,
    worker: (id) => `${prefix}/worker/${id}`,
    askWorker: (id) => `${prefix}/worker/${id}/ask`,
    workers: `${prefix}/worker/+`,
    here: (company, device) => `${prefix}/here/${company}/${device}`,
    words: (company) => `${prefix}/words/${company}`,
    fleet: (device, what) => `${prefix}/fleet/${device}/${what}`,
  };
}

/** A name as one level of a topic: letters, digits and dashes; what differs in nothing else is the same. */
export function levelOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}-]+/gu, '_');
}
