import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { KeyMetadata } from '@aws-sdk/client-kms';
import { accountsOf } from './accounts.js';
import { startEmulator } from './emulator.js';
import type { Emulator } from './emulator.js';

const REGION = 'eu-west-1';
const OWN = '111111111111';
const OTHER = '222222222222';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ account: OWN, region: REGION });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.stop());

const describeKey = async (KeyId: string): Promise<KeyMetadata | undefined> =>
  (await new KMSClient(emulator.clientConfig()).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;

// Page "DescribeKey".
describe('a KMS key', () => {
  it('is described with its owner, who manages it and its state', async () => {
    const arn = await accountsOf(emulator).makeKey();
    expect(await describeKey(arn)).toMatchObject({ AWSAccountId: OWN, KeyManager: 'CUSTOMER', KeyState: 'Enabled' });
    expect(await describeKey('alias/aws/ebs')).toMatchObject({ AWSAccountId: OWN, KeyManager: 'AWS' });
  });

  it("of another account's is described by its ARN, and by nothing else", async () => {
    const arn = await accountsOf(emulator).makeKey({ account: OTHER });
    expect(await describeKey(arn)).toMatchObject({ Arn: arn, AWSAccountId: OTHER });
    await expect(describeKey(arn.split('/')[1] ?? '')).rejects.toMatchObject({ name: 'NotFoundException' });
    await expect(describeKey(arn.replace(OTHER, '333333333333'))).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});
