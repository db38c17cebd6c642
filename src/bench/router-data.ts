import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { CatnapError } from '../core/errors.js';
import type { RouterExample } from '../learning/router/router.js';
import { textFeatures } from '../learning/router/text-features.js';

/** A question, what a weak and a strong model made of it, and how long it is. */
export interface Question extends RouterExample {
  readonly characters: number;
}

const COLUMNS = ['prompt', 'weak_correct', 'strong_correct'] as const;

type Row = Readonly<Record<string, string>>;

/**
 * The questions of a folder: a CSV file a subject, with the columns `prompt,weak_correct,strong_correct`, either in the
 * folder or in `routing/` below it.
 * @throws CatnapError `INPUT_MISSING` where there is none, `USAGE` where a table is another one.
 */
export function readQuestions(folder: string): readonly Question[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new CatnapError(
      'INPUT_MISSING',
      `${folder}: expected a folder with a CSV file a subject, found none`,
    );
  }
  const inner = join(folder, 'routing');
  const place = existsSync(inner) ? inner : folder;
  const files = readdirSync(place).filter((name) => name.endsWith('.csv'));
  const questions = files.sort().flatMap((name) => questionsOf(join(place, name)));
  if (new Set(questions.map(({ group }) => group)).size > 1) return questions;
  const found = `${files.length} with ${questions.length} questions`;
  throw new CatnapError(
    'INPUT_MISSING',
    `${place}: expected questions of two subjects at least, a CSV file (${COLUMNS.join(',')}) a subject, found ${found}`,
  );
}

function questionsOf(path: string): readonly Question[] {
  const rows = rowsOf(path);
  const missing = COLUMNS.filter((name) => rows[0] !== undefined && !(name in rows[0]));
  if (missing.length > 0) {
    throw new CatnapError(
      'USAGE',
      `${path}: expected the columns ${COLUMNS.join(', ')}, found none called ${missing.join(' or ')}`,
    );
  }
  return rows.map((row, index) => {
    const place = `${path}, question ${index + 1}`;
    const prompt = row.prompt ?? '';
    return {
      ...textFeatures(prompt),
      characters: prompt.length,
      weakCorrect: truth(row.weak_correct, `${place}: weak_correct`),
      strongCorrect: truth(row.strong_correct, `${place}: strong_correct`),
      group: basename(path, '.csv'),
    };
  });
}

function rowsOf(path: string): readonly Row[] {
  try {
    return parse(readFileSync(path), { columns: true, skip_empty_lines: true, bom: true }) as Row[];
  } catch (cause) {
    throw new CatnapError('USAGE', `${path}: expected a table of questions (CSV), which it is not`, {
      cause,
    });
  }
}

function truth(text: string | undefined, what: string): boolean {
  const value = text?.trim().toLowerCase();
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw new CatnapError('USAGE', `${what}: expected True or False, found ${JSON.stringify(text ?? '')}`);
}
