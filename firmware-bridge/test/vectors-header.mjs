// Writes vectors.json as a C header, so that C needs no JSON: node vectors-header.mjs vectors.json > vectors.h
import { readFileSync } from 'node:fs';

const vectors = JSON.parse(readFileSync(process.argv[2] ?? 'vectors.json', 'utf8'));
const frames = new Map([...vectors.packets, ...vectors.malformed].map(({ name, frame }) => [name, frame]));

const text = (value) => JSON.stringify(value);
const raw = (value) => (value === null ? 'CATNAP_MISSING' : `${value}`);
const outcome = {
  packet: 'CATNAP_RX_PACKET',
  cobs: 'CATNAP_RX_BAD_COBS',
  short: 'CATNAP_RX_TOO_SHORT',
  crc: 'CATNAP_RX_BAD_CRC',
  version: 'CATNAP_RX_OTHER_VERSION',
  oversize: 'CATNAP_RX_OVERSIZE',
};

function bytes(hex) {
  const list = (hex.match(/../g) ?? ['00']).map((byte) => `0x${byte}`).join(',');
  return `(const uint8_t[]){${list}}, ${hex.length / 2}`;
}

function table(type, name, entries) {
  const lines = entries.map((entry) => `  {${entry}},`).join('\n');
  return `static const struct ${type} ${name}[] = {\n${lines}\n};\n`;
}

function step(entry) {
  const values = (entry.values ?? [0, 0]).map(raw).join(', ');
  const frame = entry.do === 'host' ? bytes(frames.get(entry.frame)) : 'NULL, 0';
  const kind = `STEP_${entry.do.toUpperCase()}`;
  return `${kind}, ${entry.timeUs}u, {${values}}, ${text(entry.text ?? '')}, ${frame}, ${entry.rows ?? 0}`;
}

const { crc32, cobs, packets, lines, dialogue } = vectors;
const board = packets[0].packet;

process.stdout.write(`/* Made from vectors.json by vectors-header.mjs. */
enum vector_step { STEP_HELLO, STEP_ROW, STEP_LOG, STEP_HOST, STEP_SKIP };
struct crc_vector { const uint8_t *bytes; size_t count; uint32_t crc; };
struct cobs_vector { const char *name; const uint8_t *plain; size_t plain_count; const uint8_t *stuffed; size_t stuffed_count; };
struct frame_vector { const char *name; const uint8_t *bytes; size_t count; const uint8_t *frame; size_t frame_count; };
struct line_vector { const char *name; const uint8_t *line; size_t count; enum catnap_received items[8]; };
struct step_vector { enum vector_step step; uint64_t time_us; int32_t values[2]; const char *text; const uint8_t *frame; size_t count; uint32_t rows; };
struct said_vector { const char *name; const uint8_t *frame; size_t count; };
${table(
  'crc_vector',
  'crc_vectors',
  crc32.map((v) => `${bytes(v.bytes)}, ${v.crc}u`),
)}
${table(
  'cobs_vector',
  'cobs_vectors',
  cobs.map((v) => `${text(v.name)}, ${bytes(v.plain)}, ${bytes(v.stuffed)}`),
)}
${table(
  'frame_vector',
  'frame_vectors',
  packets.map((v) => `${text(v.name)}, ${bytes(v.bytes)}, ${bytes(v.frame)}`),
)}
${table(
  'line_vector',
  'line_vectors',
  lines.map((v) => `${text(v.name)}, ${bytes(v.line)}, {${v.items.map((item) => outcome[item]).join(', ')}}`),
)}
${table('step_vector', 'dialogue_steps', dialogue.steps.map(step))}
${table(
  'said_vector',
  'dialogue_says',
  dialogue.says.map((name) => `${text(name)}, ${bytes(frames.get(name))}`),
)}
${table(
  'catnap_channel',
  'vector_channels',
  board.channels.map((c) => `${text(c.name)}, ${text(c.unit)}, (float)${c.scale}, (float)${c.offset}`),
)}
#define VECTOR_BOARD .device_id = ${text(board.deviceId)}, .firmware = ${text(board.firmware)}, .boot_id = ${board.bootId}u, \\
  .channels = vector_channels, .channel_count = ${board.channels.length}, .format = CATNAP_${board.format.toUpperCase()}, \\
  .rate_millihz = ${board.rateHz * 1000}u, .max_rate_millihz = 1000000u, .rows_per_frame = ${board.rowsPerFrame}, .baud = ${board.baud}u
`);
