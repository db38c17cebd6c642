/*
 * The board's side of the bridge: batches rows into frames, answers the host, keeps to the line's byte budget,
 * and, when asked to, gates on the board. Portable C99; no allocation, nothing of libc but string.h.
 *
 * Call everything from one context. A port gives rows, bytes and the time; the core gives frames to `write`.
 */
#ifndef CATNAP_BOARD_H
#define CATNAP_BOARD_H

#include "catnap_wire.h"

/* An 8-bit AVR has 2 KiB of RAM. */
#ifdef __AVR__
#define CATNAP_BOARD_PACKET_BYTES 192u
#define CATNAP_BOARD_RECEIVE_BYTES 64u
#define CATNAP_BOARD_PREROLL_BYTES 0u
#define CATNAP_BOARD_CHANNELS 4u
#endif

/* Longest packet a board builds, CRC included. Has to hold its hello: 43 bytes + ids + 10 and two strings a channel. */
#ifndef CATNAP_BOARD_PACKET_BYTES
#define CATNAP_BOARD_PACKET_BYTES 512u
#endif
/* Longest frame a board takes from its host, without the delimiter. */
#ifndef CATNAP_BOARD_RECEIVE_BYTES
#define CATNAP_BOARD_RECEIVE_BYTES 160u
#endif
/* Rows held back while the gate is quiet, in wire format. 0 leaves the gate out. */
#ifndef CATNAP_BOARD_PREROLL_BYTES
#define CATNAP_BOARD_PREROLL_BYTES 1024u
#endif
#ifndef CATNAP_BOARD_CHANNELS
#define CATNAP_BOARD_CHANNELS 16u
#endif

/* The share of the line a stream may plan for; the rest is for hellos, acks, logs and catching up. */
#define CATNAP_PLANNED_LINE_PERCENT 80u
/* A line further behind than this loses rows (reported as an overrun) instead of adding latency. */
#define CATNAP_LINE_BACKLOG_US 250000u
/* A hello is repeated this often, so that a capture begun anywhere can be read. */
#define CATNAP_HELLO_INTERVAL_US 60000000u

enum catnap_nack_code {
  CATNAP_NACK_MALFORMED = 1,
  CATNAP_NACK_UNKNOWN_TYPE = 2,
  CATNAP_NACK_VERSION = 3,
  CATNAP_NACK_OUT_OF_RANGE = 4,
  CATNAP_NACK_OVER_BUDGET = 5,
  CATNAP_NACK_REFUSED = 6
};

enum catnap_overrun_reason { CATNAP_OVERRUN_BUFFER = 1, CATNAP_OVERRUN_BUDGET = 2, CATNAP_OVERRUN_SAMPLING = 3 };

enum catnap_log_level { CATNAP_LOG_DEBUG = 0, CATNAP_LOG_INFO = 1, CATNAP_LOG_WARN = 2, CATNAP_LOG_ERROR = 3 };

struct catnap_channel {
  const char *name;
  const char *unit;
  /* value in `unit` = raw * scale + offset */
  float scale;
  float offset;
};

struct catnap_board_config {
  const char *device_id;
  const char *firmware;
  /* Different at every boot, so that the host can tell a reset from an unplugged cable. */
  uint32_t boot_id;
  const struct catnap_channel *channels;
  uint8_t channel_count;
  enum catnap_format format;
  uint32_t rate_millihz;
  /* What the host may configure. */
  uint32_t max_rate_millihz;
  uint16_t rows_per_frame;
  uint32_t baud;
  void *context;
  /* Takes all bytes of a frame or none. */
  bool (*write)(void *context, const uint8_t *bytes, size_t count);
  /* The host set another rate; false refuses. May be NULL: the rate is fixed. */
  bool (*set_rate)(void *context, uint32_t rate_millihz);
  /* A command of the host's, not ended by 0; false refuses. May be NULL. */
  bool (*command)(void *context, const char *text, size_t bytes);
};

/* On-board gate: one exponentially weighted mean and mean absolute deviation a channel, in 1/256 of a raw unit. */
struct catnap_gate_channel {
  int64_t mean;
  int64_t deviation;
  int32_t min;
  int32_t max;
  int64_t sum;
  float squares;
  uint32_t present;
};

struct catnap_gate {
  bool enabled;
  bool open;
  /* A row moves when a channel is further from its mean than this many deviations (in 1/16). */
  uint16_t threshold_16ths;
  uint32_t rows_seen;
  uint32_t open_rows_left;
  uint16_t ring_head;
  uint16_t ring_rows;
  uint32_t summary_first;
  uint32_t summary_rows;
  struct catnap_gate_channel channels[CATNAP_BOARD_CHANNELS];
#if CATNAP_BOARD_PREROLL_BYTES > 0
  uint8_t ring[CATNAP_BOARD_PREROLL_BYTES];
#endif
};

struct catnap_board {
  struct catnap_board_config config;
  uint32_t session;
  uint16_t sequence;
  uint32_t next_row;
  uint32_t batch_first;
  uint16_t batch_rows;
  uint64_t batch_time_us;
  uint64_t line_free_us;
  uint64_t next_hello_us;
  uint32_t overrun_first;
  uint32_t overrun_rows;
  uint8_t overrun_reason;
  /* Since boot, for pong. */
  uint32_t rows_overrun;
  uint32_t frames_refused;
  struct catnap_gate gate;
  struct catnap_receiver receiver;
  uint8_t receive_buffer[CATNAP_BOARD_RECEIVE_BYTES];
  uint8_t batch[CATNAP_BOARD_PACKET_BYTES];
  uint8_t frame[CATNAP_FRAME_BUFFER(CATNAP_BOARD_PACKET_BYTES)];
};

/* Worst-case bytes a second that a stream puts on the line, every frame stuffed and delimited. */
uint32_t catnap_stream_bytes_per_second(uint8_t channels, enum catnap_format format, uint32_t rate_millihz,
                                        uint16_t rows_per_frame);

/* False when the description does not fit: no channels, too many, a frame or hello over the packet size, or a stream over the line's budget. */
bool catnap_board_init(struct catnap_board *b, const struct catnap_board_config *config);

/* Says hello. Call once after init, and whenever the channels' description has changed. */
void catnap_board_hello(struct catnap_board *b, uint64_t now_us);

/* One row: a raw value a channel, CATNAP_MISSING where there is none. */
void catnap_board_row(struct catnap_board *b, const int32_t *values, uint64_t now_us);

/* Rows that the port could not sample in time. They keep their place on the sample clock. */
void catnap_board_skip(struct catnap_board *b, uint32_t rows, uint64_t now_us);

/* Sends what is batched, ready or not. */
void catnap_board_flush(struct catnap_board *b, uint64_t now_us);

/* Bytes from the host, in any portions. */
void catnap_board_receive(struct catnap_board *b, const uint8_t *bytes, size_t count, uint64_t now_us);

void catnap_board_log(struct catnap_board *b, enum catnap_log_level level, const char *text, uint64_t now_us);

/* Turns the on-board gate on or off; `threshold_16ths` is the multiple of the mean deviation, in 1/16. Say hello after it. */
void catnap_board_gate(struct catnap_board *b, bool enabled, uint16_t threshold_16ths, uint64_t now_us);

#endif
