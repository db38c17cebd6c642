/*
 * Three analogue inputs at 100 Hz over the USB serial line. `make arduino` puts the core into src/, where the
 * Arduino IDE and arduino-cli find it. Change `channels`, `config` and `sampleRow` for a board of your own.
 */
#include <EEPROM.h>

extern "C" {
#include "src/catnap_board.h"
}

static const catnap_channel channels[] = {
    {"a0", "V", 5.0f / 1023.0f, 0.0f},
    {"a1", "V", 5.0f / 1023.0f, 0.0f},
    {"a2", "V", 5.0f / 1023.0f, 0.0f},
};
static const uint8_t channelCount = sizeof(channels) / sizeof(channels[0]);
static const uint32_t baud = 115200;
/* Later than this, rows are given up as an overrun, so that sampling catches up. */
static const uint32_t lateUs = 200000;

static catnap_board board;
static uint32_t periodUs;
static uint32_t dueUs;

/* Frames wait here for the UART, whose own buffer of 64 bytes is shorter than a frame. */
static uint8_t waiting[256];
static uint16_t waitingFrom;
static uint16_t waitingCount;

static bool writeLine(void *, const uint8_t *bytes, size_t count) {
  if (count > sizeof waiting - waitingCount) return false;
  for (size_t i = 0; i < count; i++) waiting[(waitingFrom + waitingCount + i) % sizeof waiting] = bytes[i];
  waitingCount += count;
  return true;
}

static void sendSome() {
  for (int room = Serial.availableForWrite(); room > 0 && waitingCount > 0; room--) {
    Serial.write(waiting[waitingFrom]);
    waitingFrom = (waitingFrom + 1) % sizeof waiting;
    waitingCount--;
  }
}

/* micros() wraps after 71 minutes; the protocol's time does not. Called more often than that. */
static uint64_t nowUs() {
  static uint32_t last, wraps;
  const uint32_t now = micros();
  if (now < last) wraps++;
  last = now;
  return ((uint64_t)wraps << 32) | now;
}

static bool setRate(void *, uint32_t rateMillihz) {
  periodUs = 1000000000UL / rateMillihz;
  return true;
}

/* "led on" and "led off": what a cascade may command when it has settled an event by itself. */
static bool command(void *, const char *text, size_t bytes) {
  if (bytes == 6 && memcmp(text, "led on", 6) == 0) digitalWrite(LED_BUILTIN, HIGH);
  else if (bytes == 7 && memcmp(text, "led off", 7) == 0) digitalWrite(LED_BUILTIN, LOW);
  else return false;
  return true;
}

static void sampleRow(int32_t *values) {
  for (uint8_t i = 0; i < channelCount; i++) values[i] = analogRead(A0 + i);
}

static uint32_t countBoot() {
  uint32_t boots;
  EEPROM.get(0, boots);
  boots++;
  EEPROM.put(0, boots);
  return boots;
}

void setup() {
  Serial.begin(baud);
  pinMode(LED_BUILTIN, OUTPUT);
  catnap_board_config config = {};
  config.device_id = "arduino";
  config.firmware = "catnap-bridge 0.1.0";
  config.boot_id = countBoot();
  config.channels = channels;
  config.channel_count = channelCount;
  config.format = CATNAP_I16;
  config.rate_millihz = 100000;
  config.max_rate_millihz = 500000;
  config.rows_per_frame = 10;
  config.baud = baud;
  config.write = writeLine;
  config.set_rate = setRate;
  config.command = command;
  if (!catnap_board_init(&board, &config)) {
    /* The description does not fit: blink, since the line cannot say so. */
    for (;;) {
      digitalWrite(LED_BUILTIN, (millis() / 200) % 2);
    }
  }
  setRate(nullptr, config.rate_millihz);
  catnap_board_hello(&board, nowUs());
  dueUs = micros();
}

void loop() {
  while (Serial.available() > 0) {
    const uint8_t byte = Serial.read();
    catnap_board_receive(&board, &byte, 1, nowUs());
  }
  uint32_t late = micros() - dueUs;
  if ((int32_t)late > (int32_t)lateUs) {
    const uint32_t rows = late / periodUs;
    catnap_board_skip(&board, rows, nowUs());
    dueUs += rows * periodUs;
    late = micros() - dueUs;
  }
  if ((int32_t)late >= 0) {
    int32_t values[channelCount];
    sampleRow(values);
    catnap_board_row(&board, values, nowUs());
    dueUs += periodUs;
  }
  sendSome();
}
