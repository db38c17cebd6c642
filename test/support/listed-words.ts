import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { voiceRecording } from './replay.js';
import { temporaryFolder } from './temporary-folder.js';

/** Recordings of one phrase by as many people, listed as the benchmarks of own words want them. */
export function listed(phrase: string, people: number): string {
  const folder = temporaryFolder();
  const rows = Array.from({ length: people }, (_, person) => {
    copyFileSync(voiceRecording('settled'), join(folder, `${person}.wav`));
    return `${person}.wav,"${phrase}",person${person}\n`;
  });
  writeFileSync(join(folder, 'words.csv'), `file,phrase,speaker\n${rows.join('')}`);
  return folder;
}
