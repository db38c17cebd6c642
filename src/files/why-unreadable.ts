/** What was found where a file was to be read, from what `node:fs` threw: to stand behind what was expected. */
export function whyUnreadable(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'found none';
  return code === 'EISDIR' ? 'found a folder' : `found ${message}`;
}
