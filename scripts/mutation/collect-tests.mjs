// Stands in for @jest/globals where tests of the domain run without Jest: it keeps the tests instead of running them.
import { createRequire } from 'node:module';
import { format } from 'node:util';

// What @jest/globals itself takes `expect` from.
const requireOfJest = createRequire(createRequire(import.meta.url).resolve('@jest/globals'));
const { jestExpect } = requireOfJest('@jest/expect');

let tests = [];
let titles = [];

/** Calls `body` once for each row of a table, as Jest does. */
const forEachRow = (declare) => (table) => (title, body) => {
  for (const [index, row] of table.entries()) {
    const values = Array.isArray(row) ? row : [row];
    declare(`${format(title, ...values).split('\n')[0]} (${index})`, () => body(...values));
  }
};

export const expect = jestExpect;

export function describe(title, body) {
  titles.push(title);
  body();
  titles.pop();
}
describe.each = forEachRow(describe);

export function it(title, run) {
  tests.push({ name: [...titles, title].join(' '), run });
}
it.each = forEachRow(it);

/** The tests that `load` declares. */
export async function collected(load) {
  tests = [];
  titles = [];
  await load();
  return tests;
}
