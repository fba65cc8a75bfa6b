import * as z from 'zod';

/** What the control API answers with. */

export const loggedCalls = z.array(
  z.object({
    /** Counts from 1 since the start or the last reset. */
    sequence: z.number(),
    /** The name under which the call was signed: DocumentDB's and Neptune's calls are `rds`. */
    service: z.string(),
    action: z.string(),
    region: z.string(),
    account: z.string(),
    /**
     * Flat for the query protocols (`Filter.1.Value.1`), the JSON document, or what a REST call's address and headers
     * name.
     */
    parameters: z.record(z.string(), z.unknown()),
    /** 0 where no answer was given: the connection was dropped, or is held. */
    status: z.number(),
    errorCode: z.string().nullable(),
    userAgent: z.string(),
    /** Milliseconds since 1970 by the emulator's clock. */
    time: z.number(),
    /** What the parameters name, as it was when the call came; where `setLoggedTargets` asked for it. */
    targets: z
      .array(
        z.object({
          parameter: z.string(),
          arn: z.string(),
          /** Whose it is, also where the ARN does not say. */
          account: z.string(),
          tags: z.record(z.string(), z.string()),
          /** What it is encrypted with. */
          kmsKeyId: z.string().nullable(),
        }),
      )
      .optional(),
  }),
);
/** One call as the emulator saw it. */
export type LoggedCall = z.infer<typeof loggedCalls>[number];

export const callCounts = z.record(z.string(), z.number());

export const addedFault = z.object({ id: z.number() });

export const faultRecords = z.array(
  z.object({
    id: z.number(),
    /** How many calls fitted. */
    seen: z.number(),
    struck: z.number(),
  }),
);
export type FaultRecord = z.infer<typeof faultRecords>[number];

export const sequenceNumbers = z.array(z.number());

export const clockTime = z.object({ now: z.number() });

export const resourceIds = z.array(z.string());

export const publishedMessages = z.array(
  z.object({
    topicArn: z.string(),
    subject: z.string().nullable(),
    message: z.string(),
    account: z.string(),
    region: z.string(),
  }),
);
export type PublishedMessage = z.infer<typeof publishedMessages>[number];

export const invocations = z.array(
  z.object({
    /** As it was given: a name or an ARN. */
    functionName: z.string(),
    invocationType: z.string(),
    payload: z.unknown(),
    account: z.string(),
    region: z.string(),
  }),
);
export type Invocation = z.infer<typeof invocations>[number];

export const violations = z.array(
  z.object({
    service: z.string(),
    action: z.string(),
    /** Dotted, by the names of AWS's model; numbers count from 1. Empty where the whole call is meant. */
    parameter: z.string(),
    rule: z.string(),
    /** Title of the page of the AWS documentation. */
    page: z.string(),
  }),
);
/** What was wrong with a call that AWS would have refused. */
export type Violation = z.infer<typeof violations>[number];

export const answerProblems = z.array(
  z.object({
    action: z.string(),
    /** The member, dotted, and what is wrong with it. */
    problem: z.string(),
  }),
);
/** Where an answer of the emulator is not as AWS's service model has it. */
export type AnswerProblem = z.infer<typeof answerProblems>[number];
