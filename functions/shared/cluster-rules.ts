import type { ServiceRules } from '@shelvery/engine';
import { OUTSIDE_DOCDB_TAG_VALUES, OUTSIDE_RDS_TAG_VALUES } from './tag-alphabets.js';

/**
 * Names: page "CreateDBClusterSnapshot". Sharing: page "Sharing a DB cluster snapshot". Encrypting: page
 * "CopyDBClusterSnapshot".
 */
const CLUSTER_RULES = {
  maxNameLength: 63,
  nameStartsWithLetter: true,
  lowerCase: true,
  copyMayEncrypt: false,
  encryptedCopyNeedsKey: true,
  knownByName: true,
  maxShareAccounts: 20,
};

export const RDS_CLUSTER_RULES: ServiceRules = { ...CLUSTER_RULES, forbiddenInTagValues: OUTSIDE_RDS_TAG_VALUES };

export const DOCDB_RULES: ServiceRules = { ...CLUSTER_RULES, forbiddenInTagValues: OUTSIDE_DOCDB_TAG_VALUES };
