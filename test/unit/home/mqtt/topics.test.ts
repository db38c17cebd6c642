import { describe, expect, it } from 'vitest';
import { idOf } from '../../../../src/home/mqtt/topics.js';

describe("a device's name in topics and ids", () => {
  it.each([
    ['Kitchen', 'kitchen'],
    ['Küche Nord', 'kuche_nord'],
    ['  attic #2 ', 'attic_2'],
    ['☕', 'catnap'],
  ])('is plain letters and digits: "%s"', (name, id) => {
    expect(idOf(name)).toBe(id);
  });

  it('is told from others whose letters no id may hold', () => {
    const ids = ['кухня', 'зал', '厨房', '客厅', 'кухня 2', 'зал 2'].map(idOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[a-z0-9_]+$/u.test(id))).toBe(true);
    expect(ids[4]).toMatch(/^2_[0-9a-f]{8}$/u);
    expect(idOf('кухня')).toBe(idOf('кухня'.normalize('NFD')));
  });
});
