import { describe, expect, it } from '@jest/globals';
import {
  DeregisterImageCommand,
  EC2Client,
  EnableAllowedImagesSettingsCommand,
  ReplaceImageCriteriaInAllowedImagesSettingsCommand,
} from '@aws-sdk/client-ec2';
import type { ImageCriterionRequest } from '@aws-sdk/client-ec2';
import { BUNKER, DR, HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import { inShort, reasons } from '../harness/ebs-estate.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const source = { type: 'ec2ami', config: { shelvery_share_aws_account_ids: BUNKER } } as const;
const bunker = {
  type: 'ec2ami',
  account: BUNKER,
  config: { shelvery_source_aws_account_ids: SOURCE },
} as const;
const ec2 = (): EC2Client => new EC2Client(estate.emulator().clientConfig(BUNKER, HOME));
const shared = async (): Promise<readonly string[]> =>
  Object.keys(await estate.files(SOURCE)).filter((key) => key.startsWith('backups/shared/'));

async function allow(...ImageCriteria: ImageCriterionRequest[]): Promise<void> {
  await ec2().send(new EnableAllowedImagesSettingsCommand({ AllowedImagesSettingsState: 'enabled' }));
  await ec2().send(new ReplaceImageCriteriaInAllowedImagesSettingsCommand({ ImageCriteria }));
}

describe('images that the settings of a bunker hide', () => {
  it('keep their files, for however long it lasts, and are pulled once they are allowed', async () => {
    await estate.resource(source, 'web');
    await estate.run('create_backups', source, { time: MADE });
    const [file] = await shared();
    await allow({ ImageProviders: ['amazon'] });
    await estate.clock().advance(49 * 3_600_000);
    const { outcomes } = await estate.run('pull_shared_backups', bunker);
    expect(reasons(outcomes)).toEqual([
      expect.stringMatching(/"Allowed AMIs" is enabled here .* image provider 111111111111 .*Its file stays\.$/),
    ]);
    expect(inShort(outcomes)).toContain('PullSharedBackup failed ConfigurationError');
    expect(await shared()).toEqual([file]);
    await allow({ ImageProviders: ['amazon', SOURCE] });
    expect((await estate.run('pull_shared_backups', bunker)).report.status).toBe('OK');
    expect(await estate.backups(bunker)).toHaveLength(1);
  });

  it.each<readonly [string, ImageCriterionRequest]>([
    ['allowed, as gone after its hours', { ImageProviders: [SOURCE] }],
    ['nobody can know of: one of certain names, as hidden', { ImageProviders: [SOURCE], ImageNames: ['golden-*'] }],
  ])('are told of an account that is %s', async (what, criterion) => {
    await estate.resource(source, 'web');
    await estate.run('create_backups', source, { time: MADE });
    const [made] = await estate.backups(source);
    await new EC2Client(estate.emulator().clientConfig(SOURCE, HOME)).send(
      new DeregisterImageCommand({ ImageId: made?.id }),
    );
    await allow(criterion);
    await estate.clock().advance(49 * 3_600_000);
    await estate.run('pull_shared_backups', bunker);
    expect((await shared()).filter((key) => key.includes('-failed/'))).toHaveLength(what.startsWith('allowed') ? 1 : 0);
  });

  it('stop nothing else from being pulled where they may not be read, and keep the file', async () => {
    await estate.resource(source, 'web');
    await estate.resource(source, 'app');
    await estate.run('create_backups', source, { time: MADE });
    const [unshared] = await estate.backups(source);
    await new EC2Client(estate.emulator().clientConfig(SOURCE, HOME)).send(
      new DeregisterImageCommand({ ImageId: unshared?.id }),
    );
    await estate.emulator().addFault({
      action: 'GetAllowedImagesSettings',
      kind: 'refuse',
      code: 'UnauthorizedOperation',
      status: 403,
      times: 'always',
    });
    await estate.clock().advance(49 * 3_600_000);
    const { outcomes } = await estate.run('pull_shared_backups', bunker);
    expect(reasons(outcomes)).toEqual([
      expect.stringMatching(
        /UnauthorizedOperation while asking what may hide it: .*ec2:GetAllowedImagesSettings.*Its file stays\.$/,
      ),
    ]);
    expect(await estate.backups(bunker)).toHaveLength(1);
    expect((await shared()).map((key) => key.split('/')[3]).sort()).toEqual(['ec2ami', 'ec2ami-processed']);
  });

  it('are not asked for where all that is shared is seen', async () => {
    await estate.resource(source, 'web');
    await estate.run('create_backups', source, { time: MADE });
    await estate.run('pull_shared_backups', bunker);
    expect((await estate.emulator().counts())['ec2:GetAllowedImagesSettings']).toBeUndefined();
  });
});

describe('images of AWS Marketplace', () => {
  it('are backed up and copied to DR regions, and not shared, which is one IGNORE', async () => {
    await estate.resource(source, 'web');
    await estate.run('create_backups', { type: 'ec2ami' }, { time: MADE });
    const [image] = await estate.backups(source);
    await estate.emulator().setProductCodes(image?.id ?? '', [{ id: 'abc123' }]);
    const config = { ...source.config, shelvery_dr_regions: DR };
    const { outcomes, report } = await estate.run('create_backups', { ...source, config }, { time: MADE });
    expect(report.status).toBe('OK');
    expect(inShort(outcomes).filter((line) => line.startsWith('Share'))).toEqual([
      'ShareBackup ignored',
      'ShareRegionalBackupCopy ignored',
    ]);
    expect(reasons(outcomes)).toEqual(
      Array(2).fill(expect.stringMatching(/was not shared: it has a product code of AWS Marketplace \(abc123\)/)),
    );
    expect(await shared()).toEqual([]);
    expect(await estate.backups({ ...source, region: DR })).toHaveLength(1);
  });

  it('that were shared are set aside by the bunker, once, as an IGNORE', async () => {
    await estate.resource(source, 'web');
    await estate.run('create_backups', source, { time: MADE });
    const [image] = await estate.backups(source);
    await estate.emulator().setProductCodes(image?.id ?? '', [{ id: 'abc123' }]);
    const planned = await estate.run('pull_shared_backups', bunker, { dryRun: true });
    expect(planned.plan).toMatchObject([{ what: 'refuse', reason: expect.stringContaining('AWS Marketplace') }]);
    const { outcomes, report } = await estate.run('pull_shared_backups', bunker);
    expect(inShort(outcomes)).toContain('PullSharedBackup ignored');
    expect(report.status).toBe('OK');
    expect((await shared()).map((key) => key.split('/')[3])).toEqual(['ec2ami-failed']);
    expect((await estate.run('pull_shared_backups', bunker)).outcomes).toEqual([]);
    expect((await estate.emulator().counts())['ec2:CopyImage']).toBeUndefined();
  });
});
