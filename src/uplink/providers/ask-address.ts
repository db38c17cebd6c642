import type { Ask } from '../../core/kind.js';

/** Asks for an address until it begins with one of the schemes, written as `ws://`. */
export async function askAddress(
  ask: Ask,
  text: string,
  fallback: string,
  schemes: readonly string[],
): Promise<string> {
  let complaint = '';
  for (;;) {
    const url = await ask(`${complaint}${text}`, fallback);
    if (URL.canParse(url) && schemes.includes(`${new URL(url).protocol}//`)) return url;
    complaint = `expected an address that begins with ${schemes.join(' or ')}, found "${url}"\n`;
  }
}
