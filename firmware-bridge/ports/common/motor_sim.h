/*
 * A simulated motor with an accelerometer at each end, for signals of some kilohertz. Integers only, as in pump_sim.h.
 * Its outer race can be made to spall: each time a ball passes, a knock rings the housing (the model of McFadden and
 * Smith, "Model for the vibration produced by a single point defect in a rolling element bearing", J. Sound Vib. 96,
 * 1984, with the balls' slip).
 */
#ifndef CATNAP_MOTOR_SIM_H
#define CATNAP_MOTOR_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "catnap_board.h"

#define MOTOR_CHANNELS 2u

enum motor_fault {
  MOTOR_SPALL,     /* the outer race at the drive end is spalled: knocks at 87 Hz that ring at 600 Hz */
  MOTOR_IMBALANCE, /* the rotor is out of balance: more at its 25 Hz, at both ends */
  MOTOR_FAULTS
};

/* Rates and frequencies hold for rows at this rate. */
#define MOTOR_RATE_MILLIHZ 2000000u

extern const struct catnap_channel motor_channels[MOTOR_CHANNELS];

struct motor_sim {
  uint32_t random;
  uint32_t row;
  /* 0 to 256, steps towards the target each row, in 1/65536. */
  int32_t level[MOTOR_FAULTS];
  int32_t target[MOTOR_FAULTS];
  int32_t step[MOTOR_FAULTS];
  /* Rows to the next knock, in 1/256, and the ringing housing's last two values. */
  int32_t next_knock;
  int32_t ring[2];
};

void motor_init(struct motor_sim *m, uint32_t seed);
/* Sends `fault` to `level` (0 to 256) within `ramp_rows` rows. */
void motor_fault_to(struct motor_sim *m, enum motor_fault fault, int32_t level, int32_t ramp_rows);
void motor_row(struct motor_sim *m, int32_t values[MOTOR_CHANNELS]);
/* The fault of this name ("spall", "imbalance"), or -1. */
int motor_fault_named(const char *text, size_t bytes);

#endif
