/* Sixteen channels at 1,000 frames a second: value = (row * 7 + channel * 1000) mod 30,000, so that a host can check every one. */
#include "board.h"

#define RAMP_CHANNELS 16u

static const struct catnap_channel channels[RAMP_CHANNELS] = {
    {"c0", "", 1, 0}, {"c1", "", 1, 0}, {"c2", "", 1, 0}, {"c3", "", 1, 0}, {"c4", "", 1, 0}, {"c5", "", 1, 0},
    {"c6", "", 1, 0}, {"c7", "", 1, 0}, {"c8", "", 1, 0}, {"c9", "", 1, 0}, {"c10", "", 1, 0}, {"c11", "", 1, 0},
    {"c12", "", 1, 0}, {"c13", "", 1, 0}, {"c14", "", 1, 0}, {"c15", "", 1, 0}};

static uint32_t row;

const struct catnap_board_config program_config = {
    .device_id = "ramp-mps2", .firmware = "catnap-bridge 0.1.0", .channels = channels, .channel_count = RAMP_CHANNELS,
    .format = CATNAP_I16, .rate_millihz = 1000000, .max_rate_millihz = 1000000, .rows_per_frame = 1, .baud = 921600};

void program_start(void) { row = 0; }

void program_row(int32_t *values) {
  for (uint32_t c = 0; c < RAMP_CHANNELS; c++) values[c] = (int32_t)((row * 7u + c * 1000u) % 30000u);
  row++;
}

bool program_command(const char *text, size_t bytes) {
  (void)text;
  (void)bytes;
  return false;
}
