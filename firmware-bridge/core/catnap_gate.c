/*
 * The cascade's first stage on the microcontroller. While nothing moves, rows go through a pre-roll ring; what
 * falls out of it is summarised. When a channel leaves its band the ring is sent at full rate, and every row
 * after it until all channels have been quiet for a while. Each row is in exactly one samples, summary or
 * overrun frame.
 */
#include "catnap_board_internal.h"

#include <string.h>

#if CATNAP_BOARD_PREROLL_BYTES > 0

/* Exponential weights of 1/64 (mean) and 1/128 (deviation): slow enough that a fault does not teach itself away before it is seen. */
#define MEAN_SHIFT 6
#define DEVIATION_SHIFT 7
/* Sixteen times slower while the gate is open: a fault stays one as long as a person would call it that. */
#define OPEN_SHIFT 4
/* Below this many rows the means are not believed, and everything is sent. */
#define WARM_ROWS 128u
/* Rows a gate stays open after the last one that moved. */
#define HOLD_ROWS 64u
/* Rows a summary covers at most. */
#define SUMMARY_ROWS 600u
/* A channel that never moves (a stuck or very clean one) still has a band of this many raw units, in 1/256. */
#define DEVIATION_FLOOR 256

static size_t value_bytes(const struct catnap_board *b) { return b->config.format == CATNAP_I16 ? 2u : 4u; }

static int32_t wire_value(const struct catnap_board *b, const uint8_t *wire_row, uint8_t channel) {
  if (b->config.format == CATNAP_I32) return (int32_t)catnap_get_u32(wire_row + 4u * channel);
  const int16_t value = (int16_t)catnap_get_u16(wire_row + 2u * channel);
  return value == CATNAP_MISSING_I16 ? CATNAP_MISSING : value;
}

static int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

/* True when a channel left its band. The band follows the signal slowly, and slower while the gate is open. */
static bool row_moves(struct catnap_board *b, const uint8_t *wire_row) {
  struct catnap_gate *g = &b->gate;
  const bool warm = g->rows_seen >= WARM_ROWS;
  const int slower = warm && g->open ? OPEN_SHIFT : 0;
  bool moves = !warm;
  for (uint8_t i = 0; i < b->config.channel_count; i++) {
    const int32_t raw = wire_value(b, wire_row, i);
    if (raw == CATNAP_MISSING) continue;
    struct catnap_gate_channel *c = &g->channels[i];
    const int64_t value = (int64_t)raw * 256;
    if (g->rows_seen == 0) c->mean = value;
    const int64_t away = value - c->mean;
    const int64_t band = c->deviation > DEVIATION_FLOOR ? c->deviation : DEVIATION_FLOOR;
    if (warm && magnitude(away) * 16 > band * g->threshold_16ths) moves = true;
    c->mean += away / (1 << (MEAN_SHIFT + slower));
    c->deviation += (magnitude(away) - c->deviation) / (1 << (DEVIATION_SHIFT + slower));
  }
  if (!warm) g->rows_seen++;
  return moves;
}

static void clear_summary(struct catnap_board *b, uint32_t first_row) {
  struct catnap_gate *g = &b->gate;
  g->summary_first = first_row;
  g->summary_rows = 0;
  for (uint8_t i = 0; i < b->config.channel_count; i++) {
    struct catnap_gate_channel *c = &g->channels[i];
    c->min = INT32_MAX;
    c->max = INT32_MIN;
    c->sum = 0;
    c->squares = 0;
    c->present = 0;
  }
}

static void send_summary(struct catnap_board *b, uint64_t now_us) {
  struct catnap_gate *g = &b->gate;
  if (g->summary_rows == 0) return;
  struct catnap_writer w = catnap_packet_begin(b, CATNAP_SUMMARY, now_us);
  catnap_put_u32(&w, b->session);
  catnap_put_u32(&w, g->summary_first);
  catnap_put_u32(&w, g->summary_rows);
  catnap_put_u8(&w, b->config.channel_count);
  for (uint8_t i = 0; i < b->config.channel_count; i++) {
    const struct catnap_gate_channel *c = &g->channels[i];
    const int64_t mean = c->present == 0 ? CATNAP_MISSING : c->sum / (int64_t)c->present;
    catnap_put_u32(&w, (uint32_t)(c->present == 0 ? CATNAP_MISSING : c->min));
    catnap_put_u32(&w, (uint32_t)(c->present == 0 ? CATNAP_MISSING : c->max));
    catnap_put_u32(&w, (uint32_t)(int32_t)mean);
    catnap_put_f32(&w, c->present == 0 ? 0.0f : c->squares / (float)c->present);
  }
  catnap_packet_send(b, &w, now_us);
  clear_summary(b, g->summary_first + g->summary_rows);
}

