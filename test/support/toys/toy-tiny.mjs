// A tiny of one's own: hears "loud" in every hop that is louder than it is told.
export const stage = {
  schema: (z) => z.strictObject({ level: z.number().positive() }),
  words: ['loud'],
  traits: { hopSamples: 1600 },
  create: ({ level }, { name, budgetMs }) => ({
    name,
    budgetMs,
    decide({ data }) {
      const score = data.reduce((loudest, value) => Math.max(loudest, Math.abs(value)), 0);
      const kind = score > level ? 'accept' : 'reject';
      return { kind, stage: name, label: 'loud', score, confidence: Math.min(1, score), contributions: [] };
    },
    reset() {},
    async dispose() {},
  }),
};
