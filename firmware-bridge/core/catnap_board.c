#include "catnap_board_internal.h"

#include <string.h>

#define SAMPLES_HEADER_BYTES 12u
#define FRAME_SLACK CATNAP_FRAME_SLACK(CATNAP_BOARD_PACKET_BYTES)

static size_t row_bytes(const struct catnap_board *b) {
  return (size_t)b->config.channel_count * (b->config.format == CATNAP_I16 ? 2u : 4u);
}

uint32_t catnap_stream_bytes_per_second(uint8_t channels, enum catnap_format format, uint32_t rate_millihz,
                                        uint16_t rows_per_frame) {
  const uint32_t values = (uint32_t)channels * rows_per_frame;
  const uint32_t packet = CATNAP_HEADER_BYTES + SAMPLES_HEADER_BYTES + values * (format == CATNAP_I16 ? 2u : 4u) +
                          CATNAP_CRC_BYTES;
  const uint64_t frame = (uint64_t)CATNAP_COBS_BOUND(packet) + 1u;
  const uint64_t per_1000_s = frame * rate_millihz / rows_per_frame;
  const uint64_t per_s = (per_1000_s + 999u) / 1000u;
  return per_s > UINT32_MAX ? UINT32_MAX : (uint32_t)per_s;
}

/* 8N1: ten bits a byte on the line. */
bool catnap_within_budget(const struct catnap_board_config *c, uint32_t rate_millihz, uint16_t rows_per_frame) {
  const uint32_t needed = catnap_stream_bytes_per_second(c->channel_count, c->format, rate_millihz, rows_per_frame);
  return needed <= (uint32_t)((uint64_t)c->baud / 10u * CATNAP_PLANNED_LINE_PERCENT / 100u);
}

struct catnap_writer catnap_packet_begin(struct catnap_board *b, uint8_t type, uint64_t time_us) {
  struct catnap_writer w = {b->frame + FRAME_SLACK, CATNAP_BOARD_PACKET_BYTES - CATNAP_CRC_BYTES, 0, false};
  catnap_put_header(&w, type, b->sequence, time_us);
  return w;
}

/* The line as a queue in time: what it still has to send decides whether rows may be added, never the UART's buffer alone. */
static uint64_t line_time_us(const struct catnap_board *b, size_t bytes) {
  return ((uint64_t)bytes * 10000000u + b->config.baud - 1u) / b->config.baud;
}

/* A refused frame leaves its number to the next one: a hole in the numbers means loss on the line, nothing else. */
bool catnap_packet_send(struct catnap_board *b, const struct catnap_writer *w, uint64_t now_us) {
  if (w->overflow) return false;
  const size_t bytes = catnap_frame_in_place(b->frame, FRAME_SLACK, w->length);
  if (!b->config.write(b->config.context, b->frame, bytes)) return false;
  b->sequence++;
  if (b->line_free_us < now_us) b->line_free_us = now_us;
  b->line_free_us += line_time_us(b, bytes);
  return true;
}

/* The part of the hello that a session stands for; written alone to compute its CRC. */
static void put_description(const struct catnap_board *b, struct catnap_writer *w) {
  const struct catnap_board_config *c = &b->config;
  catnap_put_u32(w, c->boot_id);
  catnap_put_u32(w, c->rate_millihz);
  catnap_put_u32(w, c->baud);
  catnap_put_u16(w, c->rows_per_frame);
  catnap_put_u8(w, (uint8_t)c->format);
  catnap_put_u8(w, b->gate.enabled ? 1 : 0);
  catnap_put_u8(w, c->channel_count);
  catnap_put_string(w, c->device_id);
  catnap_put_string(w, c->firmware);
  for (uint8_t i = 0; i < c->channel_count; i++) {
    catnap_put_string(w, c->channels[i].name);
    catnap_put_string(w, c->channels[i].unit);
    catnap_put_f32(w, c->channels[i].scale);
    catnap_put_f32(w, c->channels[i].offset);
  }
}

/* True when the description fits a packet behind a header, the session and the next row. */
bool catnap_session_update(struct catnap_board *b) {
  const size_t before = CATNAP_HEADER_BYTES + 8u;
  struct catnap_writer w = {b->frame, CATNAP_BOARD_PACKET_BYTES - CATNAP_CRC_BYTES - before, 0, false};
  put_description(b, &w);
  b->session = catnap_crc32(w.data, w.length);
  return !w.overflow;
}

bool catnap_board_init(struct catnap_board *b, const struct catnap_board_config *config) {
  memset(b, 0, sizeof *b);
  b->config = *config;
  catnap_receiver_init(&b->receiver, b->receive_buffer, sizeof b->receive_buffer);
  if (config->channel_count == 0 || config->channel_count > CATNAP_BOARD_CHANNELS) return false;
  if (config->rows_per_frame == 0 || config->rate_millihz == 0 || config->baud == 0) return false;
  if (catnap_rows_fitting(b) < config->rows_per_frame) return false;
  if (!catnap_within_budget(config, config->rate_millihz, config->rows_per_frame)) return false;
  return catnap_session_update(b);
}

uint16_t catnap_rows_fitting(const struct catnap_board *b) {
  const size_t room = CATNAP_BOARD_PACKET_BYTES - CATNAP_HEADER_BYTES - SAMPLES_HEADER_BYTES - CATNAP_CRC_BYTES;
  return (uint16_t)(room / row_bytes(b));
}

