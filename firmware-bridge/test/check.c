/* Vectors, bounded deterministic fuzzing, and the behaviour of the board's core. Run under the sanitizers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catnap_board.h"
#include "pump_sim.h"
#include "vectors.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define FUZZ_BYTES (10u * 1024u * 1024u)

static unsigned checks;

static void expect(bool holds, const char *what, const char *which) {
  checks++;
  if (holds) return;
  fprintf(stderr, "FAILED %s: %s\n", what, which);
  exit(1);
}

static uint32_t random_state = 2463534242u;
static uint32_t next_random(void) { /* xorshift32 (Marsaglia, 2003) */
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

/* The line of a board under test: everything it wrote, and whether the UART takes more. */
struct line {
  uint8_t bytes[1 << 20];
  size_t count;
  bool blocked;
};
static struct line line;

static bool write_line(void *context, const uint8_t *bytes, size_t count) {
  struct line *to = context;
  if (to->blocked || to->count + count > sizeof to->bytes) return false;
  memcpy(to->bytes + to->count, bytes, count);
  to->count += count;
  return true;
}

static bool take_command(void *context, const char *text, size_t bytes) {
  (void)context;
  return bytes == strlen("relay on") && memcmp(text, "relay on", bytes) == 0;
}

static void check_wire_vectors(void) {
  for (size_t i = 0; i < COUNT(crc_vectors); i++)
    expect(catnap_crc32(crc_vectors[i].bytes, crc_vectors[i].count) == crc_vectors[i].crc, "crc32", "vector");
  for (size_t i = 0; i < COUNT(cobs_vectors); i++) {
    const struct cobs_vector *v = &cobs_vectors[i];
    uint8_t out[600];
    const size_t stuffed = catnap_cobs_encode(v->plain, v->plain_count, out);
    expect(stuffed == v->stuffed_count && memcmp(out, v->stuffed, stuffed) == 0, "cobs encode", v->name);
    const long plain = catnap_cobs_decode(v->stuffed, v->stuffed_count, out);
    expect(plain == (long)v->plain_count && memcmp(out, v->plain, v->plain_count) == 0, "cobs decode", v->name);
  }
  for (size_t i = 0; i < COUNT(frame_vectors); i++) {
    const struct frame_vector *v = &frame_vectors[i];
    static uint8_t out[CATNAP_FRAME_BUFFER(CATNAP_PACKET_CAP)];
    const size_t at = CATNAP_FRAME_SLACK(CATNAP_PACKET_CAP);
    memcpy(out + at, v->bytes, v->count);
    const size_t count = catnap_frame_in_place(out, at, v->count);
    expect(count == v->frame_count && memcmp(out, v->frame, count) == 0, "frame", v->name);
  }
}

/* What a receiver makes of bytes, delimiters that close nothing left out. */
static size_t receive_all(const uint8_t *bytes, size_t count, enum catnap_received *items, size_t cap) {
  static uint8_t buffer[CATNAP_FRAME_CAP - 1];
  struct catnap_receiver r;
  catnap_receiver_init(&r, buffer, sizeof buffer);
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    struct catnap_packet packet;
    const enum catnap_received item = catnap_receive(&r, bytes[i], &packet);
    if (item != CATNAP_RX_NONE && found < cap) items[found++] = item;
  }
  return found;
}

static void check_line_vectors(void) {
  for (size_t i = 0; i < COUNT(line_vectors); i++) {
    const struct line_vector *v = &line_vectors[i];
    enum catnap_received items[8] = {CATNAP_RX_NONE};
    receive_all(v->line, v->count, items, COUNT(items));
    expect(memcmp(items, v->items, sizeof items) == 0, "line", v->name);
  }
}

static void check_dialogue(void) {
  static struct catnap_board b;
  const struct catnap_board_config config = {VECTOR_BOARD, .context = &line, .write = write_line, .command = take_command};
  line.count = 0;
  expect(catnap_board_init(&b, &config), "dialogue", "init");
  for (size_t i = 0; i < COUNT(dialogue_steps); i++) {
    const struct step_vector *s = &dialogue_steps[i];
    switch (s->step) {
      case STEP_HELLO: catnap_board_hello(&b, s->time_us); break;
      case STEP_ROW: catnap_board_row(&b, s->values, s->time_us); break;
      case STEP_LOG: catnap_board_log(&b, CATNAP_LOG_WARN, s->text, s->time_us); break;
      case STEP_HOST: catnap_board_receive(&b, s->frame, s->count, s->time_us); break;
      case STEP_SKIP: catnap_board_skip(&b, s->rows, s->time_us); break;
    }
  }
  size_t at = 0;
  for (size_t i = 0; i < COUNT(dialogue_says); i++) {
    const struct said_vector *v = &dialogue_says[i];
    expect(at + v->count <= line.count && memcmp(line.bytes + at, v->frame, v->count) == 0, "dialogue says", v->name);
    at += v->count;
  }
  expect(at == line.count, "dialogue", "says nothing more");
}

