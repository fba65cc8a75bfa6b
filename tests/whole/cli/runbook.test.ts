import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from '@jest/globals';
import { useEmulatedProgram } from './emulated.js';

const folder = mkdtempSync(`${tmpdir()}/shelvery-runbook-`);

const { emulator, shelvery, refuse } = useEmulatedProgram('--no-stack');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The commands on a page, as a reader copies them. */
function scripts(html: string): readonly string[] {
  return [...html.matchAll(/<pre (?:[^">]|"[^"]*")*>([\s\S]*?)<\/pre>/g)].map(([, text = '']) =>
    text.replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
}

describe('runbook --html', () => {
  it('has for each place of each resource the commands that restore_plan writes', async () => {
    await emulator().seedVolumes([
      { id: 'vol-0aaaaaaaaaaaaaaaa', tags: { Name: `<i>"orders" & 'more'`, 'shelvery:create_backup': 'true' } },
    ]);
    await shelvery('ebs', 'create_backups', '--config', 'shelvery_dr_regions=eu-central-1');
    await emulator().seedVolumes([
      { id: 'vol-0bbbbbbbbbbbbbbbb', tags: { Name: 'a new one', 'shelvery:create_backup': 'true' } },
    ]);
    const file = `${folder}/runbook.html`;
    const { code, stdout, stderr } = await shelvery('all', 'runbook', '--html', file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\nall +OK: 2 resources\n/);
    const html = readFileSync(file, 'utf8');
    expect(html).toContain('<bdi>a new one</bdi>');
    expect(html).toContain('It has no good backup: there is nothing to restore it from.');
    const written = scripts(html);
    const ids = written.map((script) => /\((snap-\w+)\)/.exec(script)?.[1] ?? '');
    expect(new Set(ids).size).toBe(2);
    for (const [index, region] of ['eu-west-1', 'eu-central-1'].entries()) {
      expect(written[index]).toContain(`--region ${region}`);
      const plan = await shelvery('ebs', 'restore_plan', `${region}:${ids[index] ?? ''}`, '--into', region);
      expect(plan.stdout.trim()).toBe(written[index]?.trim());
    }
  });

  it('of one resource has nothing of the others, and says so', async () => {
    const id = 'vol-0bbbbbbbbbbbbbbbb';
    const tags = { 'shelvery:create_backup': 'true' };
    await emulator().seedVolumes([
      { id: 'vol-0aaaaaaaaaaaaaaaa', tags },
      { id, tags },
    ]);
    const { code, stdout } = await shelvery('ebs', 'runbook', '--resource', id, '--html', '-');
    expect(code).toBe(0);
    expect(stdout).toContain(`Of the EBS volumes, only ${id} is on this page, and nothing of other types.`);
    expect(stdout).not.toContain('vol-0aaaaaaaaaaaaaaaa');
  });

  it('of a resource that is not there says why there is no page', async () => {
    const { code, stdout, stderr } = await shelvery('ebs', 'runbook', '--resource', 'vol-nope', '--html', '-');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^warning: ebs: .*vol-nope \(shelvery_select_entity\) is not there, or not marked.*\nerror: No page/,
    );
  });

  it('says what could not be looked at, and ends with 3', async () => {
    await refuse('DescribeImages');
    const { code, stdout, stderr } = await shelvery('all', 'runbook', '--html', '-');
    expect(code).toBe(3);
    expect(stdout).toMatch(/<b>EC2 instances:<\/b> .*ec2:DescribeImages/);
    expect(stderr).toMatch(/^warning: ec2ami: .*ec2:DescribeImages/);
  });
});
