import { and, commented, condition, equals, join, not, or, ref, split } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import { PARAMETERS, mayBeEmpty } from './parameters.js';

/** The condition that a parameter which may be left empty is not. */
export const hasCondition = (parameter: string): string => `Has${parameter.replace(/^Shelvery/, '')}`;

const isEmpty = (parameter: string): Mapping => equals(ref(parameter), '');
const isGiven = (parameter: string): Mapping => not(isEmpty(parameter));

/** Those that are asked for by their own condition nowhere. */
const NOT_ASKED_FOR: readonly string[] = ['ShelverySnsTopic', 'AllowedSourceAwsAccountIds'];

/** What the stack is made by. */
export const CONDITIONS: Mapping = {
  ...Object.fromEntries(
    PARAMETERS.filter((parameter) => mayBeEmpty(parameter) && !NOT_ASKED_FOR.includes(parameter.name)).map(
      ({ name }) => [hasCondition(name), isGiven(name)],
    ),
  ),
  MakesSnsTopic: isEmpty('ShelverySnsTopic'),
  MakesErrorSnsTopic: commented(
    'Errors go to the main topic where there is one and none for errors.',
    and(condition('MakesSnsTopic'), not(condition('HasErrorSnsTopic'))),
  ),
  HasFurther: or(condition('HasAllowedTopics'), condition('HasAllowedRoles')),
  HasSources: or(condition('HasSourceAwsAccountIds'), isGiven('AllowedSourceAwsAccountIds')),
  HasShares: or(isGiven('ShelveryShareAwsAccountIds'), isGiven('AllowedShareAwsAccountIds')),
  HasOthersTopics: or(
    not(condition('MakesSnsTopic')),
    condition('HasErrorSnsTopic'),
    condition('HasStatusSnsTopic'),
    condition('HasAllowedTopics'),
  ),
  NamesAccountInBuckets: not(
    equals(join('', split('{account_id}', ref('ShelveryBucketNameTemplate'))), ref('ShelveryBucketNameTemplate')),
  ),
  HasCompletionEvents: equals(ref('ShelveryCompletionEvents'), 'ENABLED'),
  IsChina: equals(ref('AWS::Partition'), 'aws-cn'),
  IsGovCloud: equals(ref('AWS::Partition'), 'aws-us-gov'),
};
