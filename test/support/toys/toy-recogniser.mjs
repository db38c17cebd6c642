// A recogniser of one's own: hears the same in whatever is said.
export const recogniser = {
  schema: (z) => z.strictObject({ text: z.string() }),
  create: ({ text }, { name, budgetMs }) => ({
    name,
    budgetMs,
    recognise: async () => ({ kind: 'transcript', stage: name, text, confidence: 0.9 }),
    async dispose() {},
  }),
};
