import { describe, expect, it } from '@jest/globals';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { accountsOf } from '../../emulator/accounts.js';
import { BUNKER, DR, HOME, SOURCE, SOURCE_2, useCopyEstate } from '../harness/copy-estate.js';
import { reasons } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';
import { makeResource } from '../harness/resources.js';

const estate = useCopyEstate();
const Answer = z.object({ entries: z.array(z.looseObject({ message: z.string().optional() })) });
const toldBy = (answer: unknown): string => JSON.stringify(Answer.parse(answer).entries);

/** A key of another account that nobody lets us use. */
async function refusedKey(): Promise<string> {
  const key = await accountsOf(estate.emulator()).makeKey({ account: SOURCE_2, region: DR });
  await accountsOf(estate.emulator()).setUnusableKeys([key]);
  return key;
}

async function makeTopic(): Promise<string> {
  const sns = new SNSClient(estate.emulator().clientConfig(SOURCE, HOME));
  return (await sns.send(new CreateTopicCommand({ Name: 'told' }))).TopicArn ?? '';
}

describe('a refusal in a stack names the parameter that opens it', () => {
  it('for a role', async () => {
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'AssumeRole', code: 'AccessDenied', status: 403, times: 'always' });
    const role = `arn:aws:iam::${SOURCE_2}:role/backups`;
    const invocation = lambdaFunction(estate.install({}))({ action: 'list_backups', config: { role_arn: role } });
    await expect(invocation).rejects.toMatchObject({
      code: 'CredentialsError',
      message: expect.stringMatching(
        `may use ${role} only if the stack's configuration names it, or its parameter AllowedRoles lists it.*Check role_arn`,
      ),
    });
    await expect(estate.run('list_backups', { config: { role_arn: role } })).rejects.toMatchObject({
      message: expect.not.stringContaining('AllowedRoles'),
    });
  });

  it('for an account to pull from', async () => {
    const config = { shelvery_source_aws_account_ids: SOURCE };
    await estate.run('create_data_buckets', {});
    expect(
      toldBy(await lambdaFunction(estate.install({ account: BUNKER }))({ action: 'pull_shared_backups', config })),
    ).toMatch(
      `may use ${SOURCE} only if the stack's configuration names it, or its parameter AllowedSourceAwsAccountIds lists it`,
    );
    expect(reasons((await estate.run('pull_shared_backups', { account: BUNKER, config })).outcomes)).toEqual([
      expect.not.stringContaining('AllowedSource'),
    ]);
  });

  it('for a key that RDS refuses at once', async () => {
    const key = await refusedKey();
    await makeResource(estate.emulator(), {
      ...{ type: 'rds', account: SOURCE, region: HOME, name: 'orders', tags: { 'shelvery:create_backup': 'true' } },
      kmsKeyId: await accountsOf(estate.emulator()).makeKey(),
    });
    await estate.run('create_backups', { type: 'rds' });
    const { id } = await estate.only({ type: 'rds' });
    const event = {
      action: 'do_copy_backup',
      arguments: { BackupId: id, OriginRegion: HOME, Region: DR },
      config: { shelvery_copy_kms_key_id: `${DR}=${key}` },
    };
    await expect(lambdaFunction(estate.install({ type: 'rds' }))(event)).rejects.toMatchObject({
      code: 'NotAllowed',
      message: expect.stringMatching(
        `KMSKeyNotAccessibleFault.*may use ${key} only if the stack's configuration names it, or its parameter AllowedKmsKeys lists it`,
      ),
    });
    const copied = await estate.run('create_backups', {
      type: 'rds',
      config: { shelvery_dr_regions: DR, ...event.config },
    });
    expect(reasons(copied.outcomes).filter((reason) => reason.includes('KMSKey'))).toEqual([
      expect.not.stringContaining('AllowedKmsKeys'),
    ]);
  });

  it('for a key by which EC2 lets a copy fail', async () => {
    const key = await refusedKey();
    await estate.resource({}, 'orders');
    await estate.run('create_backups', {});
    const { id } = await estate.only({});
    const config = { shelvery_copy_kms_key_id: `${DR}=${key}`, shelvery_encrypt_copy: 'true' };
    const invoke = lambdaFunction(estate.install({ config: { shelvery_sns_topic: await makeTopic() } }));
    await invoke({ action: 'do_copy_backup', arguments: { BackupId: id, OriginRegion: HOME, Region: DR }, config });
    const told = (await estate.emulator().publishedMessages())
      .map(({ message }) => message)
      .filter((message) => message.includes('BackupFailed'));
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((message) => !message.includes('or its parameter AllowedKmsKeys'))).toEqual([]);
  });
});
