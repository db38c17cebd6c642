/* The simulated pump as a board: eight channels at 100 Hz, ten rows a frame, 115,200 baud. */
#include "board.h"

#include <string.h>

#include "pump_sim.h"

static struct pump_sim pump;

const struct catnap_board_config program_config = {
    .device_id = "pump-mps2", .firmware = "catnap-bridge 0.1.0", .channels = pump_channels, .channel_count = PUMP_CHANNELS,
    .format = CATNAP_I16, .rate_millihz = 100000, .max_rate_millihz = 1000000, .rows_per_frame = 10, .baud = 115200};

void program_start(void) { pump_init(&pump, 1); }

void program_row(int32_t *values) { pump_row(&pump, values); }

/* `fault NAME` lets a fault come within ten rows, `clear NAME` lets it go. */
bool program_command(const char *text, size_t bytes) {
  const bool begins = bytes > 6 && memcmp(text, "fault ", 6) == 0;
  const bool ends = bytes > 6 && memcmp(text, "clear ", 6) == 0;
  if (!begins && !ends) return false;
  const int fault = pump_fault_named(text + 6, bytes - 6);
  if (fault < 0) return false;
  pump_fault_to(&pump, (enum pump_fault)fault, begins ? 256 : 0, 10);
  return true;
}
