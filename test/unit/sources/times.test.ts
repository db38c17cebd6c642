import { describe, expect, it } from 'vitest';
import { type DayOrder, timeMsOf } from '../../../src/sources/times.js';

const at = (text: string, dayOrder: DayOrder = 'dmy') => timeMsOf(text, { unitSeconds: null, dayOrder });
const noon = Date.UTC(2024, 2, 5, 13, 5, 9);

describe('a time', () => {
  it.each([
    '2024-03-05T13:05:09Z',
    '2024-03-05 13:05:09',
    '2024/03/05 13:05:09',
    '2024-03-05 14:05:09 +01:00',
    '2024-03-05 08:05:09-05',
    '05.03.2024 13:05:09',
    '5.3.24 13:05:09',
    '05/03/2024 1:05:09 PM',
    '5-Mar-2024 13:05:09 UTC',
    'Mar 5 2024 13:05:09',
    'March 5, 2024 1:05:09 PM',
    'Mar-5-2024 13:05:09',
    '1709643909',
    '1709643909000',
    '1709643909000000',
    '1709643909000000000',
  ])('%s is read', (text) => {
    expect(at(text)).toBeCloseTo(noon, -1);
  });

  it('has day or month first, as is said', () => {
    expect(at('03/05/2024 13:05:09', 'mdy')).toBe(noon);
  });

  it('may be a number of digits that are its day and hour, where that is said', () => {
    const compact = (text: string) => timeMsOf(text, { unitSeconds: null, dayOrder: 'dmy', isCompact: true });
    expect(compact('20240305')).toBe(Date.UTC(2024, 2, 5));
    expect(compact('202403051305')).toBe(Date.UTC(2024, 2, 5, 13, 5));
    expect(compact('20240305130509')).toBe(noon);
    expect(compact('20240332')).toBeNaN();
  });

  it('knows midnight and noon in halves', () => {
    expect(at('12:00:00 AM')).toBe(0);
    expect(at('12:30 pm')).toBe(12.5 * 3_600_000);
  });

  it.each(['', 'Total', '31/31/2024', '2024-02-30', '25:00', '12:61', 'timestamp'])('%s is none', (text) => {
    expect(at(text)).toBeNaN();
  });
});
