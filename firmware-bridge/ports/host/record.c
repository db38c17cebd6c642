/*
 * Makes a recording: a simulated pump or motor through the real core, written as the bytes a serial line would carry.
 * The same script gives the same bytes on every machine.
 *
 *   record SCRIPT OUT
 *
 * A script line is `ROW ACTION [ARGUMENTS]`, rows ascending; `#` begins a comment. Actions:
 *   machine pump|motor   which is simulated; the pump where none is named
 *   rate HZ | rows-per-frame N | seed N | baud N | device ID | boot N   before row 0 only
 *   fault NAME LEVEL RAMP_ROWS   level 0 to 256; of the pump valve, bearing, cavitation, of the motor spall, imbalance
 *   missing CHANNEL 0|1          a channel of the pump gives no value
 *   stuck CHANNEL 0|1            a channel of the pump repeats its last value
 *   gate THRESHOLD_16THS         the on-board gate, 0 = off
 *   overrun ROWS                 rows the board did not sample
 *   lose FRAMES                  frames that vanish on the line
 *   garbage BYTES                noise on the line
 *   flip FRAMES                  one bit of each of the next frames is wrong
 *   cut BYTES                    the next frame loses its last bytes, its delimiter among them
 *   reset                        the board boots anew
 *   log TEXT                     a log line
 *   end                          nothing after it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catnap_board.h"
#include "motor_sim.h"
#include "pump_sim.h"

struct recorder {
  FILE *out;
  struct catnap_board board;
  struct catnap_board_config config;
  bool is_motor;
  struct pump_sim pump;
  struct motor_sim motor;
  char device_id[64];
  uint32_t seed;
  uint64_t row;
  uint64_t boot_row;
  uint32_t lose;
  uint32_t flip;
  uint32_t cut;
  uint32_t noise;
};

static uint8_t noise_byte(struct recorder *r) {
  r->noise = r->noise * 1664525u + 1013904223u; /* Numerical Recipes' LCG */
  return (uint8_t)(r->noise >> 24);
}

static bool write_line(void *context, const uint8_t *bytes, size_t count) {
  struct recorder *r = context;
  if (r->lose > 0) {
    r->lose--;
    return true;
  }
  uint8_t copy[CATNAP_FRAME_CAP];
  memcpy(copy, bytes, count);
  if (r->flip > 0) {
    r->flip--;
    copy[count / 2] ^= 0x10;
  }
  if (r->cut > 0) {
    count = r->cut < count ? count - r->cut : 0;
    r->cut = 0;
  }
  return fwrite(copy, 1, count, r->out) == count;
}

static uint64_t now_us(const struct recorder *r) {
  return (r->row - r->boot_row) * 1000000000u / r->config.rate_millihz;
}

static void boot(struct recorder *r) {
  r->boot_row = r->row;
  if (!catnap_board_init(&r->board, &r->config)) {
    fprintf(stderr, "record: the board's description does not fit: too many rows a frame, or over the line's budget\n");
    exit(65);
  }
  catnap_board_hello(&r->board, 0);
}

static void set_mask(uint32_t *mask, const char *name, bool on) {
  for (uint32_t i = 0; i < PUMP_CHANNELS; i++) {
    if (strcmp(pump_channels[i].name, name) == 0) *mask = on ? *mask | (1u << i) : *mask & ~(1u << i);
  }
}

static bool describe(struct recorder *r, const char *action, const char *argument) {
  if (strcmp(action, "machine") == 0 && strcmp(argument, "motor") == 0) {
    r->is_motor = true;
    r->config.channels = motor_channels;
    r->config.channel_count = MOTOR_CHANNELS;
    r->config.max_rate_millihz = r->config.rate_millihz = MOTOR_RATE_MILLIHZ;
  } else if (strcmp(action, "machine") == 0 && strcmp(argument, "pump") == 0) r->is_motor = false;
  else if (strcmp(action, "rate") == 0) r->config.rate_millihz = (uint32_t)(strtod(argument, NULL) * 1000.0 + 0.5);
  else if (strcmp(action, "rows-per-frame") == 0) r->config.rows_per_frame = (uint16_t)strtoul(argument, NULL, 10);
  else if (strcmp(action, "seed") == 0) r->seed = (uint32_t)strtoul(argument, NULL, 10);
  else if (strcmp(action, "baud") == 0) r->config.baud = (uint32_t)strtoul(argument, NULL, 10);
  else if (strcmp(action, "boot") == 0) r->config.boot_id = (uint32_t)strtoul(argument, NULL, 10);
  else if (strcmp(action, "device") == 0) snprintf(r->device_id, sizeof r->device_id, "%s", argument);
  else return false;
  return true;
}

