/* What the simulated machines share. Integers only, so that every platform computes the same values. */
#ifndef CATNAP_SIM_H
#define CATNAP_SIM_H

#include <stddef.h>
#include <stdint.h>

/* The state of a generator that was given `seed`. */
uint32_t sim_seeded(uint32_t seed);
/* xorshift32 (Marsaglia, 2003). */
uint32_t sim_random(uint32_t *state);
/* Near-normal noise of about `deviation` raw units: the sum of four uniform numbers. */
int32_t sim_noise(uint32_t *state, int32_t deviation);
/* A wave of parabolas, -256 to 256, close to a sine but for its odd harmonics. */
int32_t sim_wave(uint32_t row, uint32_t period);
/* Index of the name spelt by `bytes` characters of `text` among `count` names, or -1. */
int sim_index_of(const char *const names[], int count, const char *text, size_t bytes);

#endif
