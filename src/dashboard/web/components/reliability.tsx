import { useState } from 'preact/hooks';
import { answerTo } from '../model/commands.js';

/** Whether the stages of a source are as often right as they are sure, of what was labelled in the last days. */
export function Reliability({ source, days }: { readonly source: string; readonly days: number }) {
  const [answer, tell] = useState<string | null>(null);
  const look = async () => tell(await answerTo({ kind: 'reliability', source, days }));
  return (
    <div class="reliability">
      <button type="button" class="plain" onClick={() => void look()}>
        Are they as right as they are sure?
      </button>
      {answer === null ? null : (
        <ul class="small">
          {answer.split('\n').map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
