// A heavy of one's own, as a function alone: believes what woke it.
export const stage = (_options, { name, budgetMs }) => ({
  name,
  budgetMs,
  decide({ noticed }) {
    const [label = '', score = 0] = [...(noticed ?? [])][0] ?? [];
    return { kind: 'accept', stage: name, label, score, confidence: 1, contributions: [] };
  },
  reset() {},
  async dispose() {},
});
