import type { IncomingMessage, ServerResponse } from 'node:http';
import { CatnapError } from '../core/errors.js';
import { reply } from './reply.js';

const WAV = 'audio/wav';

/** Sends a clip, or the part of it that a player asks for to start anywhere in it (RFC 9110, 14). */
export async function sendClip(
  request: IncomingMessage,
  response: ServerResponse,
  clipOf: () => Promise<Buffer | null>,
): Promise<void> {
  let clip: Buffer | null = null;
  try {
    clip = await clipOf();
  } catch (error) {
    if (!(error instanceof CatnapError)) throw error;
    reply(request, response, 409, error.message);
    return;
  }
  if (clip === null) {
    reply(request, response, 404, 'This clip is not kept any more.');
    return;
  }
  response.setHeader('Accept-Ranges', 'bytes');
  const asked = rangeOf(request.headers.range, clip.length);
  if (asked === 'all') {
    reply(request, response, 200, clip, WAV);
  } else if (asked === 'none') {
    response.setHeader('Content-Range', `bytes */${clip.length}`);
    reply(request, response, 416, 'There is no such part.');
  } else {
    const [from, to] = asked;
    response.setHeader('Content-Range', `bytes ${from}-${to}/${clip.length}`);
    reply(request, response, 206, clip.subarray(from, to + 1), WAV);
  }
}

/** The one part that is asked for, both ends included; several parts, and what is no range, are answered with all. */
function rangeOf(
  header: string | undefined,
  length: number,
): readonly [from: number, to: number] | 'all' | 'none' {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'all';
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1);
  return from > to ? 'none' : [from, to];
}
