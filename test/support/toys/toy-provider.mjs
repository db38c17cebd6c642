/** A far end in the process itself: it answers each question with the label and the action that its options name. */
export const provider = {
  schema: (z) => z.strictObject({ label: z.string(), action: z.string().nullable().default(null) }),
  create({ label, action }, { name, tools }) {
    return {
      async open() {
        let end = () => {};
        const ended = new Promise((resolve) => {
          end = () => resolve(new Error(`${name}: closed by us`));
        });
        return {
          greetingBytes: 0,
          capacity: 1,
          ending: false,
          ended,
          close: end,
          async ask({ upload }, observer) {
            observer.onSent(upload.transcript.length);
            const asked = tools.find((tool) => tool.name === action);
            const parameters = Object.fromEntries(
              (asked?.parameters ?? []).map((slot) => [slot, upload.transcript]),
            );
            const answer = { label, text: `${name} heard ${upload.transcript}` };
            return {
              text: JSON.stringify(
                asked === undefined ? answer : { ...answer, action: { name: action, parameters } },
              ),
              usage: {
                bytesUp: upload.transcript.length,
                bytesDown: 0,
                inputTokens: 1,
                audioTokens: 0,
                outputTokens: 1,
              },
            };
          },
        };
      },
    };
  },
};
