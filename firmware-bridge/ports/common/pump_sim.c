#include "pump_sim.h"

#include <string.h>

#include "sim.h"

enum { FLOW, INLET, OUTLET, CURRENT, MOTOR_TEMP, FLUID_TEMP, VIBRATION, VOLTAGE };

const struct catnap_channel pump_channels[PUMP_CHANNELS] = {
    {"flow", "L/min", 0.01f, 0.0f},          {"inlet_pressure", "kPa", 0.05f, 0.0f},
    {"outlet_pressure", "kPa", 0.1f, 0.0f},  {"motor_current", "A", 0.001f, 0.0f},
    {"motor_temperature", "°C", 0.01f, 0.0f}, {"fluid_temperature", "°C", 0.01f, 0.0f},
    {"vibration", "mm/s", 0.001f, 0.0f},     {"supply_voltage", "V", 0.01f, 0.0f}};

static const char *const fault_names[PUMP_FAULTS] = {"valve", "bearing", "cavitation"};

int pump_fault_named(const char *text, size_t bytes) {
  return sim_index_of(fault_names, PUMP_FAULTS, text, bytes);
}

void pump_init(struct pump_sim *p, uint32_t seed) {
  memset(p, 0, sizeof *p);
  p->random = sim_seeded(seed);
  p->motor_temp = 6100 * 256;
  p->fluid_temp = 2400 * 256;
  for (int i = 0; i < PUMP_FAULTS; i++) p->ramp_rows[i] = 1;
}

void pump_fault_to(struct pump_sim *p, enum pump_fault fault, int32_t level, int32_t ramp_rows) {
  p->target[fault] = level < 0 ? 0 : level > 256 ? 256 : level;
  p->ramp_rows[fault] = ramp_rows < 1 ? 1 : ramp_rows;
}

static void advance_faults(struct pump_sim *p) {
  for (int i = 0; i < PUMP_FAULTS; i++) {
    const int32_t step = 256 / p->ramp_rows[i] + 1;
    const int32_t away = p->target[i] - p->level[i];
    p->level[i] += away > step ? step : away < -step ? -step : away;
  }
}

void pump_row(struct pump_sim *p, int32_t values[PUMP_CHANNELS]) {
  advance_faults(p);
  const int32_t valve = p->level[PUMP_VALVE];
  const int32_t bearing = p->level[PUMP_BEARING];
  const int32_t cavitation = p->level[PUMP_CAVITATION];
  /* Demand swings by some per cent over a minute and a half, with a smaller, quicker part. */
  const int32_t demand = sim_wave(p->row, 97) + sim_wave(p->row, 23) / 4;
  const int32_t burst = (int32_t)(sim_random(&p->random) & 255u);

  values[FLOW] = 3200 + demand * 90 / 256 - valve * 1150 / 256 - cavitation * 260 / 256 + sim_noise(&p->random, 14 + cavitation * 90 / 256);
  values[INLET] = 1960 - demand * 12 / 256 - cavitation * 420 / 256 + valve * 25 / 256 + sim_noise(&p->random, 5);
  values[OUTLET] = 2400 + demand * 30 / 256 + valve * 520 / 256 - cavitation * 160 / 256 + sim_noise(&p->random, 9);
  values[CURRENT] = 1850 + demand * 45 / 256 - valve * 210 / 256 + bearing * 120 / 256 +
                    bearing * sim_wave(p->row, 7) / 256 / 4 + sim_noise(&p->random, 8);
  values[VIBRATION] = 2100 + demand * 25 / 256 + valve * 240 / 256 + bearing * (1700 + burst * 12) / 256 +
                      cavitation * burst * 6 / 256 + sim_noise(&p->random, 40 + cavitation * 160 / 256);
  values[VOLTAGE] = 22950 + sim_wave(p->row, 411) * 60 / 256 + sim_noise(&p->random, 22);

  const int32_t motor_goal = (6100 + (values[CURRENT] - 1850) * 2 + bearing * 900 / 256) * 256;
  p->motor_temp += (motor_goal - p->motor_temp) / 64;
  const int32_t fluid_goal = (2400 + sim_wave(p->row, 613) * 40 / 256 + valve * 120 / 256) * 256;
  p->fluid_temp += (fluid_goal - p->fluid_temp) / 128;
  values[MOTOR_TEMP] = p->motor_temp / 256 + sim_noise(&p->random, 4);
  values[FLUID_TEMP] = p->fluid_temp / 256 + sim_noise(&p->random, 4);

  for (uint32_t i = 0; i < PUMP_CHANNELS; i++) {
    if (p->stuck_mask & (1u << i)) values[i] = p->last[i];
    p->last[i] = values[i];
    if (p->missing_mask & (1u << i)) values[i] = CATNAP_MISSING;
  }
  p->row++;
}
