import { ERROR_CODES, ERRORS, EXIT } from '../core/errors.js';

/** The catalogue of error codes as a page of Markdown: docs/ERRORS.md. */
export function errorPage(): string {
  const rows = ERROR_CODES.map((code) => {
    const { exit, meaning, remedy } = ERRORS[code];
    return `| \`${code}\` | ${EXIT[exit]} | ${meaning} | ${remedy} |`;
  });
  return `# Error codes

What can go wrong has a code, in \`health\`, \`undelivered\` and abstentions of the events, in dead letters, in the library's
\`CatnapError\`, and behind what a command says as it fails; \`exit\` is the status (sysexits) of a process that it ends. Codes
are added, and never change their meaning. This page is made by \`catnap schema errors\`; \`--json\` prints the same as data.

| code | exit | means | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