static uint16_t ring_capacity(const struct catnap_board *b) {
  return (uint16_t)(CATNAP_BOARD_PREROLL_BYTES / (value_bytes(b) * b->config.channel_count));
}

static uint8_t *ring_row(struct catnap_board *b, uint16_t age) {
  const uint16_t at = (uint16_t)((b->gate.ring_head + age) % ring_capacity(b));
  return b->gate.ring + (size_t)at * value_bytes(b) * b->config.channel_count;
}

static void summarise(struct catnap_board *b, const uint8_t *wire_row, uint32_t row) {
  struct catnap_gate *g = &b->gate;
  if (g->summary_rows == 0) clear_summary(b, row);
  for (uint8_t i = 0; i < b->config.channel_count; i++) {
    const int32_t raw = wire_value(b, wire_row, i);
    if (raw == CATNAP_MISSING) continue;
    struct catnap_gate_channel *c = &g->channels[i];
    if (raw < c->min) c->min = raw;
    if (raw > c->max) c->max = raw;
    c->sum += raw;
    const float away = (float)((int64_t)raw * 256 - c->mean) / 256.0f;
    c->squares += away * away;
    c->present++;
  }
  g->summary_rows++;
}

/* Sends the ring's rows, oldest first, in frames as long as they may be: many short ones would not fit the line's budget. Their times follow from the rate. */
static void drain_ring(struct catnap_board *b, uint32_t next_row, uint64_t now_us) {
  struct catnap_gate *g = &b->gate;
  const uint32_t first = next_row - g->ring_rows;
  const uint64_t period_us = 1000000000u / b->config.rate_millihz;
  for (uint16_t k = 0; k < g->ring_rows; k++) {
    const uint64_t back_us = (uint64_t)(g->ring_rows - k) * period_us;
    catnap_batch_row(b, ring_row(b, k), first + k, now_us > back_us ? now_us - back_us : 0, catnap_rows_fitting(b), now_us);
  }
  catnap_batch_send(b, now_us);
  g->ring_rows = 0;
  g->ring_head = 0;
}

static void hold_row(struct catnap_board *b, const uint8_t *wire_row, uint32_t row, uint64_t now_us) {
  struct catnap_gate *g = &b->gate;
  if (g->ring_rows == ring_capacity(b)) {
    summarise(b, ring_row(b, 0), row - g->ring_rows);
    g->ring_head = (uint16_t)((g->ring_head + 1u) % ring_capacity(b));
    g->ring_rows--;
    if (g->summary_rows >= SUMMARY_ROWS) send_summary(b, now_us);
  }
  memcpy(ring_row(b, g->ring_rows), wire_row, value_bytes(b) * b->config.channel_count);
  g->ring_rows++;
}

void catnap_gate_row(struct catnap_board *b, const uint8_t *wire_row, uint32_t row, uint64_t now_us) {
  struct catnap_gate *g = &b->gate;
  if (row_moves(b, wire_row)) {
    if (!g->open) {
      send_summary(b, now_us);
      drain_ring(b, row, now_us);
    }
    g->open = true;
    g->open_rows_left = HOLD_ROWS;
  } else if (g->open && --g->open_rows_left == 0) {
    g->open = false;
    /* The rows told of in full come before the summary of those behind them. */
    catnap_batch_send(b, now_us);
  }
  if (g->open) catnap_batch_row(b, wire_row, row, now_us, b->config.rows_per_frame, now_us);
  else hold_row(b, wire_row, row, now_us);
}

void catnap_gate_flush(struct catnap_board *b, uint64_t now_us) {
  if (!b->gate.enabled) return;
  send_summary(b, now_us);
  drain_ring(b, b->next_row, now_us);
}

void catnap_board_gate(struct catnap_board *b, bool enabled, uint16_t threshold_16ths, uint64_t now_us) {
  catnap_board_flush(b, now_us);
  memset(&b->gate, 0, sizeof b->gate);
  b->gate.enabled = enabled;
  b->gate.threshold_16ths = threshold_16ths;
  clear_summary(b, b->next_row);
  catnap_session_update(b);
}

#else

void catnap_gate_row(struct catnap_board *b, const uint8_t *wire_row, uint32_t row, uint64_t now_us) {
  catnap_batch_row(b, wire_row, row, now_us, b->config.rows_per_frame, now_us);
}

void catnap_gate_flush(struct catnap_board *b, uint64_t now_us) {
  (void)b;
  (void)now_us;
}

void catnap_board_gate(struct catnap_board *b, bool enabled, uint16_t threshold_16ths, uint64_t now_us) {
  (void)b;
  (void)enabled;
  (void)threshold_16ths;
  (void)now_us;
}

#endif