/* No wrong bit and no cut of a frame may pass for a packet. */
static void check_damage(void) {
  for (size_t i = 0; i < COUNT(frame_vectors); i++) {
    const struct frame_vector *v = &frame_vectors[i];
    static uint8_t copy[2 * CATNAP_FRAME_CAP];
    for (size_t bit = 0; bit < v->frame_count * 8; bit++) {
      memcpy(copy, v->frame, v->frame_count);
      copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
      copy[v->frame_count] = 0;
      enum catnap_received items[8] = {CATNAP_RX_NONE};
      const size_t found = receive_all(copy, v->frame_count + 1, items, COUNT(items));
      for (size_t k = 0; k < found; k++) expect(items[k] != CATNAP_RX_PACKET, "one wrong bit", v->name);
    }
    for (size_t cut = 0; cut + 1 < v->frame_count; cut++) {
      memcpy(copy, v->frame, cut);
      copy[cut] = 0;
      enum catnap_received items[8] = {CATNAP_RX_NONE};
      const size_t found = receive_all(copy, cut + 1, items, COUNT(items));
      for (size_t k = 0; k < found; k++) expect(items[k] != CATNAP_RX_PACKET, "truncation", v->name);
    }
  }
}

/* Random bytes to the bare receiver and to a board; afterwards a sound ping is still answered. */
static void check_noise(void) {
  static struct catnap_board b;
  const struct catnap_board_config config = {VECTOR_BOARD, .context = &line, .write = write_line};
  expect(catnap_board_init(&b, &config), "noise", "init");
  static uint8_t buffer[CATNAP_FRAME_CAP - 1];
  struct catnap_receiver r;
  catnap_receiver_init(&r, buffer, sizeof buffer);
  unsigned packets = 0;
  for (uint32_t i = 0; i < FUZZ_BYTES; i++) {
    const uint8_t byte = (uint8_t)(next_random() >> 24);
    struct catnap_packet packet;
    if (catnap_receive(&r, byte, &packet) == CATNAP_RX_PACKET) packets++;
    line.count = 0;
    catnap_board_receive(&b, &byte, 1, i);
  }
  expect(packets == 0, "noise", "no packet out of 10 MiB");
  const struct said_vector *pong = &dialogue_says[4];
  const uint8_t end = 0;
  line.count = 0;
  catnap_board_receive(&b, &end, 1, FUZZ_BYTES);
  catnap_board_receive(&b, dialogue_steps[5].frame, dialogue_steps[5].count, FUZZ_BYTES);
  expect(line.count == pong->count, "noise", "a ping is answered after it");
}

/* Sound frames of damaged packets: a CRC does not make a payload right. */
static void check_mutations(void) {
  static struct catnap_board b;
  const struct catnap_board_config config = {VECTOR_BOARD, .context = &line, .write = write_line, .command = take_command};
  expect(catnap_board_init(&b, &config), "mutations", "init");
  static uint8_t frame[CATNAP_FRAME_BUFFER(CATNAP_PACKET_CAP)];
  const size_t at = CATNAP_FRAME_SLACK(CATNAP_PACKET_CAP);
  for (uint32_t round = 0; round < 200000; round++) {
    const struct frame_vector *v = &frame_vectors[next_random() % COUNT(frame_vectors)];
    memcpy(frame + at, v->bytes, v->count);
    size_t count = v->count;
    for (uint32_t k = next_random() % 4; k > 0; k--) frame[at + 1 + next_random() % (count - 1)] = (uint8_t)next_random();
    if (next_random() % 4 == 0) count = CATNAP_HEADER_BYTES + next_random() % (count - CATNAP_HEADER_BYTES + 1);
    const size_t bytes = catnap_frame_in_place(frame, at, count);
    line.count = 0;
    catnap_board_receive(&b, frame, bytes, round);
    const int32_t row[2] = {(int32_t)next_random(), (int32_t)next_random()};
    catnap_board_row(&b, row, round);
  }
  expect(b.config.rate_millihz <= b.config.max_rate_millihz, "mutations", "the rate stays in range");
}

/* Reads a board's line back: rows by how they were told of. */
struct told {
  uint32_t next_row;
  uint32_t sampled;
  uint32_t summarised;
  uint32_t overrun;
  uint32_t frames;
  bool consecutive;
};

