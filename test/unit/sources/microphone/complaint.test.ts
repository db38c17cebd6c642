import { expect, it } from 'vitest';
import { Complaint } from '../../../../src/sources/microphone/complaint.js';

const lineOf = (text: string) => {
  const complaint = new Complaint();
  for (const part of text.match(/.{1,7}/gs) ?? []) complaint.take(part);
  return complaint.line();
};

it.each([
  [
    'arecord: set_params:1416: Unable to install hw params:\nACCESS:  RW_INTERLEAVED\nTICK_TIME: [0 0]\n',
    'arecord: set_params:1416: Unable to install hw params:',
  ],
  [
    'ALSA lib pcm.c:2721:(snd_pcm_open_noupdate) Unknown PCM x\narecord: main:831: audio open error: No such file',
    'arecord: main:831: audio open error: No such file',
  ],
  [
    "sox WARN alsa: can't encode 0-bit\nsox FAIL formats: can't open input\n",
    "sox FAIL formats: can't open input",
  ],
  ['connect: Connection refused\nRATE: 16000\n', 'connect: Connection refused'],
  ['one\ntwo\n\n', 'two'],
  ['', ''],
])('of %j it shows the line that says why', (text, line) => {
  expect(lineOf(text)).toBe(line);
});
