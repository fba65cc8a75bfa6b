import { describe, expect, it } from '@jest/globals';
import { listMarked, notSelectable } from '../../../layers/engine/src/operations/marked-resources.js';
import { ResourceId } from '../../../layers/engine/src/domain/values.js';
import { serviceOf } from '../../simulation/world/services.js';
import { HOME, LOCAL, OWN_ACCOUNT, resource, runConfig } from '../domain/builders.js';

const { adapter } = serviceOf('ebs');
const CONTEXT = { adapter, config: runConfig(), home: HOME };

describe('a resource that is selected', () => {
  const selecting = (id: string) => ({ ...CONTEXT, config: runConfig({ shelvery_select_entity: id }) });
  const marked = [resource('vol-1'), resource('vol-2')];

  it('is one of those that are marked, or an error', () => {
    expect(notSelectable(CONTEXT, [])).toBeUndefined();
    expect(notSelectable(selecting('vol-2'), marked)).toBeUndefined();
    expect(notSelectable(selecting('vol-3'), marked)).toMatchObject({
      code: 'UsageError',
      message: `EBS volume vol-3 (shelvery_select_entity) is not there, or not marked, in ${LOCAL} of account ${OWN_ACCOUNT}. Correct the id, the region or the credentials, or mark it with the tag shelvery:create_backup = true.`,
    });
  });

  it('may be gone, where the run is for the backups of what is gone, too', () => {
    const backups = [{ entityId: ResourceId.parse('vol-3') }];
    expect(notSelectable(selecting('vol-3'), marked, backups)).toBeUndefined();
    expect(notSelectable(selecting('vol-4'), marked, backups)).toMatchObject({
      code: 'UsageError',
      message: `EBS volume vol-4 (shelvery_select_entity) is not marked in ${LOCAL} of account ${OWN_ACCOUNT}, and has no backups. Correct the id, the region or the credentials.`,
    });
  });

  it('is the only one of which a near miss is told', async () => {
    const near = ['vol-1', 'vol-2'].map((id) => ({ ...resource(id), tags: { 'shelvery:create_backup': 'on' } }));
    const told: unknown[] = [];
    const log = {
      info: () => undefined,
      warn: (...[code, , data]: readonly unknown[]) => void told.push([code, data]),
      error: () => undefined,
    };
    const listed = { ...adapter, listResources: () => Promise.resolve([...near, resource('vol-3')]) };
    const found = await listMarked({ ...selecting('vol-2'), adapter: listed, log });
    expect(found.map(({ id }) => id)).toEqual(['vol-3']);
    expect(told).toEqual([['SHELVERY_NEAR_MISS', { entityId: 'vol-2' }]]);
  });
});
