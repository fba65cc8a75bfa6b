import type { ServiceRules } from '@shelvery/engine';

/** Page "CreateImage": 3 to 128 characters, from an alphabet that has all of ours. */
export const AMI_RULES: ServiceRules = {
  maxNameLength: 128,
  nameStartsWithLetter: false,
  lowerCase: false,
  copyMayEncrypt: true,
  encryptedCopyNeedsKey: false,
  knownByName: false,
};
