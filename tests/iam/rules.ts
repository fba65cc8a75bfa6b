import type { RecordedCall, Rule, Rules } from './calls.js';
import type { AccessRequest } from './evaluate.js';
import { EC2 } from './rules/ec2.js';
import { KMS, LAMBDA, SNS, SQS, SSM, STS } from './rules/engine.js';
import { RDS } from './rules/rds.js';
import { REDSHIFT } from './rules/redshift.js';
import { S3 } from './rules/s3.js';

/** What every call of the product asks of IAM, by service as calls are signed, and operation. */
export const RULES: Readonly<Record<string, Rules>> = {
  ec2: EC2,
  kms: KMS,
  lambda: LAMBDA,
  rds: RDS,
  redshift: REDSHIFT,
  s3: S3,
  sns: SNS,
  sqs: SQS,
  ssm: SSM,
  sts: STS,
};

/** The rule of an operation; there is one for each that the product calls. */
export function ruleOf(service: string, operation: string): Rule {
  const rule = RULES[service]?.[operation];
  if (rule === undefined)
    throw new Error(`There is no rule for ${service}:${operation} in tests/iam/rules: say which permissions it takes.`);
  return rule;
}

/** What AWS asks IAM before it does a call. */
export function requestsOf(call: RecordedCall): readonly AccessRequest[] {
  return ruleOf(call.service, call.action).asks(call);
}
