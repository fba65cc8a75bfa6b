import { describe, expect, it } from '@jest/globals';
import { publishedSchema, useEmulatedProgram } from './emulated.js';

const { emulator, shelvery, refuse } = useEmulatedProgram();
const schema = publishedSchema('command.schema.json');
const seed = (): Promise<readonly string[]> =>
  emulator().seedVolumes([{ id: 'vol-0aaaaaaaaaaaaaaaa', tags: { 'shelvery:create_backup': 'true' } }]);

describe('doctor', () => {
  it('looks at every type at once, and ends with 0 where no check failed', async () => {
    await seed();
    const { code, stdout, stderr } = await shelvery('all', 'doctor');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^all doctor in eu-west-1 of 111111111111 as of /);
    expect(stdout).toMatch(/^CHECK +RESULT +TYPE +REGION +WHAT IS FOUND, AND WHAT TO DO$/m);
    expect(stdout).toMatch(/^permissions +ok +ebs +Tried as dry runs, and allowed: ec2:CreateSnapshot\. /m);
    expect(stdout).toMatch(/^permissions +ok +redshift +Redshift clusters can be listed/m);
    expect(stdout).toMatch(
      /^buckets +warning +eu-west-1 +The data bucket .* is not there yet: .*run create_data_buckets\.$/m,
    );
    expect(stdout).toMatch(/\nOK: 0 failed, 1 warning, \d+ ok\n$/);
    // What all types have in common is looked at once.
    expect(stdout.match(/^(credentials|clock|buckets|topics|queues|keys) /gm)).toHaveLength(6);
  });

  it('ends with 3 where a check failed, and has one checkup in its JSON', async () => {
    await seed();
    await refuse('DescribeDBInstances');
    const { code, stdout } = await shelvery('all', 'doctor', '--json');
    expect(code).toBe(3);
    const document: unknown = JSON.parse(stdout);
    expect(schema.safeParse(document).error).toBeUndefined();
    expect(document).toMatchObject({
      action: 'doctor',
      exit_code: 3,
      runs: [],
      checkup: {
        counts: { failed: 1 },
        findings: expect.arrayContaining([
          {
            check: 'permissions',
            result: 'failed',
            reason: 'call-refused',
            backup_type: 'rds',
            region: 'eu-west-1',
            subject: 'rds:DescribeDBInstances',
            text: 'AWS refuses rds:DescribeDBInstances in eu-west-1.',
            advice: 'Allow rds:DescribeDBInstances in the policy of the role or user that Shelvery runs as.',
          },
        ]),
      },
    });
  });

  it('says nothing with --quiet where all is well, and only what is not', async () => {
    await seed();
    await shelvery('ebs', 'create_backups');
    expect(await shelvery('ebs', 'doctor', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    await refuse('CreateTags');
    const { code, stdout } = await shelvery('ebs', 'doctor', '--quiet');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^CHECK .*\npermissions +failed +ebs +eu-west-1 +AWS refuses ec2:CreateTags .*\n$/);
  });

  it('ends with 2, and says what to do, where the credentials have expired', async () => {
    await emulator().addFault({
      kind: 'refuse',
      action: 'GetCallerIdentity',
      code: 'ExpiredToken',
      status: 403,
      times: 'always',
    });
    const { code, stdout, stderr } = await shelvery('all', 'doctor', '--no-stack');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('The credentials have expired: sign in again, and run it again.');
  });

  it('takes no options that make no sense for a look', async () => {
    const { code, stderr } = await shelvery('ebs', 'doctor', '--backdate');
    expect(code).toBe(2);
    expect(stderr).toContain('--backdate goes with create_backups, not with doctor.');
  });
});
