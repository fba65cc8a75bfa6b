import { describe, expect, it } from '@jest/globals';
import { targetsOf } from '../../../../layers/engine/src/domain/config/targets.js';
import { DR, HOME, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD, configValues } from '../builders.js';

describe('where a backup goes', () => {
  it('is nowhere unless configured', () => {
    expect(targetsOf(configValues(), HOME)).toEqual({ drRegions: [], shareAccounts: [], warnings: [] });
  });

  it('is the DR regions and share accounts, each once, in their order', () => {
    const config = configValues({
      shelvery_dr_regions: `${THIRD}, ${DR} ${THIRD}`,
      shelvery_share_aws_account_ids: [OTHER_ACCOUNT, OTHER_ACCOUNT],
    });
    expect(targetsOf(config, HOME)).toEqual({ drRegions: [THIRD, DR], shareAccounts: [OTHER_ACCOUNT], warnings: [] });
  });

  it('is not the local region, with a warning', () => {
    expect(targetsOf(configValues({ shelvery_dr_regions: [DR, LOCAL] }), HOME)).toEqual({
      drRegions: [DR],
      shareAccounts: [],
      warnings: ['shelvery_dr_regions names eu-west-1, where the backups are made; it is left out.'],
    });
  });

  it('is not the own account, with a warning', () => {
    expect(targetsOf(configValues({ shelvery_share_aws_account_ids: [OWN_ACCOUNT, OTHER_ACCOUNT] }), HOME)).toEqual({
      drRegions: [],
      shareAccounts: [OTHER_ACCOUNT],
      warnings: ['shelvery_share_aws_account_ids names 111111111111, which makes the backups; it is left out.'],
    });
  });
});
