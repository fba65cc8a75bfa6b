import { describe, expect, it } from '@jest/globals';
import { membersRead, shapesOf } from './members-read.js';

/** Pages of the API references: the data types that answers are made of. */
describe('members of answers that the product reads', () => {
  const read = membersRead();

  it('are all found, of every service', () => {
    const services = new Set(read.map(({ service }) => service));
    expect([...services].sort()).toEqual(['ec2', 'kms', 'rds', 'redshift', 's3', 'sns', 'sqs', 'ssm', 'sts']);
    expect(read.length).toBeGreaterThan(120);
    expect(read).toContainEqual({ service: 'rds', shape: 'DBSnapshot', member: 'OptionGroupName' });
    expect(read).toContainEqual({ service: 'ec2', shape: 'Image', member: 'ProductCodes' });
  });

  it("are in AWS's own models of these shapes", () => {
    const models = new Map([...new Set(read.map(({ service }) => service))].map((name) => [name, shapesOf(name)]));
    const unknown = read.filter(({ service, shape, member }) => models.get(service)?.get(shape)?.has(member) !== true);
    expect(unknown).toEqual([]);
  });

  it('would be told apart if they were not', () => {
    const snapshot = shapesOf('rds').get('DBSnapshot');
    expect(snapshot?.has('OptionGroupName')).toBe(true);
    expect(snapshot?.has('OptionGroup')).toBe(false);
  });
});
