#include "motor_sim.h"

#include <string.h>

#include "sim.h"

enum { DRIVE_END, FAN_END };

const struct catnap_channel motor_channels[MOTOR_CHANNELS] = {{"drive_end", "g", 0.001f, 0.0f},
                                                              {"fan_end", "g", 0.001f, 0.0f}};

static const char *const fault_names[MOTOR_FAULTS] = {"spall", "imbalance"};

/* A ball passes every 2,000 / 87 rows, and slips by up to a hundredth either way. */
#define KNOCK_ROWS_256THS 5885
#define SLIP_256THS 59
/* A pole pair at 600 Hz of 2,000 that loses 15% a row: 2 r cos(w) and r squared, times 4096. */
#define RING_A (-2152)
#define RING_B 2959

int motor_fault_named(const char *text, size_t bytes) {
  return sim_index_of(fault_names, MOTOR_FAULTS, text, bytes);
}

void motor_init(struct motor_sim *m, uint32_t seed) {
  memset(m, 0, sizeof *m);
  m->random = sim_seeded(seed);
  m->next_knock = KNOCK_ROWS_256THS;
}

void motor_fault_to(struct motor_sim *m, enum motor_fault fault, int32_t level, int32_t ramp_rows) {
  const int32_t target = (level < 0 ? 0 : level > 256 ? 256 : level) * 65536;
  m->target[fault] = target;
  m->step[fault] = (target > m->level[fault] ? target - m->level[fault] : m->level[fault] - target) /
                       (ramp_rows < 1 ? 1 : ramp_rows) + 1;
}

static int32_t advance(struct motor_sim *m, enum motor_fault fault) {
  const int32_t away = m->target[fault] - m->level[fault];
  const int32_t step = m->step[fault];
  m->level[fault] += away > step ? step : away < -step ? -step : away;
  return m->level[fault] / 65536;
}

/* The housing's ringing, struck now and then by a ball. */
static int32_t ringing(struct motor_sim *m, int32_t spall) {
  int32_t knock = 0;
  m->next_knock -= 256;
  if (m->next_knock <= 0) {
    m->next_knock += KNOCK_ROWS_256THS + (int32_t)(sim_random(&m->random) % (2 * SLIP_256THS + 1)) - SLIP_256THS;
    knock = 450 * spall / 256;
  }
  const int32_t value = knock + (RING_A * m->ring[0] - RING_B * m->ring[1]) / 4096;
  m->ring[1] = m->ring[0];
  m->ring[0] = value;
  return value;
}

void motor_row(struct motor_sim *m, int32_t values[MOTOR_CHANNELS]) {
  const int32_t spall = advance(m, MOTOR_SPALL);
  const int32_t imbalance = advance(m, MOTOR_IMBALANCE);
  /* 25 Hz of the shaft, and 100 Hz of the magnetic field. */
  const int32_t shaft = sim_wave(m->row, 80) * (180 + imbalance * 2) / 256;
  const int32_t field = sim_wave(m->row, 20) * 60 / 256;
  const int32_t ring = ringing(m, spall);
  values[DRIVE_END] = shaft + field + ring + sim_noise(&m->random, 90);
  values[FAN_END] = shaft * 3 / 4 + field / 2 + ring / 12 + sim_noise(&m->random, 80);
  m->row++;
}
