import { EC2Client, ModifySnapshotTierCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AccountId, Region } from '@shelvery/engine/terminal';
import type { RestorePlan, RestoreRequest } from '@shelvery/engine/terminal';
import { BUNKER, DR, HOME, SOURCE, useCopyEstate } from '../../integration/harness/copy-estate.js';
import { RESTORED_TYPES, answersFor, factsAt, idsAt, makeOrders, prepareGround, startInstance } from './estates.js';
import type { RestoredType } from './estates.js';
import { lintTemplates, runScript, startAwsCli } from './script.js';
import type { AwsCli } from './script.js';

const estate = useCopyEstate();
// Scripts of real commands, on a machine that may be busy.
jest.setTimeout(60_000);
let aws: AwsCli;
beforeAll(async () => {
  aws = await startAwsCli([SOURCE, BUNKER]);
});
afterAll(() => aws.stop());

const AT = { account: SOURCE, region: HOME };
const MADE = '2026-10-06T03:00:00Z';

async function planOf(type: RestoredType, restore: Partial<RestoreRequest> = {}): Promise<RestorePlan> {
  const { name } = await estate.only({ type, ...AT });
  const request = { backup: name, form: 'cli', into: {}, ...restore } as const;
  const result = await estate.run('restore_plan', { type, ...AT }, { restore: request });
  if (result.restorePlan === undefined) throw result.brokeOff ?? new Error('There is no plan');
  return result.restorePlan;
}

/** A backup of a resource with settings of its own; what that was. */
async function backUp(type: RestoredType) {
  const ground = await prepareGround(estate, AT);
  const id = await makeOrders(estate, type, AT, ground);
  const was = await factsAt(estate, type, AT, id);
  await estate.run('create_backups', { type, ...AT }, { time: MADE });
  return { id, was, ground };
}

describe('a template of restore_plan', () => {
  it('of CloudFormation is one that cfn-lint takes, for every type', async () => {
    const templates: Record<string, string> = {};
    for (const type of RESTORED_TYPES) {
      await estate.emulator().reset();
      await backUp(type);
      templates[type] = (await planOf(type, { form: 'cfn' })).text;
      if (type !== 'redshift')
        templates[`${type}-elsewhere`] = (await planOf(type, { form: 'cfn', into: regionOf(DR) })).text;
    }
    expect(await lintTemplates(templates)).toBe('');
  });

  it.each(['ebs', 'ec2ami'] as const)('of CloudFormation makes what the resource was: %s', async (type) => {
    const { was } = await backUp(type);
    const before = await idsAt(estate, type, AT);
    const plan = await planOf(type, { form: 'cfn' });
    const script = `aws cloudformation create-stack --region ${HOME} --stack-name restored-${type} --template-body "$TEMPLATE"`;
    const end = await runScript({ emulator: estate.emulator(), aws }, { text: script, inputs: [] }, SOURCE, {
      TEMPLATE: plan.text,
    });
    expect(end).toEqual({ code: 0, stderr: '' });
    const [made = ''] = (await idsAt(estate, type, AT)).filter((id) => !before.includes(id));
    const is = await factsAt(estate, type, AT, made);
    // What the emulator's CloudFormation passes on.
    const told = {
      ebs: ['size_gib', 'availability_zone'],
      ec2ami: ['instance_type', 'subnet_id', 'key_name'],
    }[type];
    const among = (facts: object): object =>
      Object.fromEntries(Object.entries(facts).filter(([name]) => told.includes(name)));
    expect(among(is)).toEqual(among(was));
  });

  it.each(RESTORED_TYPES)('of Terraform is JSON that names the backup: %s', async (type) => {
    await backUp(type);
    const { id } = await estate.only({ type, ...AT });
    const { text } = await planOf(type, { form: 'terraform' });
    expect(JSON.parse(text)).toMatchObject({ provider: { aws: { region: HOME } }, resource: expect.any(Object) });
    expect(text).toContain(`": "${id}"`);
  });
});

function regionOf(name: string): RestoreRequest['into'] {
  return { region: Region.parse(name) };
}