static struct told read_line(void) {
  static uint8_t buffer[CATNAP_FRAME_CAP];
  struct catnap_receiver r;
  catnap_receiver_init(&r, buffer, sizeof buffer);
  struct told told = {0, 0, 0, 0, 0, true};
  for (size_t i = 0; i < line.count; i++) {
    struct catnap_packet p;
    if (catnap_receive(&r, line.bytes[i], &p) != CATNAP_RX_PACKET) continue;
    told.frames++;
    uint32_t rows = 0;
    if (p.type == CATNAP_SAMPLES) told.sampled += rows = catnap_get_u16(p.payload + 10);
    else if (p.type == CATNAP_SUMMARY) told.summarised += rows = catnap_get_u32(p.payload + 8);
    else if (p.type == CATNAP_OVERRUN) told.overrun += rows = catnap_get_u32(p.payload + 8);
    else continue;
    if (catnap_get_u32(p.payload + 4) != told.next_row) told.consecutive = false;
    told.next_row = catnap_get_u32(p.payload + 4) + rows;
  }
  return told;
}

static struct catnap_board_config pump_config(void) {
  const struct catnap_board_config config = {
      .device_id = "pump", .firmware = "test", .boot_id = 1, .channels = pump_channels, .channel_count = PUMP_CHANNELS,
      .format = CATNAP_I16, .rate_millihz = 100000, .max_rate_millihz = 1000000, .rows_per_frame = 10, .baud = 115200,
      .context = &line, .write = write_line};
  return config;
}

static void check_gate(void) {
  static struct catnap_board b;
  struct catnap_board_config config = pump_config();
  struct pump_sim pump;
  pump_init(&pump, 5);
  line.count = 0;
  expect(catnap_board_init(&b, &config), "gate", "init");
  catnap_board_gate(&b, true, 8 * 16, 0);
  int32_t row[PUMP_CHANNELS];
  for (uint32_t i = 0; i < 6000; i++) {
    if (i == 4000) pump_fault_to(&pump, PUMP_VALVE, 256, 8);
    if (i == 4200) pump_fault_to(&pump, PUMP_VALVE, 0, 8);
    pump_row(&pump, row);
    catnap_board_row(&b, row, i * 10000u);
  }
  catnap_board_flush(&b, 60000000u);
  const struct told told = read_line();
  expect(told.consecutive, "gate", "every row is told of once, in order");
  expect(told.sampled + told.summarised == 6000, "gate", "no row is left out");
  printf("gate: of 6,000 rows %u were sent and %u summarised, in %zu bytes\n", told.sampled, told.summarised, line.count);
  expect(told.summarised > 4000, "gate", "quiet rows are summarised");
  expect(told.sampled > 200, "gate", "what moves is sent in full, with what came before it");
}

static void check_budget(void) {
  static struct catnap_board b;
  struct catnap_board_config config = pump_config();
  config.rate_millihz = 1000000;
  expect(!catnap_board_init(&b, &config), "budget", "a stream over 80% of the line is refused");
  config.rate_millihz = 300000;
  expect(catnap_board_init(&b, &config), "budget", "one below it is taken");
  /* Four times the rate that was promised: the line's time is enforced although the UART would take it all. */
  line.count = 0;
  const int32_t row[PUMP_CHANNELS] = {0};
  for (uint32_t i = 0; i < 12000; i++) catnap_board_row(&b, row, i * 833u);
  expect(line.count <= 115200u + 2880u + 192u, "budget", "ten seconds carry ten seconds' bytes, a quarter of one in the backlog and the frame that reached it");
  const struct told told = read_line();
  expect(told.consecutive && told.overrun > 0, "budget", "what did not fit is reported to the row");
}

static void check_blocked(void) {
  static struct catnap_board b;
  struct catnap_board_config config = pump_config();
  line.count = 0;
  expect(catnap_board_init(&b, &config), "blocked", "init");
  const int32_t row[PUMP_CHANNELS] = {0};
  for (uint32_t i = 0; i < 1000; i++) {
    line.blocked = i >= 300 && i < 555;
    catnap_board_row(&b, row, i * 10000u);
  }
  catnap_board_flush(&b, 10000000u);
  const struct told told = read_line();
  expect(told.consecutive, "blocked", "rows go on behind the overrun");
  expect(told.overrun == 250 && told.sampled == 750, "blocked", "the overrun counts the rows of the refused frames");
}

int main(void) {
  check_wire_vectors();
  check_line_vectors();
  check_dialogue();
  check_damage();
  check_gate();
  check_budget();
  check_blocked();
  check_mutations();
  check_noise();
  printf("%u checks hold\n", checks);
  return 0;
}
