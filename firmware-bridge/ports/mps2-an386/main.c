/* Cortex-M4 bare metal on MPS2 AN386, for `qemu-system-arm -M mps2-an386`: UART 0, SysTick, no libc but string.h. */
#include "board.h"

#include <string.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))
/* CMSDK APB UART 0, Arm DDI 0479, section 4.3. */
#define UART_DATA REGISTER(0x40004000u)
#define UART_STATE REGISTER(0x40004004u)
#define UART_CTRL REGISTER(0x40004008u)
#define UART_INTCLEAR REGISTER(0x4000400Cu)
#define UART_BAUDDIV REGISTER(0x40004010u)
/* CMSDK APB timer 0, the same manual, section 4.1: counts down at the processor's clock. */
#define TIMER_CTRL REGISTER(0x40000000u)
#define TIMER_VALUE REGISTER(0x40000004u)
#define TIMER_RELOAD REGISTER(0x40000008u)
#define UART_TX_FULL 1u
#define UART_RX_FULL 2u
/* Armv7-M Architecture Reference Manual, B3.3 (SysTick), B3.4 (NVIC), B3.2.6 (AIRCR). */
#define SYST_CSR REGISTER(0xE000E010u)
#define SYST_RVR REGISTER(0xE000E014u)
#define SYST_CVR REGISTER(0xE000E018u)
#define NVIC_ISER REGISTER(0xE000E100u)
#define AIRCR REGISTER(0xE000ED0Cu)

#define CLOCK_MHZ 25u
#define TICK_US 1000u
/* Rows later than this are given up, as an overrun. Long, since an emulator is starved at times and its samples are not. */
#define LATE_US 2000000u

struct ring {
  uint8_t bytes[4096];
  volatile uint32_t head;
  volatile uint32_t tail;
};

static struct catnap_board board;
static struct ring receive_ring;
static struct ring send_ring;
static uint64_t period_us;
static bool hung;

__attribute__((section(".noinit"))) static uint32_t boots;

static uint32_t ring_used(const struct ring *r) { return r->head - r->tail; }

static void ring_put(struct ring *r, uint8_t byte) {
  if (ring_used(r) == sizeof r->bytes) return;
  r->bytes[r->head % sizeof r->bytes] = byte;
  r->head++;
}

static uint8_t ring_take(struct ring *r) {
  const uint8_t byte = r->bytes[r->tail % sizeof r->bytes];
  r->tail++;
  return byte;
}

/* Only wakes the main loop. */
void systick_handler(void) {}

void uart_receive_handler(void) {
  UART_INTCLEAR = 2u;
  while (UART_STATE & UART_RX_FULL) ring_put(&receive_ring, (uint8_t)UART_DATA);
}

/* The timer wraps after 171 s; this is called every millisecond. */
static uint64_t now_us(void) {
  static uint32_t last = UINT32_MAX;
  static uint64_t cycles;
  const uint32_t value = TIMER_VALUE;
  cycles += last - value;
  last = value;
  return cycles / CLOCK_MHZ;
}

static bool write_line(void *context, const uint8_t *bytes, size_t count) {
  (void)context;
  if (sizeof send_ring.bytes - ring_used(&send_ring) < count) return false;
  for (size_t i = 0; i < count; i++) ring_put(&send_ring, bytes[i]);
  return true;
}

static void send_some(void) {
  while (ring_used(&send_ring) > 0 && !(UART_STATE & UART_TX_FULL)) UART_DATA = ring_take(&send_ring);
}

static bool set_rate(void *context, uint32_t rate_millihz) {
  (void)context;
  period_us = 1000000000u / rate_millihz;
  return true;
}

static bool is(const char *text, size_t bytes, const char *word) {
  return bytes == strlen(word) && memcmp(text, word, bytes) == 0;
}

static bool command(void *context, const char *text, size_t bytes) {
  (void)context;
  if (is(text, bytes, "reset")) AIRCR = 0x05FA0004u;
  else if (is(text, bytes, "hang")) hung = true;
  else return program_command(text, bytes);
  return true;
}

static void start_board(void) {
  struct catnap_board_config config = program_config;
  config.boot_id = ++boots;
  config.write = write_line;
  config.set_rate = set_rate;
  config.command = command;
  program_start();
  set_rate(NULL, config.rate_millihz);
  if (!catnap_board_init(&board, &config)) {
    for (;;) __asm volatile("wfi");
  }
  catnap_board_hello(&board, 0);
}

/* Takes the rows that are due, each stamped with the instant it was due. */
static void sample(uint64_t *due_us) {
  const uint64_t now = now_us();
  if (now > *due_us + LATE_US) {
    const uint32_t late = (uint32_t)((now - *due_us) / period_us);
    catnap_board_skip(&board, late, now);
    *due_us += late * period_us;
  }
  while (*due_us <= now) {
    int32_t values[CATNAP_BOARD_CHANNELS];
    program_row(values);
    catnap_board_row(&board, values, *due_us);
    *due_us += period_us;
    send_some();
  }
}

int main(void) {
  UART_BAUDDIV = CLOCK_MHZ * 1000000u / program_config.baud;
  UART_CTRL = 1u | 2u | 8u; /* transmitter, receiver, receive interrupt */
  NVIC_ISER = 1u;
  TIMER_RELOAD = UINT32_MAX;
  TIMER_VALUE = UINT32_MAX;
  TIMER_CTRL = 1u;
  SYST_RVR = CLOCK_MHZ * TICK_US - 1u;
  SYST_CVR = 0;
  SYST_CSR = 7u; /* processor clock, interrupt, enabled */
  start_board();
  uint64_t due_us = 0;
  for (;;) {
    while (ring_used(&receive_ring) > 0) {
      const uint8_t byte = ring_take(&receive_ring);
      catnap_board_receive(&board, &byte, 1, now_us());
    }
    sample(&due_us);
    send_some();
    while (hung) __asm volatile("wfi");
    if (ring_used(&receive_ring) == 0) __asm volatile("wfi");
  }
}
