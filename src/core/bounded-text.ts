/** What comes in pieces, as UTF-8; null where it is more than so many bytes, of which the rest is not waited for. */
export async function boundedText(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  mostBytes: number,
): Promise<string | null> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let [text, bytes] = ['', 0];
  for await (const piece of pieces) {
    bytes += piece.byteLength;
    if (bytes > mostBytes) return null;
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
