/* Shared by the core's own files; ports include catnap_board.h. */
#ifndef CATNAP_BOARD_INTERNAL_H
#define CATNAP_BOARD_INTERNAL_H

#include "catnap_board.h"

bool catnap_within_budget(const struct catnap_board_config *c, uint32_t rate_millihz, uint16_t rows_per_frame);
uint16_t catnap_rows_fitting(const struct catnap_board *b);
bool catnap_session_update(struct catnap_board *b);

struct catnap_writer catnap_packet_begin(struct catnap_board *b, uint8_t type, uint64_t time_us);
bool catnap_packet_send(struct catnap_board *b, const struct catnap_writer *w, uint64_t now_us);

/* Adds a row sampled at `time_us` to the batch, and sends that once it holds `frame_rows`. */
void catnap_batch_row(struct catnap_board *b, const uint8_t *wire_row, uint32_t row, uint64_t time_us, uint16_t frame_rows,
                      uint64_t now_us);

/* Sends the rows batched so far, few as they may be. */
void catnap_batch_send(struct catnap_board *b, uint64_t now_us);

void catnap_gate_row(struct catnap_board *b, const uint8_t *wire_row, uint32_t row, uint64_t now_us);
/* Sends the running summary and every row held back. */
void catnap_gate_flush(struct catnap_board *b, uint64_t now_us);

#endif
