import type { ServiceRules } from '@shelvery/engine';

/** Only a tag's value limits the name: EC2 knows a snapshot by its id. */
export const EBS_RULES: ServiceRules = {
  maxNameLength: 255,
  nameStartsWithLetter: false,
  lowerCase: false,
  copyMayEncrypt: true,
  encryptedCopyNeedsKey: false,
  knownByName: false,
};
