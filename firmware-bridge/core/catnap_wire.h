/*
 * The wire format of PROTOCOL.md: COBS framing, CRC-32, little-endian packets.
 * Portable C99; no allocation, nothing of libc but string.h.
 */
#ifndef CATNAP_WIRE_H
#define CATNAP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CATNAP_VERSION 1u
#define CATNAP_HEADER_BYTES 12u
#define CATNAP_CRC_BYTES 4u
/* Longest frame on the line, its delimiter included. */
#define CATNAP_FRAME_CAP 4096u
/* Longest packet whose frame still fits: 4078 + 17 code bytes + 1 delimiter. */
#define CATNAP_PACKET_CAP 4078u
#define CATNAP_CHANNEL_CAP 64u

/* Board to host below 0x40, host to board above. */
enum catnap_type {
  CATNAP_HELLO = 0x01,
  CATNAP_SAMPLES = 0x02,
  CATNAP_SUMMARY = 0x03,
  CATNAP_OVERRUN = 0x04,
  CATNAP_LOG = 0x05,
  CATNAP_ACK = 0x06,
  CATNAP_NACK = 0x07,
  CATNAP_PONG = 0x08,
  CATNAP_HELLO_REQUEST = 0x41,
  CATNAP_CONFIGURE = 0x42,
  CATNAP_PING = 0x43,
  CATNAP_COMMAND = 0x44
};

enum catnap_format { CATNAP_I16 = 1, CATNAP_I32 = 2 };

/* A missing value: the most negative number of the format. */
#define CATNAP_MISSING_I16 INT16_MIN
#define CATNAP_MISSING INT32_MIN

/* Bytes COBS needs for n bytes, without the delimiter. */
#define CATNAP_COBS_BOUND(n) ((n) + (n) / 254u + 1u)

/* CRC-32/ISO-HDLC: polynomial 0x04C11DB7 reflected, initial value and final XOR 0xFFFFFFFF. */
uint32_t catnap_crc32(const uint8_t *data, size_t bytes);

/*
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999). `out` holds CATNAP_COBS_BOUND(bytes); it may
 * be the same buffer as `in` when `in` starts at least bytes / 254 + 1 behind `out`. Returns the bytes written.
 */
size_t catnap_cobs_encode(const uint8_t *in, size_t bytes, uint8_t *out);

/* The reverse; `out` may be `in`. Returns the bytes written, or -1 when `in` is no COBS. */
long catnap_cobs_decode(const uint8_t *in, size_t bytes, uint8_t *out);

/* Writes little-endian fields into a buffer; past its end it only sets `overflow`. */
struct catnap_writer {
  uint8_t *data;
  size_t cap;
  size_t length;
  bool overflow;
};

void catnap_put_u8(struct catnap_writer *w, uint8_t value);
void catnap_put_u16(struct catnap_writer *w, uint16_t value);
void catnap_put_u32(struct catnap_writer *w, uint32_t value);
void catnap_put_u64(struct catnap_writer *w, uint64_t value);
void catnap_put_f32(struct catnap_writer *w, float value);
/* One length byte, then at most 255 bytes of UTF-8. */
void catnap_put_string(struct catnap_writer *w, const char *text);
void catnap_put_bytes(struct catnap_writer *w, const void *data, size_t bytes);
void catnap_put_header(struct catnap_writer *w, uint8_t type, uint16_t sequence, uint64_t time_us);

uint16_t catnap_get_u16(const uint8_t *data);
uint32_t catnap_get_u32(const uint8_t *data);
uint64_t catnap_get_u64(const uint8_t *data);
float catnap_get_f32(const uint8_t *data);

/*
 * Appends the CRC to the packet of `bytes` bytes that stands at `buffer + packet_offset` and stuffs
 * it in place, so that the frame with its delimiter stands at `buffer`. Returns the frame's length.
 */
size_t catnap_frame_in_place(uint8_t *buffer, size_t packet_offset, size_t bytes);

/* Where a packet of at most `cap` bytes (CRC included) has to stand for catnap_frame_in_place. */
#define CATNAP_FRAME_SLACK(cap) ((cap) / 254u + 1u)
/* Size of a buffer that frames packets of at most `cap` bytes (CRC included). */
#define CATNAP_FRAME_BUFFER(cap) ((cap) + CATNAP_FRAME_SLACK(cap) + 1u)

/* What one byte did to a receiver. */
enum catnap_received {
  CATNAP_RX_NONE,
  CATNAP_RX_PACKET,
  CATNAP_RX_BAD_COBS,
  CATNAP_RX_TOO_SHORT,
  CATNAP_RX_BAD_CRC,
  CATNAP_RX_OTHER_VERSION,
  CATNAP_RX_OVERSIZE
};

/* Collects one frame at a time into a buffer of the caller's. */
struct catnap_receiver {
  uint8_t *buffer;
  size_t cap;
  size_t length;
  bool oversize;
};

/* After CATNAP_RX_PACKET and CATNAP_RX_OTHER_VERSION the packet stands in `buffer`, its CRC cut off. */
struct catnap_packet {
  uint8_t version;
  uint8_t type;
  uint16_t sequence;
  uint64_t time_us;
  const uint8_t *payload;
  size_t payload_bytes;
};

void catnap_receiver_init(struct catnap_receiver *r, uint8_t *buffer, size_t cap);
enum catnap_received catnap_receive(struct catnap_receiver *r, uint8_t byte, struct catnap_packet *packet);

#endif
