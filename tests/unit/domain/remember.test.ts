import { describe, expect, it } from '@jest/globals';
import { remember } from '../../../layers/engine/src/domain/remember.js';

describe('remember', () => {
  function counting(): { readonly asked: string[]; readonly ask: (text: string, times?: number) => object } {
    const asked: string[] = [];
    const ask = remember(
      (text: string, times = 1): object => {
        asked.push(text);
        return { text, times };
      },
      (text, times = 1) => `${text} ${String(times)}`,
    );
    return { asked, ask };
  }

  it('gives the very answer that it gave before', () => {
    const { asked, ask } = counting();
    const first = ask('a');
    expect(first).toEqual({ text: 'a', times: 1 });
    expect(ask('a')).toBe(first);
    expect(asked).toEqual(['a']);
  });
  it('tells apart what differs', () => {
    const { ask } = counting();
    expect([ask('a'), ask('a', 2), ask('b')]).toEqual([
      { text: 'a', times: 1 },
      { text: 'a', times: 2 },
      { text: 'b', times: 1 },
    ]);
  });
  it('gives nothing again where nothing was the answer', () => {
    const asked: string[] = [];
    const nothing = remember(
      (text: string): string | undefined => {
        asked.push(text);
        return undefined;
      },
      (text) => text,
    );
    expect([nothing('a'), nothing('a')]).toEqual([undefined, undefined]);
    expect(asked).toEqual(['a']);
  });
  it('forgets everything once it has kept 2,000 answers', () => {
    const { asked, ask } = counting();
    for (let n = 0; n < 2_000; n += 1) ask(String(n));
    ask('0');
    expect(asked).toHaveLength(2_000);
    ask('one too many');
    ask('0');
    expect(asked.slice(2_000)).toEqual(['one too many', '0']);
  });
});
