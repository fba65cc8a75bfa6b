import type { ServiceRules } from '@shelvery/engine';
import { OUTSIDE_RDS_TAG_VALUES } from '../shared/tag-alphabets.js';

/** Names: page "CreateClusterSnapshot". Sharing: page "Quotas and limits in Amazon Redshift". */
export const REDSHIFT_RULES: ServiceRules = {
  maxNameLength: 255,
  nameStartsWithLetter: true,
  lowerCase: true,
  forbiddenInTagValues: OUTSIDE_RDS_TAG_VALUES,
  copyMayEncrypt: false,
  encryptedCopyNeedsKey: true,
  knownByName: true,
  maxShareAccounts: 20,
};
