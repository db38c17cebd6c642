#include "catnap_wire.h"

#include <string.h>

/* Nibble table: 64 bytes of flash instead of 1 KiB, half the speed of a byte table. */
static const uint32_t crc_nibble[16] = {
    0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
    0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu};

uint32_t catnap_crc32(const uint8_t *data, size_t bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t i = 0; i < bytes; i++) {
    crc ^= data[i];
    crc = (crc >> 4) ^ crc_nibble[crc & 15u];
    crc = (crc >> 4) ^ crc_nibble[crc & 15u];
  }
  return ~crc;
}

size_t catnap_cobs_encode(const uint8_t *in, size_t bytes, uint8_t *out) {
  size_t code_at = 0;
  size_t length = 1;
  uint8_t code = 1;
  for (size_t i = 0; i < bytes; i++) {
    const uint8_t byte = in[i];
    if (byte != 0) {
      out[length++] = byte;
      code++;
    }
    /* A full group at the very end needs no empty group behind it. */
    if (byte == 0 || (code == 0xFF && i + 1 < bytes)) {
      out[code_at] = code;
      code_at = length++;
      code = 1;
    }
  }
  out[code_at] = code;
  return length;
}

long catnap_cobs_decode(const uint8_t *in, size_t bytes, uint8_t *out) {
  size_t length = 0;
  size_t i = 0;
  while (i < bytes) {
    const uint8_t code = in[i++];
    if (code == 0 || (size_t)code - 1 > bytes - i) return -1;
    for (uint8_t k = 1; k < code; k++) {
      if (in[i] == 0) return -1;
      out[length++] = in[i++];
    }
    if (code != 0xFF && i < bytes) out[length++] = 0;
  }
  return (long)length;
}

void catnap_put_bytes(struct catnap_writer *w, const void *data, size_t bytes) {
  if (w->overflow || bytes > w->cap - w->length) {
    w->overflow = true;
    return;
  }
  memcpy(w->data + w->length, data, bytes);
  w->length += bytes;
}

void catnap_put_u8(struct catnap_writer *w, uint8_t value) { catnap_put_bytes(w, &value, 1); }

void catnap_put_u16(struct catnap_writer *w, uint16_t value) {
  catnap_put_u8(w, (uint8_t)(value & 0xFFu));
  catnap_put_u8(w, (uint8_t)(value >> 8));
}

void catnap_put_u32(struct catnap_writer *w, uint32_t value) {
  catnap_put_u16(w, (uint16_t)(value & 0xFFFFu));
  catnap_put_u16(w, (uint16_t)(value >> 16));
}

void catnap_put_u64(struct catnap_writer *w, uint64_t value) {
  catnap_put_u32(w, (uint32_t)(value & 0xFFFFFFFFu));
  catnap_put_u32(w, (uint32_t)(value >> 32));
}

void catnap_put_f32(struct catnap_writer *w, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  catnap_put_u32(w, bits);
}

void catnap_put_string(struct catnap_writer *w, const char *text) {
  size_t bytes = strlen(text);
  if (bytes > 255) bytes = 255;
  catnap_put_u8(w, (uint8_t)bytes);
  catnap_put_bytes(w, text, bytes);
}

void catnap_put_header(struct catnap_writer *w, uint8_t type, uint16_t sequence, uint64_t time_us) {
  catnap_put_u8(w, CATNAP_VERSION);
  catnap_put_u8(w, type);
  catnap_put_u16(w, sequence);
  catnap_put_u64(w, time_us);
}

uint16_t catnap_get_u16(const uint8_t *data) { return (uint16_t)(data[0] | ((uint16_t)data[1] << 8)); }

uint32_t catnap_get_u32(const uint8_t *data) {
  return (uint32_t)catnap_get_u16(data) | ((uint32_t)catnap_get_u16(data + 2) << 16);
}

uint64_t catnap_get_u64(const uint8_t *data) {
  return (uint64_t)catnap_get_u32(data) | ((uint64_t)catnap_get_u32(data + 4) << 32);
}

float catnap_get_f32(const uint8_t *data) {
  const uint32_t bits = catnap_get_u32(data);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

size_t catnap_frame_in_place(uint8_t *buffer, size_t packet_offset, size_t bytes) {
  uint8_t *packet = buffer + packet_offset;
  struct catnap_writer crc = {packet + bytes, CATNAP_CRC_BYTES, 0, false};
  catnap_put_u32(&crc, catnap_crc32(packet, bytes));
  const size_t stuffed = catnap_cobs_encode(packet, bytes + CATNAP_CRC_BYTES, buffer);
  buffer[stuffed] = 0;
  return stuffed + 1;
}

void catnap_receiver_init(struct catnap_receiver *r, uint8_t *buffer, size_t cap) {
  r->buffer = buffer;
  r->cap = cap;
  r->length = 0;
  r->oversize = false;
}

static enum catnap_received close_frame(struct catnap_receiver *r, size_t stuffed, struct catnap_packet *packet) {
  const long length = catnap_cobs_decode(r->buffer, stuffed, r->buffer);
  if (length < 0) return CATNAP_RX_BAD_COBS;
  if ((size_t)length < CATNAP_HEADER_BYTES + CATNAP_CRC_BYTES) return CATNAP_RX_TOO_SHORT;
  const size_t body = (size_t)length - CATNAP_CRC_BYTES;
  if (catnap_crc32(r->buffer, body) != catnap_get_u32(r->buffer + body)) return CATNAP_RX_BAD_CRC;
  packet->version = r->buffer[0];
  packet->type = r->buffer[1];
  packet->sequence = catnap_get_u16(r->buffer + 2);
  packet->time_us = catnap_get_u64(r->buffer + 4);
  packet->payload = r->buffer + CATNAP_HEADER_BYTES;
  packet->payload_bytes = body - CATNAP_HEADER_BYTES;
  return packet->version == CATNAP_VERSION ? CATNAP_RX_PACKET : CATNAP_RX_OTHER_VERSION;
}

enum catnap_received catnap_receive(struct catnap_receiver *r, uint8_t byte, struct catnap_packet *packet) {
  if (byte != 0) {
    if (r->length < r->cap) r->buffer[r->length++] = byte;
    else r->oversize = true;
    return CATNAP_RX_NONE;
  }
  const size_t stuffed = r->length;
  const bool oversize = r->oversize;
  r->length = 0;
  r->oversize = false;
  if (oversize) return CATNAP_RX_OVERSIZE;
  /* Two delimiters in a row: the sender is making sure that we are in step. */
  if (stuffed == 0) return CATNAP_RX_NONE;
  return close_frame(r, stuffed, packet);
}
