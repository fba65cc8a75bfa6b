import { describe, expect, it } from '@jest/globals';
import { present } from '../../../layers/engine/src/domain/present.js';

/** Takes what may be left out, and not what is there and undefined. */
const keysOf = (parts: { readonly id: string; readonly key?: string; readonly size?: number }): string[] =>
  Object.keys(parts);

describe('present', () => {
  it('drops the members that are undefined, so that they are absent and not only without a value', () => {
    const key: string | undefined = ['k'].find((each) => each === 'none');
    expect(keysOf(present({ id: 'a', key, size: 1 }))).toEqual(['id', 'size']);
  });

  it('keeps every other value, the empty ones too', () => {
    const members = { none: null, no: false, zero: 0, nothing: '', list: [] };
    expect(present(members)).toEqual(members);
  });

  it('keeps what never is undefined as it was typed', () => {
    const { id } = present({ id: 'a', key: undefined });
    expect(id.length).toBe(1);
  });

  it('leaves what it was given untouched', () => {
    const members = { id: 'a', key: undefined };
    present(members);
    expect(Object.keys(members)).toEqual(['id', 'key']);
  });
});
