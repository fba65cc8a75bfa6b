import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  MAX_FACTS_BYTES,
  ResourceFacts,
  factsFrom,
} from '../../../../layers/engine/src/domain/backup/resource-facts.js';

describe('factsFrom', () => {
  it('takes what a service tells, and leaves out what it does not', () => {
    expect(
      factsFrom({
        size_gib: 8,
        storage_type: 'gp3',
        iops: undefined,
        encrypted: false,
        security_group_ids: ['sg-0a1b2c3d'],
      }),
    ).toEqual({ size_gib: 8, storage_type: 'gp3', encrypted: false, security_group_ids: ['sg-0a1b2c3d'] });
  });

  it('reads numbers of files, which are texts there, and texts that look like numbers', () => {
    expect(factsFrom({ size_gib: '8', serverless_min_capacity: '0.5', engine_version: '15', iops: '1e9' })).toEqual({
      size_gib: 8,
      serverless_min_capacity: 0.5,
      engine_version: '15',
    });
  });

  it.each([
    ['a control character', { device: '/dev/sdf\n' }],
    ['an escape', { key_name: '\u001b[2J' }],
    ['other writing', { engine: 'mysql\u202e' }],
    ['an id of another kind', { subnet_id: 'sg-0a1b2c3d' }],
    ['a word for an id', { attached_to: 'i-; rm -rf /' }],
    ['no ARN', { instance_profile: 'admin' }],
    ['a wrong item among others', { security_group_ids: ['sg-0a1b2c3d', '$(id)'] }],
    ['too many items', { log_exports: Array.from({ length: 51 }, () => 'audit') }],
    ['a text that is too long', { engine: 'x'.repeat(256) }],
    ['a negative number', { iops: -1 }],
    ['a number for a word', { multi_az: 1 }],
    ['a structure', { engine: { a: 1 } }],
    ['a list for a number', { size_gib: ['8'] }],
    ['what it does not know', { master_user_password: 'x' }],
    ['no mapping', 'engine'],
    ['nothing', null],
    ['a list', []],
  ])('leaves out %s', (_, told) => {
    expect(factsFrom(told)).toBeUndefined();
  });

  it('keeps the rest where one field is wrong', () => {
    expect(factsFrom({ engine: 'mysql', device: '\u0000' })).toEqual({ engine: 'mysql' });
  });

  it('leaves out the longest fields where all together are too long, and names them', () => {
    const roles = Array.from({ length: 40 }, (_, n) => `arn:aws:iam::111111111111:role/${'x'.repeat(150)}${String(n)}`);
    const facts = factsFrom({ node_type: 'ra3.xlplus', iam_roles: roles, log_exports: ['audit'] });
    expect(facts).toEqual({ node_type: 'ra3.xlplus', log_exports: ['audit'], left_out: ['iam_roles'] });
    // What says so stays when it is read again.
    expect(factsFrom(facts)).toEqual(facts);
  });

  it('reads numbers of up to ten digits and two decimals', () => {
    expect(factsFrom({ max_storage_gib: '65536', serverless_max_capacity: '2.25' })).toEqual({
      max_storage_gib: 65_536,
      serverless_max_capacity: 2.25,
    });
    expect(factsFrom({ serverless_max_capacity: '2.125' })).toBeUndefined();
  });

  const texts = (count: number, length: number): string[] => Array.from({ length: count }, () => 'x'.repeat(length));

  it('leaves out the longest, wherever it stands, until the rest fits, and names each in order', () => {
    expect(factsFrom({ log_exports: texts(50, 200), members: texts(10, 180), engine: 'mysql' })).toEqual({
      members: texts(10, 180),
      engine: 'mysql',
      left_out: ['log_exports'],
    });
    expect(factsFrom({ log_exports: texts(50, 200), members: texts(50, 210), engine: 'mysql' })).toEqual({
      engine: 'mysql',
      left_out: ['log_exports', 'members'],
    });
  });

  it('names fields alone among what it leaves out', () => {
    const told = { left_out: texts(50, 40), log_exports: texts(12, 200), members: texts(12, 150), engine: 'mysql' };
    expect(factsFrom({ ...told, log_exports: texts(10, 200), members: texts(10, 199) })).toEqual({
      log_exports: texts(10, 200),
      members: texts(10, 199),
      engine: 'mysql',
      left_out: [],
    });
  });

  it('leaves out nothing that just fits', () => {
    const ofBytes = (bytes: number): ResourceFacts => {
      const start = [...texts(20, 255), ''];
      const rest = bytes - Buffer.byteLength(JSON.stringify({ log_exports: start }));
      return { log_exports: [...texts(20, 255), ...texts(Math.floor(rest / 203), 200), 'x'.repeat(rest % 203)] };
    };
    const fits = ofBytes(MAX_FACTS_BYTES);
    expect(Buffer.byteLength(JSON.stringify(fits))).toBe(MAX_FACTS_BYTES);
    expect(factsFrom(fits)).toEqual(fits);
    expect(factsFrom(ofBytes(MAX_FACTS_BYTES + 1))).toEqual({ left_out: ['log_exports'] });
  });

  it('is never longer than messages and files have room for, whatever is told', () => {
    const text = fc.string({ unit: fc.constantFrom('x', '"', '\\', ' '), maxLength: 255 });
    const arn = fc.string({ unit: 'grapheme-ascii', maxLength: 650 }).map((end) => `arn:aws:iam::1:role/${end}`);
    const told = fc.dictionary(
      fc.constantFrom(...Object.keys(ResourceFacts.shape)),
      fc.oneof(text, fc.array(text, { maxLength: 50 }), arn, fc.array(arn, { maxLength: 50 }), fc.nat(), fc.boolean()),
    );
    fc.assert(
      fc.property(told, (given) => {
        const facts = factsFrom(given);
        // `left_out` itself comes on top.
        expect(Buffer.byteLength(JSON.stringify(facts ?? {}))).toBeLessThan(MAX_FACTS_BYTES + 2_000);
        expect(factsFrom(facts)).toEqual(facts);
      }),
      { numRuns: 300 },
    );
  });
});
