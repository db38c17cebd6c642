import type { Provider, Question } from '../../src/uplink/providers/provider.js';
import { UplinkError } from '../../src/uplink/providers/provider.js';

/** What a far end says: as an object, or as the text itself. */
export type Scripted = string | Readonly<Record<string, unknown>>;

/** A far end that gives these answers, one after the other, in two parts each, and what it was asked. */
export function scriptedAnswers(...answers: readonly Scripted[]): {
  readonly provider: Provider;
  readonly asked: Question[];
} {
  const asked: Question[] = [];
  const left = [...answers];
  const usage = { bytesUp: 100, bytesDown: 50, inputTokens: 10, audioTokens: 0, outputTokens: 5 };
  const provider: Provider = {
    name: 'cloud',
    async open() {
      let close: (reason: UplinkError) => void = () => {};
      const ended = new Promise<UplinkError>((resolve) => {
        close = resolve;
      });
      return {
        greetingBytes: 0,
        capacity: 1,
        ended,
        ending: false,
        close: () => close(new UplinkError('UPLINK_UNAVAILABLE', 'closed by us')),
        async ask(question, observer) {
          asked.push(question);
          observer.onSent(100);
          const next = left.shift();
          if (next === undefined) throw new UplinkError('UPLINK_REJECTED', 'nothing more to say');
          const text = typeof next === 'string' ? next : JSON.stringify(next);
          for (const part of [text.slice(0, 9), text.slice(9)]) observer.onPart(part);
          return { text, usage };
        },
      };
    },
  };
  return { provider, asked };
}
