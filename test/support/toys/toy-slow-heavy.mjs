// A heavy of one's own that takes a while, believes what it is shown, and tells in the score how loud that is.
import { setTimeout as delay } from 'node:timers/promises';

export const stage = ({ workMs = 0 }, { name, budgetMs }) => ({
  name,
  budgetMs,
  async decide({ data, noticed }) {
    await delay(workMs);
    const [label = 'word'] = [...(noticed ?? new Map()).keys()];
    return { kind: 'accept', stage: name, label, score: data[0], confidence: 1, contributions: [] };
  },
  reset() {},
  async dispose() {},
});
