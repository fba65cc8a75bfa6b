import { describe, expect, it } from '@jest/globals';
import {
  describeNew,
  describeNewSet,
  isOfSet,
  whyNotMade,
} from '../../../../layers/engine/src/domain/backup/descriptions.js';
import { ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { backup } from '../builders.js';

const VOLUME = ResourceId.parse('vol-1');
const INSTANCE = ResourceId.parse('i-0abc');

describe('the description of a new snapshot', () => {
  const of = (description: string) => {
    const made = backup();
    return { ...made, found: { ...made.found, description } };
  };

  it('says what it is a backup of, and is known again', () => {
    expect(describeNew('daily', VOLUME)).toBe('Made by Shelvery: daily backup of vol-1');
    expect(whyNotMade(of(describeNew('daily', VOLUME)), undefined)).toBeUndefined();
    expect(isOfSet(describeNew('daily', VOLUME))).toBe(false);
  });

  it('that was made with others says of which instance, and is known again', () => {
    expect(describeNewSet('my-type-7', INSTANCE)).toBe('Made by Shelvery: my-type-7 backup of volumes of i-0abc');
    expect(whyNotMade(of(describeNewSet('my-type-7', INSTANCE)), undefined)).toBeUndefined();
    expect(isOfSet(describeNewSet('my-type-7', INSTANCE))).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    [
      'what EC2 writes on a copy of it',
      '[Copied snap-0 from eu-west-1] Made by Shelvery: daily backup of volumes of i-0abc',
    ],
    ['what somebody added to', 'Made by Shelvery: daily backup of volumes of i-0abc, mine'],
    ['no instance', 'Made by Shelvery: daily backup of volumes of web'],
  ])('of one of several is not %s', (_, description) => {
    expect(isOfSet(description)).toBe(false);
  });
});
