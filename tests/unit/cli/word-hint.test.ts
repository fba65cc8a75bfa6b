import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES, COMMANDS } from '@shelvery/engine/terminal';
import { hintFor } from '../../../cli/word-hint.js';

describe('hintFor', () => {
  it.each([
    ['EBS', 'ebs'],
    ['rds-cluster', 'rds_cluster'],
    ['RDS-Cluster', 'rds_cluster'],
    ['ami', 'ec2ami'],
    ['amis', 'ec2ami'],
    ['ec2', 'ec2ami'],
    ['volumes', 'ebs'],
    ['aurora', 'rds_cluster'],
    ['redshit', 'redshift'],
  ])('takes the type %s for %s', (word, type) => {
    expect(hintFor(word, BACKUP_TYPES)).toEqual([type]);
  });

  it.each([
    ['list', ['list_backups']],
    ['list-backups', ['list_backups']],
    ['create', ['create_backups', 'create_data_buckets']],
    ['config', ['show_config']],
    ['stat', ['status']],
    ['cleanbackups', ['clean_backups']],
    ['kubernetes', []],
    ['ab', []],
  ])('takes the action %s for %j', (word, actions) => {
    expect(hintFor(word, COMMANDS)).toEqual(actions);
  });

  it.each([
    ['tf', 'terraform'],
    ['cloudformation', 'cfn'],
    ['sh', 'cli'],
  ])('takes the form %s for %j', (word, form) => {
    expect(hintFor(word, ['cli', 'cfn', 'terraform'])).toEqual([form]);
  });
});
