import { isMap, isScalar, isSeq, type YAMLSeq } from 'yaml';
import { editConfig, voiceCascadeIn } from '../config/edit.js';
import { nameOfWord, type OwnWordConfig } from '../voice/words/config.js';

/** Which words of a configuration. */
interface Place {
  readonly config: string;
  readonly cascade: string;
}

/** Writes a word into the configuration, in place of one of its label. */
export function writeWord(word: OwnWordConfig, { config, cascade }: Place): void {
  editConfig(config, (document) => {
    const at = voiceCascadeIn(document, cascade);
    const known = document.getIn([...at, 'tiny', 'words'], true);
    const node = document.createNode(word, { flow: true });
    if (!isSeq(known)) {
      document.setIn([...at, 'tiny', 'words'], document.createNode([word]));
      return;
    }
    const index = indexOfWord(known, nameOfWord(word));
    if (index === -1) known.add(node);
    else known.set(index, node);
  });
}

/** Writes from which confidence words of a configuration are believed; one that is not there is passed over. */
export function writeAccepts(
  points: readonly { readonly name: string; readonly accept: number }[],
  { config, cascade }: Place,
): void {
  editConfig(config, (document) => {
    const words = document.getIn(['cascades', cascade, 'tiny', 'words'], true);
    if (!isSeq(words)) return;
    for (const { name, accept } of points) {
      const word = words.items[indexOfWord(words, name)];
      if (isMap(word)) word.set('accept', accept);
    }
  });
}

/** Where a word stands in a list, by its label or spelling; -1: nowhere. */
export function indexOfWord(words: YAMLSeq, called: string): number {
  return words.items.findIndex((item) => {
    if (isScalar(item)) return item.value === called;
    if (!isMap(item)) return false;
    const word = item.toJSON() as OwnWordConfig;
    return nameOfWord(word) === called || ('say' in word && word.say === called);
  });
}
