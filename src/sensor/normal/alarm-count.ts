import { poisson } from '../../core/intervals.js';

/** Fewer alarms than this say nothing of their rate. */
const LEAST_ALARMS = 5;
/** It is told once there are so many times as many alarms as were promised. */
const FACTOR = 2;

/** Compares the alarms that came with how many were to come by mistake, and says once when that does not fit. */
export class AlarmCount {
  #rows = 0;
  #alarms = 0;
  #isTold = false;

  /** What was promised: false alarms a day at most, of so many rows. */
  constructor(
    readonly falseAlarmsPerDay: number,
    readonly rowsPerDay: number,
  ) {}

  /** Takes a row, and whether an alarm began in it; what is to be told, or null. */
  take(hasBegun: boolean): string | null {
    this.#rows += 1;
    if (!hasBegun) return null;
    this.#alarms += 1;
    const days = this.#rows / this.rowsPerDay;
    const promised = days * this.falseAlarmsPerDay;
    if (this.#isTold || this.#alarms < LEAST_ALARMS || this.#alarms <= FACTOR * promised) return null;
    if (poisson(this.#alarms).low <= promised) return null;
    this.#isTold = true;
    const found = `${this.#alarms} alarms in ${this.#rows} rows, ${figure(promised)} were to be expected by mistake`;
    const rate = `${figure(this.#alarms / days)} a day`;
    return `${found}: something is often wrong, or this signal changes by itself and ${rate} are what it keeps to`;
  }
}

function figure(value: number): string {
  return String(Number(value.toPrecision(2)));
}
