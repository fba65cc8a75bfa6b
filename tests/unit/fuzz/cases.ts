import fc from 'fast-check';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * How many cases, and which: the same in every run of the tests. `npm run fuzz` asks for more, by another seed, which is
 * told where a case fails.
 */
export function cases(count: number): { readonly numRuns: number; readonly seed: number } {
  const { SHELVERY_FUZZ_TIMES: times = '1', SHELVERY_FUZZ_SEED: seed = '20261129' } = process.env;
  return { numRuns: count * Number(times), seed: Number(seed) };
}

/** What nobody means to write. */
export const nasty: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    '',
    ' ',
    0,
    -1,
    1e21,
    0.1,
    true,
    [],
    {},
    '../..',
    '\u001b[2J',
    'x'.repeat(3_000),
    '__proto__',
    'constructor',
    '9999-99-99-9999',
    '2026-01-10-0300',
    '3000-01-01T00:00:00Z',
    'NaN',
    '\u0661\u0662',
    '111111111111',
    '999999999999',
    'eu-west-1',
    'true',
    'web-re-encrypted',
    'daily',
    ',',
    'arn:aws:kms:eu-west-1:999999999999:key/11111111-2222-3333-4444-555555555555',
  ),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.integer(),
);

/** A good value of which some parts are something else, or gone. */
export function mutated(good: Json): fc.Arbitrary<Json> {
  const size = count(good);
  const change = fc.record({ at: fc.nat({ max: size - 1 }), to: fc.option(nasty, { freq: 3, nil: undefined }) });
  return fc
    .array(change, { maxLength: 4 })
    .map((changes) => changes.reduce<Json>((value, { at, to }) => changedAt(value, { left: at }, to) ?? null, good));
}

function count(value: Json): number {
  return 1 + Object.values(children(value)).reduce<number>((sum, child) => sum + count(child), 0);
}

function children(value: Json): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** Counts down to the part that is changed, depth first. */
function changedAt(value: Json, at: { left: number }, to: Json | undefined): Json | undefined {
  if (at.left === 0) {
    at.left -= 1;
    return to;
  }
  at.left -= 1;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(children(value)).flatMap(([key, child]): [string, Json][] => {
    const changed = at.left < 0 ? child : changedAt(child, at, to);
    return changed === undefined ? [] : [[key, changed]];
  });
  return Array.isArray(value) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

/** A value as JSON has it. */
export function toJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toJson(each)]));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** A text in which some characters are others, more, or gone. */
export function mutatedText(good: string): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat({ max: good.length }),
    gone: fc.nat({ max: 40 }),
    more: fc.oneof(
      fc.constant(''),
      fc.string({ maxLength: 10 }),
      fc.constantFrom('[', '{', '&a ', '*a', '!!js', ': ', '\n', '|', '"'),
    ),
  });
  return fc
    .array(change, { maxLength: 4 })
    .map((changes) =>
      changes.reduce((text, { at, gone, more }) => text.slice(0, at) + more + text.slice(at + gone), good),
    );
}
