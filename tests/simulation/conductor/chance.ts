import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Choices that all come from one seed: the same seed makes the same choices, in the same order. */
export interface Chance {
  /** A whole number from `from` to `to`, both included. */
  int(from: number, to: number): number;
  /** Whether something comes to pass that does so `times` of 1,000 times. */
  happens(times: number): boolean;
  /** One of several things. */
  pick<T>(items: readonly [T, ...T[]]): T;
  /** So many hex digits, for ids. */
  hex(digits: number): string;
}

/** Makes a source of choices. */
export function createChance(seed: number): Chance {
  const generator = xoroshiro128plus(seed);
  const int = (from: number, to: number): number => uniformInt(generator, from, to);
  return {
    int,
    happens: (times) => times > 0 && int(1, 1_000) <= times,
    pick: (items) => items[int(0, items.length - 1)] ?? items[0],
    hex(digits) {
      let text = '';
      while (text.length < digits) text += int(0x1_0000, 0x1_ffff).toString(16).slice(1);
      return text.slice(0, digits);
    },
  };
}
