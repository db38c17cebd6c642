/** Script of the process in which the cascade is held against its bare model. */
import { readAudio } from '../sources/recording/read-audio.js';
import { measureOverhead } from './overhead.js';

/** What it is asked. */
export interface OverheadOrder {
  readonly recording: string;
}

process.once('message', ({ recording }: OverheadOrder) => {
  readAudio(recording)
    .then(measureOverhead)
    .then(
      (result) => process.send?.(result, () => process.exit(0)),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
});