void catnap_board_hello(struct catnap_board *b, uint64_t now_us) {
  struct catnap_writer w = catnap_packet_begin(b, CATNAP_HELLO, now_us);
  catnap_put_u32(&w, b->session);
  catnap_put_u32(&w, b->next_row);
  put_description(b, &w);
  catnap_packet_send(b, &w, now_us);
  b->next_hello_us = now_us + CATNAP_HELLO_INTERVAL_US;
}

static void report_overrun(struct catnap_board *b, uint64_t now_us) {
  if (b->overrun_rows == 0) return;
  struct catnap_writer w = catnap_packet_begin(b, CATNAP_OVERRUN, now_us);
  catnap_put_u32(&w, b->session);
  catnap_put_u32(&w, b->overrun_first);
  catnap_put_u32(&w, b->overrun_rows);
  catnap_put_u8(&w, b->overrun_reason);
  if (catnap_packet_send(b, &w, now_us)) b->overrun_rows = 0;
}

static void count_overrun(struct catnap_board *b, uint32_t first, uint32_t rows, uint8_t reason) {
  if (b->overrun_rows == 0) b->overrun_first = first;
  b->overrun_rows = first + rows - b->overrun_first;
  b->overrun_reason = reason;
  b->rows_overrun += rows;
}

void catnap_batch_send(struct catnap_board *b, uint64_t now_us) {
  if (b->batch_rows == 0) return;
  const uint16_t rows = b->batch_rows;
  b->batch_rows = 0;
  if (b->line_free_us > now_us + CATNAP_LINE_BACKLOG_US) {
    count_overrun(b, b->batch_first, rows, CATNAP_OVERRUN_BUDGET);
    return;
  }
  report_overrun(b, now_us);
  if (b->overrun_rows > 0) {
    /* An overrun the line would not take comes first: its rows and the ones after it stay one range. */
    count_overrun(b, b->batch_first, rows, CATNAP_OVERRUN_BUFFER);
    return;
  }
  struct catnap_writer w = catnap_packet_begin(b, CATNAP_SAMPLES, b->batch_time_us);
  catnap_put_u32(&w, b->session);
  catnap_put_u32(&w, b->batch_first);
  catnap_put_u8(&w, b->config.channel_count);
  catnap_put_u8(&w, (uint8_t)b->config.format);
  catnap_put_u16(&w, rows);
  catnap_put_bytes(&w, b->batch, rows * row_bytes(b));
  if (!catnap_packet_send(b, &w, now_us)) {
    b->frames_refused++;
    count_overrun(b, b->batch_first, rows, CATNAP_OVERRUN_BUFFER);
  }
}

void catnap_board_flush(struct catnap_board *b, uint64_t now_us) {
  catnap_gate_flush(b, now_us);
  catnap_batch_send(b, now_us);
  report_overrun(b, now_us);
}

/* Rows of a batch are consecutive: a row that does not follow on closes the batch before it. */
void catnap_batch_row(struct catnap_board *b, const uint8_t *wire_row, uint32_t row, uint64_t time_us, uint16_t frame_rows,
                      uint64_t now_us) {
  if (b->batch_rows > 0 && b->batch_first + b->batch_rows != row) catnap_batch_send(b, now_us);
  if (b->batch_rows == 0) {
    b->batch_first = row;
    b->batch_time_us = time_us;
  }
  memcpy(b->batch + b->batch_rows * row_bytes(b), wire_row, row_bytes(b));
  b->batch_rows++;
  if (b->batch_rows >= frame_rows) catnap_batch_send(b, now_us);
}

static int32_t clamp_i16(int32_t value) {
  if (value == CATNAP_MISSING) return CATNAP_MISSING_I16;
  if (value > INT16_MAX) return INT16_MAX;
  /* The most negative number means "missing". */
  return value <= INT16_MIN ? INT16_MIN + 1 : value;
}

void catnap_board_row(struct catnap_board *b, const int32_t *values, uint64_t now_us) {
  uint8_t wire_row[CATNAP_BOARD_CHANNELS * 4u];
  struct catnap_writer w = {wire_row, sizeof wire_row, 0, false};
  for (uint8_t i = 0; i < b->config.channel_count; i++) {
    if (b->config.format == CATNAP_I16) catnap_put_u16(&w, (uint16_t)clamp_i16(values[i]));
    else catnap_put_u32(&w, (uint32_t)values[i]);
  }
  if (now_us >= b->next_hello_us) catnap_board_hello(b, now_us);
  const uint32_t row = b->next_row++;
  if (b->gate.enabled) catnap_gate_row(b, wire_row, row, now_us);
  else catnap_batch_row(b, wire_row, row, now_us, b->config.rows_per_frame, now_us);
}

void catnap_board_skip(struct catnap_board *b, uint32_t rows, uint64_t now_us) {
  if (rows == 0) return;
  catnap_board_flush(b, now_us);
  count_overrun(b, b->next_row, rows, CATNAP_OVERRUN_SAMPLING);
  b->next_row += rows;
}

void catnap_board_log(struct catnap_board *b, enum catnap_log_level level, const char *text, uint64_t now_us) {
  struct catnap_writer w = catnap_packet_begin(b, CATNAP_LOG, now_us);
  catnap_put_u8(&w, (uint8_t)level);
  catnap_put_string(&w, text);
  catnap_packet_send(b, &w, now_us);
}
