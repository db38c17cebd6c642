// A tiny for sensors of one's own: notices values above a limit, and writes down what it is told came of it.
import { appendFileSync } from 'node:fs';

export const stage = {
  schema: (z) => z.strictObject({ limit: z.number(), told: z.string().nullable().default(null) }),
  create: ({ limit, told }, { name, budgetMs, thresholds }) =>
    new Limit(name, budgetMs, limit, told, thresholds),
};

class Limit {
  #told;
  #limit;

  constructor(name, budgetMs, limit, told, thresholds) {
    this.name = name;
    this.budgetMs = budgetMs;
    this.#limit = limit;
    this.#told = told;
    this.accept = thresholds.accept;
  }

  decide({ data }) {
    const score = Math.max(...data);
    const kind = score > this.#limit ? 'accept' : 'reject';
    const confidence = kind === 'accept' ? 1 : 0;
    return { kind, stage: this.name, label: 'high', score, confidence, contributions: [] };
  }

  confirmed(label, samples) {
    this.#tell(`confirmed ${label} ${samples}`);
  }

  ended() {
    this.#tell('ended');
  }

  summarise({ data }) {
    return { highest: Math.max(...data) };
  }

  reset() {}

  async dispose() {}

  #tell(line) {
    if (this.#told !== null) appendFileSync(this.#told, `${line}\n`);
  }
}
