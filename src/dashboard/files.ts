import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** One file of the page, held in memory so that serving it needs no file descriptor. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
  /** Named by its own hash (Vite's `assets/`), so it never changes. */
  readonly immutable: boolean;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/**
 * Reads the built page: URL path -> file. Only what is in this map is ever served, so no request path reaches
 * the file system. Empty when the page has not been built.
 */
export async function loadPage(directory: string): Promise<ReadonlyMap<string, PageFile>> {
  const page = new Map<string, PageFile>();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const contentType = CONTENT_TYPES[extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const body = await readFile(path);
    const urlPath = `/${relative(directory, path).split(sep).join('/')}`;
    page.set(urlPath, {
      contentType,
      body,
      gzipped: await promisify(gzip)(body),
      etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`,
      immutable: urlPath.startsWith('/assets/'),
    });
  }
  const index = page.get('/index.html');
  if (index !== undefined) page.set('/', index);
  return page;
}
