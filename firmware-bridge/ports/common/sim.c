#include "sim.h"

#include <string.h>

uint32_t sim_seeded(uint32_t seed) { return seed * 2654435761u | 1u; }

uint32_t sim_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

int32_t sim_noise(uint32_t *state, int32_t deviation) {
  int32_t sum = 0;
  for (int i = 0; i < 4; i++) sum += (int32_t)(sim_random(state) & 1023u) - 511;
  return sum * deviation / 590;
}

int32_t sim_wave(uint32_t row, uint32_t period) {
  const int32_t phase = (int32_t)(row % period) * 1024 / (int32_t)period;
  const int32_t half = phase % 512;
  const int32_t lobe = half * (512 - half) / 256;
  return phase < 512 ? lobe : -lobe;
}

int sim_index_of(const char *const names[], int count, const char *text, size_t bytes) {
  for (int i = 0; i < count; i++) {
    if (strlen(names[i]) == bytes && memcmp(names[i], text, bytes) == 0) return i;
  }
  return -1;
}
