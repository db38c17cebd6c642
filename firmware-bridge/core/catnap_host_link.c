/* What a board does with the host's packets: every one but a hello request is answered by an ack, a nack or a pong. */
#include "catnap_board_internal.h"

#include <string.h>

#define CONFIGURE_BYTES 8u
#define GATE_LEAVE 0xFFFFu

static void acknowledge(struct catnap_board *b, const struct catnap_packet *p, uint64_t now_us) {
  struct catnap_writer w = catnap_packet_begin(b, CATNAP_ACK, now_us);
  catnap_put_u8(&w, p->type);
  catnap_put_u16(&w, p->sequence);
  catnap_packet_send(b, &w, now_us);
}

static void refuse(struct catnap_board *b, const struct catnap_packet *p, uint8_t code, const char *why,
                   uint64_t now_us) {
  struct catnap_writer w = catnap_packet_begin(b, CATNAP_NACK, now_us);
  catnap_put_u8(&w, p->type);
  catnap_put_u16(&w, p->sequence);
  catnap_put_u8(&w, code);
  catnap_put_string(&w, why);
  catnap_packet_send(b, &w, now_us);
}

/* All or nothing: a refused configuration changes no field. */
static void configure(struct catnap_board *b, const struct catnap_packet *p, uint64_t now_us) {
  if (p->payload_bytes != CONFIGURE_BYTES) {
    refuse(b, p, CATNAP_NACK_MALFORMED, "configure takes 8 bytes", now_us);
    return;
  }
  struct catnap_board_config *c = &b->config;
  const uint32_t asked_rate = catnap_get_u32(p->payload);
  const uint16_t asked_rows = catnap_get_u16(p->payload + 4);
  const uint16_t gate_16ths = catnap_get_u16(p->payload + 6);
  const uint32_t rate = asked_rate == 0 ? c->rate_millihz : asked_rate;
  const uint16_t rows = asked_rows == 0 ? c->rows_per_frame : asked_rows;
  if (rate > c->max_rate_millihz || rows > catnap_rows_fitting(b)) {
    refuse(b, p, CATNAP_NACK_OUT_OF_RANGE, "rate or rows per frame out of range", now_us);
    return;
  }
  if (!catnap_within_budget(c, rate, rows)) {
    refuse(b, p, CATNAP_NACK_OVER_BUDGET, "over 80% of the line", now_us);
    return;
  }
  if (rate != c->rate_millihz && (c->set_rate == NULL || !c->set_rate(c->context, rate))) {
    refuse(b, p, CATNAP_NACK_REFUSED, "the rate is fixed", now_us);
    return;
  }
  catnap_board_flush(b, now_us);
  c->rate_millihz = rate;
  c->rows_per_frame = rows;
  if (gate_16ths != GATE_LEAVE) catnap_board_gate(b, gate_16ths != 0, gate_16ths, now_us);
  catnap_session_update(b);
  acknowledge(b, p, now_us);
  catnap_board_hello(b, now_us);
}

static void pong(struct catnap_board *b, const struct catnap_packet *p, uint64_t now_us) {
  if (p->payload_bytes != 4) {
    refuse(b, p, CATNAP_NACK_MALFORMED, "ping takes 4 bytes", now_us);
    return;
  }
  struct catnap_writer w = catnap_packet_begin(b, CATNAP_PONG, now_us);
  catnap_put_bytes(&w, p->payload, 4);
  catnap_put_u32(&w, b->session);
  catnap_put_u32(&w, b->next_row);
  catnap_put_u32(&w, b->rows_overrun);
  catnap_packet_send(b, &w, now_us);
}

static void command(struct catnap_board *b, const struct catnap_packet *p, uint64_t now_us) {
  const struct catnap_board_config *c = &b->config;
  if (p->payload_bytes == 0 || (size_t)p->payload[0] + 1u != p->payload_bytes) {
    refuse(b, p, CATNAP_NACK_MALFORMED, "command takes one string", now_us);
    return;
  }
  if (c->command != NULL && c->command(c->context, (const char *)p->payload + 1, p->payload[0])) acknowledge(b, p, now_us);
  else refuse(b, p, CATNAP_NACK_REFUSED, "unknown command", now_us);
}

static void handle(struct catnap_board *b, const struct catnap_packet *p, uint64_t now_us) {
  switch (p->type) {
    case CATNAP_HELLO_REQUEST: catnap_board_hello(b, now_us); break;
    case CATNAP_CONFIGURE: configure(b, p, now_us); break;
    case CATNAP_PING: pong(b, p, now_us); break;
    case CATNAP_COMMAND: command(b, p, now_us); break;
    default: refuse(b, p, CATNAP_NACK_UNKNOWN_TYPE, "unknown type", now_us); break;
  }
}

void catnap_board_receive(struct catnap_board *b, const uint8_t *bytes, size_t count, uint64_t now_us) {
  for (size_t i = 0; i < count; i++) {
    struct catnap_packet packet;
    switch (catnap_receive(&b->receiver, bytes[i], &packet)) {
      case CATNAP_RX_PACKET: handle(b, &packet, now_us); break;
      case CATNAP_RX_OTHER_VERSION: refuse(b, &packet, CATNAP_NACK_VERSION, "this board speaks version 1", now_us); break;
      default: break;
    }
  }
}
