// A far end of one's own: a model in the house that speaks OpenAI's chat completions, as llama.cpp and Ollama serve them.
// In catnap.yaml, under uplink:
//   providers: [{ kind: module, name: house, path: ./own-far-end.mjs, options: { url: 'http://nas:8080' } }]

const CHAT = '/v1/chat/completions';

export const provider = {
  schema: (z) => z.strictObject({ url: z.url(), model: z.string().default('default') }),

  create({ url, model }, { dial, prompts, answerSchema, maxOutputTokens }) {
    /** Asks once; what leaves the device goes through the way out, which counts it and is shut when offline. */
    async function ask({ upload, problem }, observer, signal) {
      const said = {
        transcript: upload.transcript,
        summary: upload.summary,
        label: upload.label,
        refused: problem,
      };
      const body = JSON.stringify({
        model,
        max_tokens: maxOutputTokens,
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: answerSchema } },
        messages: [
          { role: 'system', content: prompts[upload.kind] },
          { role: 'user', content: JSON.stringify(said) },
        ],
      });
      const bytesUp = Buffer.byteLength(body);
      const headers = { 'content-type': 'application/json' };
      const response = await dial.wayOut.leave(
        { what: 'upload', to: new URL(url).host, bytes: bytesUp },
        () => fetch(new URL(CHAT, url), { method: 'POST', headers, body, signal, redirect: 'error' }),
      );
      observer.onSent(bytesUp);
      const text = await response.text();
      if (!response.ok) throw new Error(`expected an answer of ${url}, found HTTP ${response.status}`);
      const { choices, usage } = JSON.parse(text);
      return {
        text: choices[0].message.content,
        usage: {
          bytesUp,
          bytesDown: Buffer.byteLength(text),
          inputTokens: usage.prompt_tokens,
          audioTokens: 0,
          outputTokens: usage.completion_tokens,
        },
      };
    }

    return {
      // Each question is a request of its own, so that a session is nothing to hold open.
      async open() {
        let close = () => {};
        const ended = new Promise((resolve) => {
          close = () => resolve(new Error('closed by us'));
        });
        return { greetingBytes: 0, capacity: 1, ending: false, ended, close, ask };
      },
    };
  },
};
