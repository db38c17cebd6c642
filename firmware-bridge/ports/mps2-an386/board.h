/* What a program on this port gives to main.c. */
#ifndef MPS2_BOARD_H
#define MPS2_BOARD_H

#include "catnap_board.h"

/* The board's description; main.c adds the boot id and the callbacks. */
extern const struct catnap_board_config program_config;
void program_start(void);
void program_row(int32_t *values);
/* A command of the host's; false when it means nothing here. */
bool program_command(const char *text, size_t bytes);

#endif
