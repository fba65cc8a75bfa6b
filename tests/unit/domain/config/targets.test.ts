import { describe, expect, it } from '@jest/globals';
import { sourceAccountsOf, targetWarnings, targetsOf } from '../../../../layers/engine/src/domain/config/targets.js';
import type { ConfigValues } from '../../../../layers/engine/src/domain/config/config-schema.js';
import { DR, HOME, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD, configValues } from '../builders.js';

/** Where backups go, and what is left out. */
const wayOf = (config: ConfigValues): unknown => ({
  ...targetsOf(config, HOME),
  warnings: targetWarnings(config, HOME),
});

describe('where a backup goes', () => {
  it('is nowhere unless configured', () => {
    expect(wayOf(configValues())).toEqual({ drRegions: [], shareAccounts: [], warnings: [] });
  });

  it('is a region that is not known, too, with a warning: AWS opens others', () => {
    expect(wayOf(configValues({ shelvery_dr_regions: 'eu-centrall-1' }))).toEqual({
      drRegions: ['eu-centrall-1'],
      shareAccounts: [],
      warnings: [
        'shelvery_dr_regions names eu-centrall-1, which is no region that this version knows (did you mean eu-central-1?). ' +
          'If AWS has opened it since, there is nothing to do; else correct it.',
      ],
    });
  });

  it('is the DR regions and share accounts, each once, in their order', () => {
    const config = configValues({
      shelvery_dr_regions: `${THIRD}, ${DR} ${THIRD}`,
      shelvery_share_aws_account_ids: [OTHER_ACCOUNT, OTHER_ACCOUNT],
    });
    expect(wayOf(config)).toEqual({ drRegions: [THIRD, DR], shareAccounts: [OTHER_ACCOUNT], warnings: [] });
  });

  it('is not the local region, with a warning', () => {
    expect(wayOf(configValues({ shelvery_dr_regions: [DR, LOCAL] }))).toEqual({
      drRegions: [DR],
      shareAccounts: [],
      warnings: ['shelvery_dr_regions names eu-west-1, where the backups are made; it is left out.'],
    });
  });

  it('is pulled from other accounts than the own, with a warning', () => {
    const config = configValues({ shelvery_source_aws_account_ids: [OWN_ACCOUNT, OTHER_ACCOUNT] });
    expect(sourceAccountsOf(config, HOME)).toEqual([OTHER_ACCOUNT]);
    expect(targetWarnings(config, HOME)).toEqual([
      'shelvery_source_aws_account_ids names 111111111111, which is this account; it is left out.',
    ]);
  });

  it('is not the own account, with a warning', () => {
    expect(wayOf(configValues({ shelvery_share_aws_account_ids: [OWN_ACCOUNT, OTHER_ACCOUNT] }))).toEqual({
      drRegions: [],
      shareAccounts: [OTHER_ACCOUNT],
      warnings: ['shelvery_share_aws_account_ids names 111111111111, which makes the backups; it is left out.'],
    });
  });
});