static bool act(struct recorder *r, const char *action, const char *name, long a, long b) {
  const int fault = r->is_motor ? motor_fault_named(name, strlen(name)) : pump_fault_named(name, strlen(name));
  const long number = strtol(name, NULL, 10);
  if (strcmp(action, "fault") == 0 && fault >= 0 && r->is_motor)
    motor_fault_to(&r->motor, (enum motor_fault)fault, (int32_t)a, (int32_t)b);
  else if (strcmp(action, "fault") == 0 && fault >= 0) pump_fault_to(&r->pump, (enum pump_fault)fault, (int32_t)a, (int32_t)b);
  else if (strcmp(action, "missing") == 0) set_mask(&r->pump.missing_mask, name, a != 0);
  else if (strcmp(action, "stuck") == 0) set_mask(&r->pump.stuck_mask, name, a != 0);
  else if (strcmp(action, "gate") == 0) {
    catnap_board_gate(&r->board, number != 0, (uint16_t)number, now_us(r));
    catnap_board_hello(&r->board, now_us(r));
  }
  else if (strcmp(action, "lose") == 0) r->lose = (uint32_t)number;
  else if (strcmp(action, "flip") == 0) r->flip = (uint32_t)number;
  else if (strcmp(action, "cut") == 0) r->cut = (uint32_t)number;
  else if (strcmp(action, "log") == 0) catnap_board_log(&r->board, CATNAP_LOG_INFO, name, now_us(r));
  else if (strcmp(action, "garbage") == 0) {
    for (long i = 0; i < number; i++) fputc(noise_byte(r), r->out);
  } else if (strcmp(action, "overrun") == 0) {
    catnap_board_skip(&r->board, (uint32_t)number, now_us(r));
    r->row += (uint64_t)number;
  } else if (strcmp(action, "reset") == 0) {
    r->config.boot_id++;
    boot(r);
  } else return false;
  return true;
}

static void sample_until(struct recorder *r, uint64_t row) {
  for (; r->row < row; r->row++) {
    int32_t values[PUMP_CHANNELS];
    if (r->is_motor) motor_row(&r->motor, values);
    else pump_row(&r->pump, values);
    catnap_board_row(&r->board, values, now_us(r));
  }
}

static int run(struct recorder *r, FILE *script, const char *script_name) {
  char text[256];
  bool booted = false;
  for (unsigned line = 1; fgets(text, sizeof text, script) != NULL; line++) {
    unsigned long row = 0;
    char action[32] = "", name[64] = "";
    long a = 0, b = 0;
    if (text[0] == '#' || sscanf(text, "%lu %31s %63s %ld %ld", &row, action, name, &a, &b) < 2) continue;
    if (!booted && describe(r, action, name)) continue;
    if (!booted) {
      pump_init(&r->pump, r->seed);
      motor_init(&r->motor, r->seed);
      boot(r);
      booted = true;
    }
    sample_until(r, row);
    if (strcmp(action, "end") == 0) {
      catnap_board_flush(&r->board, now_us(r));
      return 0;
    }
    if (!act(r, action, name, a, b)) {
      fprintf(stderr, "record: %s line %u: unknown action or argument: %s", script_name, line, text);
      return 65;
    }
  }
  fprintf(stderr, "record: %s has no `end`\n", script_name);
  return 65;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: record SCRIPT OUT\n");
    return 64;
  }
  static struct recorder r;
  snprintf(r.device_id, sizeof r.device_id, "pump-sim");
  r.seed = 1;
  r.noise = 1;
  r.config = (struct catnap_board_config){.device_id = r.device_id,
                                          .firmware = "catnap-bridge 0.1.0",
                                          .boot_id = 1,
                                          .channels = pump_channels,
                                          .channel_count = PUMP_CHANNELS,
                                          .format = CATNAP_I16,
                                          .rate_millihz = 1000,
                                          .max_rate_millihz = 1000000,
                                          .rows_per_frame = 1,
                                          .baud = 115200,
                                          .context = &r,
                                          .write = write_line};
  FILE *script = fopen(argv[1], "r");
  if (script == NULL) {
    perror(argv[1]);
    return 66;
  }
  r.out = fopen(argv[2], "wb");
  if (r.out == NULL) {
    perror(argv[2]);
    return 73;
  }
  const int status = run(&r, script, argv[1]);
  fclose(script);
  if (fclose(r.out) != 0) return 74;
  return status;
}
