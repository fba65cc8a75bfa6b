import type { ServiceRules } from '@shelvery/engine';
import { OUTSIDE_RDS_TAG_VALUES } from '../shared/tag-alphabets.js';

/** Names: page "CreateDBSnapshot". Sharing: page "Sharing a DB snapshot for Amazon RDS". */
export const RDS_RULES: ServiceRules = {
  // The service takes 255, but copies name their source as <region>:<name> in a tag, whose value has 256 at most.
  maxNameLength: 240,
  nameStartsWithLetter: true,
  lowerCase: true,
  forbiddenInTagValues: OUTSIDE_RDS_TAG_VALUES,
  copyMayEncrypt: true,
  encryptedCopyNeedsKey: true,
  knownByName: true,
  maxShareAccounts: 20,
};
