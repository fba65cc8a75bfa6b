import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { measureColdImports } from '../../bench/cold-import.js';
import type { ColdImport } from '../../bench/cold-import.js';

jest.setTimeout(120_000);

const MOST_KILOBYTES = 1_200;

let functions: readonly ColdImport[];
beforeAll(async () => {
  functions = await measureColdImports();
});

describe('the code that a function loads at its start', () => {
  it('is at most 1.2 MB with its layer', () => {
    expect(functions.map(({ name }) => name).sort()).toEqual([
      'data-buckets',
      'docdb',
      'ebs',
      'ec2ami',
      'rds',
      'rds-cluster',
      'redshift',
    ]);
    expect(functions.filter(({ kilobytes }) => kilobytes > MOST_KILOBYTES)).toEqual([]);
  });
});