describe('a script of restore_plan', () => {
  it('takes a snapshot out of the archive tier first', async () => {
    const { was, ground } = await backUp('ebs');
    const { id } = await estate.only({ type: 'ebs', ...AT });
    const ec2 = new EC2Client(estate.emulator().clientConfig(SOURCE, HOME));
    await ec2.send(new ModifySnapshotTierCommand({ SnapshotId: id, StorageTier: 'archive' }));
    const plan = await planOf('ebs');
    const instance = await startInstance(estate, AT, ground, false);
    const text = plan.text.replace(was.attached_to ?? '', instance);
    expect(await runScript({ emulator: estate.emulator(), aws }, { ...plan, text }, SOURCE, {})).toMatchObject({
      code: 0,
    });
    expect(plan.steps.map(({ operation }) => operation).slice(0, 2)).toEqual([
      'RestoreSnapshotTier',
      'DescribeSnapshotTierStatus',
    ]);
  });

  it.each(['ebs', 'ec2ami', 'rds', 'rds_cluster'] as const)(
    'shares, copies and restores into another account: %s',
    async (type) => {
      const { was } = await backUp(type);

      const into = { account: BUNKER, region: HOME };
      const ground = await prepareGround(estate, into);
      const instance = await startInstance(estate, into, ground, false);
      const before = await idsAt(estate, type, into);
      const plan = await planOf(type, { into: { account: AccountId.parse(BUNKER) } });
      const end = await runScript(
        { emulator: estate.emulator(), aws },
        plan,
        SOURCE,
        answersFor(type, ground, { ...into, instance }),
      );
      expect(end).toEqual({ code: 0, stderr: '' });
      const [made = ''] = (await idsAt(estate, type, into)).filter((id) => !before.includes(id));
      const is = await factsAt(estate, type, into, made);
      const names = [
        'size_gib',
        'storage_type',
        'iops',
        'instance_type',
        'instance_class',
        'engine',
        'port',
        'node_type',
        'node_count',
      ];
      const among = (facts: object): object =>
        Object.fromEntries(Object.entries(facts).filter(([name]) => names.includes(name)));
      expect(among(is)).toEqual(among(was));
    },
  );

  it('stops before its first call where something is not filled in', async () => {
    await backUp('ebs');
    const plan = await planOf('ebs', { into: regionOf(DR) });
    await estate.emulator().clearCalls();
    const end = await runScript({ emulator: estate.emulator(), aws }, plan, SOURCE, {});
    expect(end.code).not.toBe(0);
    expect(end.stderr).toContain('AVAILABILITY_ZONE: is to be filled in');
    expect(await estate.emulator().calls()).toEqual([]);
  });
});

describe('a backup that is asked for', () => {
  it('is named among the nearest where there is none of that name, with where it was looked for', async () => {
    await backUp('ebs');
    const { name } = await estate.only({ type: 'ebs', ...AT });
    const wrong = `${name.slice(0, -1)}x`;
    await expect(planOf('ebs', { backup: wrong })).rejects.toMatchObject({
      code: 'UsageError',
      message: expect.stringMatching(
        new RegExp(`There is no backup "${wrong}"\\. Looked in ${HOME} of account ${SOURCE}\\. The nearest: ${name}`),
      ),
    });
  });

  it('is told with its name where the resource was named in its place', async () => {
    await backUp('ebs');
    const { name, entityId } = await estate.only({ type: 'ebs', ...AT });
    await expect(planOf('ebs', { backup: entityId })).rejects.toMatchObject({
      code: 'UsageError',
      message: expect.stringContaining(`"${entityId}" is a resource, and no backup. Its newest backup is ${name} (`),
    });
  });

  it('is planned by what the resource is now where its file does not say what it was', async () => {
    const { was } = await backUp('ebs');
    const { name } = await estate.only({ type: 'ebs', ...AT });
    const key = `backups/ebs/${name}.yaml`;
    const text = (await estate.files(SOURCE))[key] ?? '';
    await estate.putFile(SOURCE, key, text.replace(/^restore:\n(?: {2}.*\n)+/m, ''));
    const plan = await planOf('ebs');
    expect(plan).toMatchObject({ facts_from: 'resource', facts: was });
    expect(plan.notes[0]).toBe(
      'The metadata file does not say what the resource was: the plan goes by what it is now.',
    );
    await estate.deleteFile(SOURCE, key);
    expect((await planOf('ebs')).notes[0]).toContain(`reading the metadata file shelvery.data.${SOURCE}`);
    await estate.putFile(SOURCE, key, 'x');
    expect((await planOf('ebs')).notes[0]).toMatch(/cannot be read: it is not a mapping of fields/);
    await estate.putFile(SOURCE, key, text.replace(/snap-[0-9a-f]+/, 'snap-00000000000000000'));
    expect((await planOf('ebs')).notes[0]).toMatch(/is of another backup, snap-0{17}\./);
  });
});
