#include <stdint.h>

extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];

int main(void);
void systick_handler(void);
void uart_receive_handler(void);

#define CPACR (*(volatile uint32_t *)0xE000ED88u)

__attribute__((noreturn)) void reset_handler(void) {
  /* The compiler may use floating-point registers from here on: full access to CP10 and CP11. */
  CPACR |= 0xFu << 20;
  __asm volatile("dsb\n\tisb");
  const uint32_t *from = data_load;
  for (uint32_t *to = data_start; to < data_end; to++) *to = *from++;
  for (uint32_t *to = bss_start; to < bss_end; to++) *to = 0;
  main();
  for (;;) {
  }
}

static void halt(void) {
  for (;;) __asm volatile("wfi");
}

/* The Cortex-M's own exceptions (Armv7-M, B1.5.2), then the external ones: 0 is UART 0's receiver. */
struct vectors {
  uint32_t *stack;
  void (*handlers[16])(void);
};
__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    stack_top,
    {reset_handler, halt, halt, halt, halt, halt, 0, 0, 0, 0, halt, halt, 0, halt, systick_handler, uart_receive_handler}};
