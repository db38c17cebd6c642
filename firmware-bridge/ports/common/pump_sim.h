/*
 * A simulated pump with eight slow channels. Integers only, so that a Cortex-M4 and a desktop give the same
 * rows. It stands in for real sensors in the host and QEMU ports; nothing in the core knows it.
 */
#ifndef CATNAP_PUMP_SIM_H
#define CATNAP_PUMP_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "catnap_board.h"

#define PUMP_CHANNELS 8u

enum pump_fault {
  PUMP_VALVE,      /* the outlet valve closes: less flow, more outlet pressure, less current */
  PUMP_BEARING,    /* a bearing wears: vibration in bursts, a hotter motor, rippling current */
  PUMP_CAVITATION, /* the inlet starves: low inlet pressure, flow and vibration restless */
  PUMP_FAULTS
};

extern const struct catnap_channel pump_channels[PUMP_CHANNELS];

struct pump_sim {
  uint32_t random;
  uint32_t row;
  /* How far each fault has come and where it is going, 0 to 256, and rows per step. */
  int32_t level[PUMP_FAULTS];
  int32_t target[PUMP_FAULTS];
  int32_t ramp_rows[PUMP_FAULTS];
  /* Motor and fluid temperature in 1/256 of a raw unit: they lag. */
  int32_t motor_temp;
  int32_t fluid_temp;
  uint32_t missing_mask;
  uint32_t stuck_mask;
  int32_t last[PUMP_CHANNELS];
};

void pump_init(struct pump_sim *p, uint32_t seed);
/* Sends `fault` to `level` (0 to 256) within `ramp_rows` rows. */
void pump_fault_to(struct pump_sim *p, enum pump_fault fault, int32_t level, int32_t ramp_rows);
void pump_row(struct pump_sim *p, int32_t values[PUMP_CHANNELS]);
/* The fault of this name ("valve", "bearing", "cavitation"), or -1. */
int pump_fault_named(const char *text, size_t bytes);

#endif
