import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage, formatOf, MessageReader } from '../../../../src/sources/wyoming/protocol.js';

/** As the published Python package writes them: data behind the line, its length in it. */
const DETECT = Buffer.from(
  '{"type": "detect", "version": "1.10.2", "data_length": 20}\n{"names": ["alexa"]}',
);

describe('messages of the Wyoming protocol', () => {
  it('are read however they are cut', () => {
    const bytes = Buffer.concat([
      DETECT,
      encodeMessage('audio-chunk', { rate: 16_000, width: 2, channels: 1 }, Buffer.from([1, 2, 3, 4])),
      Buffer.from('{"type":"describe","data":{"a":1}}\n'),
      encodeMessage('audio-stop'),
      encodeMessage('audio-stop'),
    ]);
    const expected = [
      { type: 'detect', data: { names: ['alexa'] }, payload: null },
      {
        type: 'audio-chunk',
        data: { rate: 16_000, width: 2, channels: 1 },
        payload: Buffer.from([1, 2, 3, 4]),
      },
      { type: 'describe', data: { a: 1 }, payload: null },
      { type: 'audio-stop', data: {}, payload: null },
      { type: 'audio-stop', data: {}, payload: null },
    ];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
        const reader = new MessageReader();
        const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
        const read = ends.flatMap((end, i) => [...reader.push(bytes.subarray(ends[i - 1] ?? 0, end))]);
        expect(read).toEqual(expected);
      }),
    );
  });

  it('say each their own below lines that are the same', () => {
    const messages = [1, 2, 3].map((timestamp) => encodeMessage('audio-chunk', { timestamp }));
    const read = [...new MessageReader().push(Buffer.concat(messages))];
    expect(read.map(({ data }) => data)).toEqual([{ timestamp: 1 }, { timestamp: 2 }, { timestamp: 3 }]);
  });

  it.each([
    ['nonsense', 'GET / HTTP/1.1\r\n', /expected a line of JSON, found "GET/],
    ['no type', '{"data":{}}\n', /expected a type, found none/],
    ['a payload without end', '{"type":"audio-chunk","payload_length":99999999}\n', /payload_length from 0/],
    ['a negative length', '{"type":"detect","data_length":-1}\n', /data_length from 0/],
    ['data that is none', '{"type":"detect","data_length":4}\nnope', /expected a data of JSON/],
    ['a line without end', 'x'.repeat(70_000), /a line of at most 65536 bytes/],
  ])('are refused when they are %s', (_, text, complaint) => {
    expect(() => [...new MessageReader().push(Buffer.from(text))]).toThrow(complaint);
  });

  it('never do anything but give messages or refuse, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (pieces) => {
        const reader = new MessageReader();
        try {
          for (const piece of pieces) [...reader.push(Buffer.from(piece))];
        } catch (error) {
          expect(error).toMatchObject({ code: 'SOURCE_FORMAT' });
        }
      }),
    );
  });

  it('tell of audio only in formats that there are', () => {
    expect(formatOf({ data: { rate: 22_050, width: 2, channels: 2 } })).toEqual({
      rateHz: 22_050,
      bytesPerSample: 2,
      channels: 2,
    });
    for (const data of [{}, { rate: 16_000, width: 2, channels: 0 }, { rate: 1e9, width: 2, channels: 1 }])
      expect(() => formatOf({ data })).toThrow(/expected rate/);
  });
});
