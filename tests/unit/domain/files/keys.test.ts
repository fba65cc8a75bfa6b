import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  answerKey,
  backupKey,
  backupsPrefix,
  eventLeaseKey,
  nameOfKey,
  removedKey,
  sharedAccountPrefix,
  sharedKey,
  sharedPrefix,
} from '../../../../layers/engine/src/domain/files/keys.js';
import { BACKUP_TYPES } from '../../../../layers/engine/src/domain/values.js';
import { OTHER_ACCOUNT } from '../builders.js';

describe('keys in a data bucket', () => {
  it.each([
    ['the folder of a type', backupsPrefix('ebs'), 'backups/ebs/'],
    ['a live backup', backupKey('ebs', 'web'), 'backups/ebs/web.yaml'],
    ['a removed backup', removedKey('rds_cluster', 'web'), 'backups/rds_cluster/removed/web.yaml'],
    ['an answer', answerKey('ebs', 'status', 'run-1'), 'backups/answers/ebs/status-run-1.json'],
    ['what is shared with an account', sharedAccountPrefix(OTHER_ACCOUNT), 'backups/shared/222222222222/'],
    ['what waits to be pulled', sharedPrefix(OTHER_ACCOUNT, 'rds'), 'backups/shared/222222222222/rds/'],
    [
      'a file that waits to be pulled',
      sharedKey(OTHER_ACCOUNT, 'rds', 'web'),
      'backups/shared/222222222222/rds/web.yaml',
    ],
    [
      'a pulled file',
      sharedKey(OTHER_ACCOUNT, 'rds', 'web', 'processed'),
      'backups/shared/222222222222/rds-processed/web.yaml',
    ],
    [
      'a hopeless file',
      sharedKey(OTHER_ACCOUNT, 'ec2ami', 'web', 'failed'),
      'backups/shared/222222222222/ec2ami-failed/web.yaml',
    ],
    [
      'an archived file',
      sharedKey(OTHER_ACCOUNT, 'ebs', 'web', 'ebs-archived'),
      'backups/shared/222222222222/ebs-archived/web.yaml',
    ],
  ])('%s', (_, key, expected) => {
    expect(key).toBe(expected);
  });
});

describe('the lease of an event', () => {
  it('has a key of its own, whatever tells the event from others', () => {
    const event = 'copySnapshot ../eu-west-1:snap-1';
    const hash = createHash('sha256').update(`shelvery ${event}`).digest('hex');
    const key = eventLeaseKey('ebs', 'shelvery', event);
    expect(key).toBe(`leases/ebs/${hash.slice(0, 32)}.json`);
    expect(eventLeaseKey('ebs', 'shelvery', `${event}2`)).not.toBe(key);
    expect(eventLeaseKey('rds', 'shelvery', event)).not.toBe(key);
    // Two stacks may have the bucket in common, and schedules of the same minute.
    expect(eventLeaseKey('ebs', 'acme', event)).not.toBe(key);
  });
});

describe('the name that a key stands for', () => {
  it.each([
    ['a file of the folder', 'backups/ebs/web-1.yaml', 'web-1'],
    ['a file of a folder below', 'backups/ebs/removed/web.yaml', undefined],
    ['a file of another type', 'backups/rds/web.yaml', undefined],
    ['a folder', 'backups/ebs/', undefined],
    ['another kind of file', 'backups/ebs/web.json', undefined],
    ['a copy of a file', 'backups/ebs/web.yaml.bak', undefined],
    ['a file without a name', 'backups/ebs/.yaml', undefined],
    ['a path trick', 'backups/ebs/../shared/x.yaml', undefined],
    ['a name with a dot', 'backups/ebs/a.b.yaml', undefined],
    ['a name of 255', `backups/ebs/${'n'.repeat(255)}.yaml`, 'n'.repeat(255)],
    ['a name of 256', `backups/ebs/${'n'.repeat(256)}.yaml`, undefined],
  ])('%s', (_, key, name) => {
    expect(nameOfKey(key, backupsPrefix('ebs'))).toBe(name);
  });

  it('is the name that the key was made of', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BACKUP_TYPES), fc.stringMatching(/^[A-Za-z0-9-]{1,255}$/), (type, name) => {
        expect(nameOfKey(backupKey(type, name), backupsPrefix(type))).toBe(name);
      }),
    );
  });
});
