import * as z from 'zod';

/**
 * Everything that Shelvery says, one object per code: the level it is said at, what it means, what to do about it, and
 * the data that comes with it. The types of codes and data, and the tables in docs/operations.md, are made from it.
 * Codes and data are a contract: alarms, dashboards and scripts may rely on them. The words of a message may change.
 *
 * The engine imports only types from here, so that none of these texts is in what is deployed.
 */
export interface Message {
  readonly code: string;
  readonly level: Level;
  /** One or two sentences, as a table in docs/operations.md shows them. */
  readonly meaning: string;
  readonly advice: string;
  readonly data: z.ZodObject;
}

/** How urgent a message is; a log line is written at this level. */
export type Level = 'info' | 'warn' | 'error';

/** No data comes with the message. */
const NONE = z.strictObject({});

/** AWS's own error code and the id of the request, which AWS support asks for; where an answer of AWS is the reason. */
const OF_AWS = z.strictObject({ code: z.string().optional(), requestId: z.string().optional() });

/**
 * Every error that is thrown or reported. Its data stands beside name and message in the `ExceptionInfo` of a
 * notification.
 */
export const ERRORS = [
  {
    code: 'ConfigurationError',
    level: 'error',
    meaning:
      "A value is wrong. The message names the key, where the value was set, the value, and what is allowed. A wrong value in a resource's tag does not stop the run: that resource uses the next level's value, and its expired backups are kept",
    advice: 'Correct the value',
    data: OF_AWS,
  },
  {
    code: 'EventError',
    level: 'error',
    meaning: 'A function did not understand the payload that it was given, and did nothing',
    advice: 'Correct the payload. The message lists what is allowed',
    data: NONE,
  },
  {
    code: 'UsageError',
    level: 'error',
    meaning: 'A command line is not understood, or the time that was asked for is refused. Nothing was done',
    advice: 'Correct the command. The message lists what is allowed',
    data: NONE,
  },
  {
    code: 'CredentialsError',
    level: 'error',
    meaning: 'There are no credentials, or AWS refuses them',
    advice: 'Do what the message says about the profile, the environment or the role',
    data: OF_AWS,
  },
  {
    code: 'NotAllowed',
    level: 'error',
    meaning:
      'A permission is missing. The message names the call. In a stack it also names the parameter that allows what a payload or tag asked for',
    advice: 'Add the permission to the role, or extend the parameter',
    data: OF_AWS,
  },
  {
    code: 'InvalidResourceState',
    level: 'error',
    meaning: 'The service cannot back up the resource in the state that it is in',
    advice:
      'Bring the resource into another state, or set `shelvery_ignore_invalid_resource_state=true` to skip such resources without an error',
    data: OF_AWS,
  },
  {
    code: 'QuotaExceeded',
    level: 'error',
    meaning: 'A quota of the account is full. The message names it',
    advice: 'Delete what is not needed, or ask AWS to raise the quota (Service Quotas)',
    data: OF_AWS,
  },
  {
    code: 'AlreadyExists',
    level: 'error',
    meaning: 'Another backup has the name that this backup would get, and this run did not make it',
    advice: 'Delete or rename the other backup',
    data: NONE,
  },
  {
    code: 'BackupFailed',
    level: 'error',
    meaning: 'The service began the backup or copy and could not finish it. For a copy the message names its key',
    advice:
      'For a copy: let the service use the key. Then repeat the run with its time, which makes the DR copy; a pulled copy is made by the next pull',
    data: NONE,
  },
  {
    code: 'BackupGone',
    level: 'error',
    meaning: 'The backup was deleted before it was stored, copied or shared',
    advice: 'Nothing, if somebody meant to delete it',
    data: NONE,
  },
  {
    code: 'BackupUnreadable',
    level: 'error',
    meaning: 'Tags that Shelvery gave the backup are missing or were changed. The backup is kept',
    advice: 'Correct the tag that the message names, or delete the backup by hand',
    data: NONE,
  },
  {
    code: 'TagUnreadable',
    level: 'error',
    meaning: 'A tag of the backup cannot be used, such as a retention type that is not configured. The backup is kept',
    advice:
      'Correct the tag, add the retention type to `shelvery_custom_retention_types`, or delete the backup by hand',
    data: NONE,
  },
  {
    code: 'DeadlinePassed',
    level: 'error',
    meaning:
      'The backup was not available within `shelvery_wait_deadline_hours`, so it was not stored, copied or shared',
    advice: 'Look at the backup in the AWS console. Then run again with the same time',
    data: NONE,
  },
  {
    code: 'TimedOut',
    level: 'error',
    meaning: 'The run stopped waiting for a backup to become available',
    advice: 'Run again with the same time. The message names the setting that makes the run wait longer',
    data: NONE,
  },
  {
    code: 'BucketNotOurs',
    level: 'error',
    meaning:
      "The data bucket belongs to another account or is in another region, or a policy denies that Shelvery looks at it (the role's, the bucket's, the organisation's). S3 gives one answer for the first and the last",
    advice:
      'Set `shelvery_bucket_name_template` to another name. Or allow `s3:GetBucketLocation`, where the bucket is yours',
    data: NONE,
  },
  {
    code: 'BucketUnfinished',
    level: 'error',
    meaning: 'The stack could not finish its data buckets. The message names them',
    advice:
      'Correct the parameter that the message names, and deploy again. Changed permissions take a while to be seen everywhere, and a refusal is tried again for 90 s: if nothing is wrong, deploy again after some minutes',
    data: NONE,
  },
  {
    code: 'MetadataRefused',
    level: 'error',
    meaning:
      'A metadata file is not valid. A file that another account shared was moved to `-failed`, with the reason in its first line',
    advice:
      'Ask the source account to share the backup again. Delete a file of your own by hand if the message says so',
    data: NONE,
  },
  {
    code: 'NotYet',
    level: 'error',
    meaning: 'AWS cannot do it now: too much is going on, or something is not shared yet. Nothing is lost',
    advice: 'Nothing: the next run does it. To have it sooner, run again with the same time',
    data: OF_AWS,
  },
  {
    code: 'NotBegun',
    level: 'error',
    meaning:
      'AWS takes only so many calls a second, and the run had to end before the turn of this one. Nothing was done',
    advice: 'Nothing: the next run does it. To have it sooner, run again with the same time',
    data: NONE,
  },
  {
    code: 'Unsupported',
    level: 'info',
    meaning: 'The service cannot do it. The message says what. It is reported as IGNORE',
    advice: 'Do what the message says, or nothing',
    data: NONE,
  },
  {
    code: 'AwsError',
    level: 'error',
    meaning: 'AWS refused a call. The message quotes the reason',
    advice: 'Do what the message says. If it says that the fault is temporary, run again',
    data: OF_AWS,
  },
  {
    code: 'HandOverWithoutProgress',
    level: 'error',
    meaning: "The run does not get further within the function's time limit. It stopped, and some items are left",
    advice: 'Raise the time limit, or narrow the run with `shelvery_select_entity`',
    data: NONE,
  },
  {
    code: 'HandedOverTooOften',
    level: 'error',
    meaning: 'The run went on for a day, in one invocation after the other, and was stopped. Some items are left',
    advice: 'Nothing at once: the next run goes on. Look in its log at what takes so long',
    data: NONE,
  },
  {
    code: 'Unexpected',
    level: 'error',
    meaning: 'Shelvery itself has a fault',
    advice: 'Run again with `--verbose` (in a stack: `LogLevel=DEBUG`), and report what it prints',
    data: NONE,
  },
] as const satisfies readonly Message[];

/** The code of an error. */
export type ErrorCode = (typeof ERRORS)[number]['code'];

/** What the `ExceptionInfo` of a notification says of an error beside its name and message. */
export type ErrorData = z.infer<typeof OF_AWS>;

/** What an outcome is about: an operation as notifications name it, and the backup or resource. */
const ABOUT_OUTCOME = z.strictObject({
  operation: z.string(),
  backupId: z.string().optional(),
  backupName: z.string().optional(),
  entityId: z.string().optional(),
  region: z.string().optional(),
  destinationRegion: z.string().optional(),
  destinationAccount: z.string().optional(),
  sourceAccount: z.string().optional(),
});

/** The error that a line tells of: its code, and AWS's code and request id where AWS refused something. */
const ABOUT_ERROR = z.strictObject({
  errorCode: z.string(),
  awsCode: z.string().optional(),
  requestId: z.string().optional(),
});

/** What a line says of an error. */
export type AboutError = z.infer<typeof ABOUT_ERROR>;

/** Every log line. */
export const LOG_LINES = [
  {
    code: 'SHELVERY_RUN_STARTED',
    level: 'info',
    meaning: 'A run began. `runTime` is the time that names, retention types and ages come from',
    advice: 'Nothing',
    data: z.strictObject({ action: z.string(), runTime: z.string() }),
  },
  {
    code: 'SHELVERY_RUN_ENDED',
    level: 'info',
    meaning: 'A run came to its end. The message has its status, the data how many items went how',
    advice: 'On PARTIAL or FAILED look at the lines before it at level error',
    data: z.strictObject({
      succeeded: z.number(),
      skipped: z.number(),
      failed: z.number(),
      unfinished: z.number(),
    }),
  },
  {
    code: 'SHELVERY_RUN_BROKE_OFF',
    level: 'error',
    meaning: 'A run ended before it had looked at everything',
    advice: 'Look up `errorCode` above, and run again with the same time',
    data: ABOUT_ERROR,
  },
  {
    code: 'SHELVERY_RUN_HANDED_OVER',
    level: 'info',
    meaning: 'A run came near the time limit of its function. A further invocation does the rest',
    advice: 'Nothing',
    data: z.strictObject({ runId: z.string(), remaining: z.number() }),
  },
  {
    code: 'SHELVERY_NOTHING_MARKED',
    level: 'warn',
    meaning: 'A run found nothing to do: no resource is marked, or no source account is configured',
    advice: 'Mark resources with the tag that the message names, or set the key that it names',
    data: NONE,
  },
  {
    code: 'SHELVERY_NEAR_MISS',
    level: 'warn',
    meaning: 'A resource has a tag that was probably meant to mark it, and does not. It is not backed up',
    advice: 'Correct the tag as the message says, or take it off',
    data: z.strictObject({ entityId: z.string() }),
  },
  {
    code: 'SHELVERY_NEAR_HOLD',
    level: 'warn',
    meaning:
      'Backups have a tag that was probably meant to hold them, and is not `<prefix>:hold`. The message says whether it keeps them all the same',
    advice: 'Set `<prefix>:hold` = `true` on those that are to stay, and take the other tag off',
    data: z.strictObject({ key: z.string() }),
  },
  {
    code: 'SHELVERY_NOT_TOGETHER',
    level: 'warn',
    meaning: 'Volumes of an instance are backed up one by one, although `shelvery_ebs_volume_sets` wants them together',
    advice: 'Remove the reason that the message names, if the volumes have to be consistent with one another',
    data: z.strictObject({ entityId: z.string().optional() }),
  },
  {
    code: 'SHELVERY_CONFIG_WARNING',
    level: 'warn',
    meaning: 'A configured value has no effect, or another effect than one may think',
    advice: 'Correct or remove the value that the message names',
    data: z.strictObject({ key: z.string().optional(), entityId: z.string().optional() }),
  },
  {
    code: 'SHELVERY_CLOCK_OFF',
    level: 'warn',
    meaning:
      "This machine's clock differs from AWS's by more than five minutes. Names, ages and expiry go by AWS's clock",
    advice: 'Set the clock, for example by NTP',
    data: NONE,
  },
  {
    code: 'SHELVERY_OUTCOME_OK',
    level: 'info',
    meaning: 'Something was done that has no code of its own',
    advice: 'Nothing',
    data: ABOUT_OUTCOME,
  },
  {
    code: 'SHELVERY_OUTCOME_IGNORED',
    level: 'info',
    meaning: 'Something was left out on purpose. The message says why',
    advice: 'Nothing, if the reason is meant to be',
    data: ABOUT_OUTCOME,
  },
  {
    code: 'SHELVERY_OUTCOME_FAILED',
    level: 'error',
    meaning: 'Something failed',
    advice: 'Look up `errorCode` above',
    data: ABOUT_OUTCOME.extend(ABOUT_ERROR.shape),
  },
  {
    code: 'SHELVERY_BACKUP_CREATED',
    level: 'info',
    meaning: 'A backup was begun',
    advice: 'Nothing',
    data: ABOUT_OUTCOME,
  },
  {
    code: 'SHELVERY_BACKUP_KEPT',
    level: 'info',
    meaning: 'Cleaning keeps a backup, or archiving leaves one for later. The message says why',
    advice: 'Nothing',
    data: z.strictObject({ reason: z.string().optional() }),
  },
  {
    code: 'SHELVERY_BACKUP_REMOVED',
    level: 'info',
    meaning: 'A backup was deleted',
    advice: 'Nothing',
    data: ABOUT_OUTCOME,
  },
  {
    code: 'SHELVERY_BACKUP_STORED',
    level: 'info',
    meaning: "A backup's metadata was written to the data bucket",
    advice: 'Nothing',
    data: ABOUT_OUTCOME,
  },
  {
    code: 'SHELVERY_BACKUP_COPIED',
    level: 'info',
    meaning: 'A copy of a backup in another region was begun',
    advice: 'Nothing',
    data: ABOUT_OUTCOME,
  },
  {
    code: 'SHELVERY_COPIES_NOT_NOTED',
    level: 'warn',
    meaning:
      "A backup's copies could not be listed in its tag `dr_copies`. The tag only informs: nothing is decided by it",
    advice: 'Nothing, or allow the call that the message names',
    data: z.strictObject({ backupId: z.string() }),
  },
  {
    code: 'SHELVERY_BACKUP_SHARED',
    level: 'info',
    meaning: 'A backup was shared with another account',
    advice: 'Nothing',
    data: ABOUT_OUTCOME,
  },
  {
    code: 'SHELVERY_BACKUP_PULLED',
    level: 'info',
    meaning: "A copy of another account's backup is complete and stored",
    advice: 'Nothing',
    data: ABOUT_OUTCOME,
  },
  {
    code: 'SHELVERY_SOURCE_SILENT',
    level: 'warn',
    meaning: 'The newest backup that was pulled from a source account is older than `shelvery_rpo_hours`',
    advice: 'Look whether the account still makes backups and shares them, and whether the pull here succeeds',
    data: z.strictObject({ account: z.string() }),
  },
  {
    code: 'SHELVERY_PULL_BEGUN',
    level: 'info',
    meaning: "A copy of another account's backup was begun",
    advice: 'Nothing',
    data: z.strictObject({
      backupId: z.string(),
      backupName: z.string(),
      sourceAccount: z.string(),
      region: z.string(),
    }),
  },
  {
    code: 'SHELVERY_COPY_DIFFERS',
    level: 'warn',
    meaning: 'A copy was begun, but not quite as it was wanted. The message says what it lacks',
    advice: 'Do what the message says. The data of the copy is complete',
    data: z.strictObject({ backupId: z.string(), backupName: z.string(), region: z.string() }),
  },
  {
    code: 'SHELVERY_PULL_CAPPED',
    level: 'warn',
    meaning: 'An account shares more backups than one run pulls (`shelvery_pull_max_backups`)',
    advice:
      'Nothing: the rest follows by the next run. If it stays so, look at what the account shares, or raise the number',
    data: z.strictObject({ account: z.string() }),
  },
  {
    code: 'SHELVERY_PULL_IN_LINE',
    level: 'warn',
    meaning: 'More shared backups wait to be pulled than AWS copies at a time in the region',
    advice:
      'Nothing: the run waits for places, and copies them as others end. If it takes too long, ask AWS for more copies at a time (Service Quotas)',
    data: z.strictObject({ region: z.string(), waiting: z.number() }),
  },
  {
    code: 'SHELVERY_PULL_LEFT',
    level: 'info',
    meaning:
      'A pull leaves shared backups for which AWS has no place at the moment to another run, which waits for places or comes later',
    advice: 'Nothing. Leave the schedule of pull_shared_backups on: it pulls whatever is left',
    data: z.strictObject({ region: z.string(), waiting: z.number() }),
  },
  {
    code: 'SHELVERY_SHARED_LIST_CUT',
    level: 'warn',
    meaning: 'More files wait in the bucket of an account than a run looks at (20,000)',
    advice: 'Look at what the account puts there. What is beyond is seen once the files before it are gone',
    data: z.strictObject({ account: z.string() }),
  },
  {
    code: 'SHELVERY_BACKUP_ARCHIVED',
    level: 'info',
    meaning: 'An EBS snapshot was moved to the archive tier',
    advice: 'Nothing',
    data: ABOUT_OUTCOME,
  },
  {
    code: 'SHELVERY_METADATA_MENDED',
    level: 'info',
    meaning: 'A metadata file without a backup was moved to `removed/`',
    advice: 'Nothing',
    data: z.strictObject({ region: z.string() }),
  },
  {
    code: 'SHELVERY_BUCKET_CHANGED',
    level: 'info',
    meaning: 'A data bucket was made, or its settings were changed',
    advice: 'Nothing',
    data: z.strictObject({ bucket: z.string(), region: z.string() }),
  },
  {
    code: 'SHELVERY_BUCKETS_LOOKED_AT',
    level: 'info',
    meaning: 'A stack was deployed with its schedules off: the data buckets were looked at, and left as they are',
    advice: 'Read what would be changed, and deploy with `SchedulesState=ENABLED` when that is right',
    data: NONE,
  },
  {
    code: 'SHELVERY_BUCKET_LEFT',
    level: 'warn',
    meaning:
      "The stack's parameters name `accounts` no longer, and a data bucket in a region that they do not name could not be looked at, whose policy may still let them in",
    advice:
      'Nothing, if the next `create_data_buckets` reports no error of that region. Else correct what it says, or take the accounts out of the policy by hand',
    data: z.strictObject({ accounts: z.array(z.string()) }),
  },
  {
    code: 'SHELVERY_BUCKET_REFUSED',
    level: 'warn',
    meaning:
      "AWS refuses the stack's data buckets a call, perhaps because changed permissions are not seen everywhere yet. It is tried again after `seconds`",
    advice: 'Nothing. If the stack fails in the end, look up `BucketUnfinished` above',
    data: z.strictObject({ seconds: z.number() }),
  },
  {
    code: 'SHELVERY_DELAYED_SENT',
    level: 'info',
    meaning: 'Delayed operations were sent to the queue, or to a further invocation',
    advice: 'Nothing',
    data: z.strictObject({ count: z.number(), to: z.string() }),
  },
  {
    code: 'SHELVERY_DELAYED_AGAIN',
    level: 'info',
    meaning: 'A delayed operation is not possible yet, mostly because its backup is not available. It is sent again',
    advice: 'Nothing',
    data: z.strictObject({ recordId: z.string(), attempt: z.number() }),
  },
  {
    code: 'SHELVERY_DELAYED_GAVE_UP',
    level: 'error',
    meaning:
      'Delayed operations ended in an error. The queue delivers their messages again, and after five times gives them to the dead-letter queue',
    advice: 'Correct the cause. Then send the messages in the dead-letter queue to the function again',
    data: ABOUT_ERROR.extend({ recordId: z.string().optional() }),
  },
  {
    code: 'SHELVERY_DELAYED_LOST',
    level: 'error',
    meaning: 'A delayed operation could not be sent to the queue, or to a further invocation',
    advice: 'Correct the cause, and run again with the same time',
    data: ABOUT_ERROR.extend({ backupId: z.string() }),
  },
  {
    code: 'SHELVERY_NOTIFICATION_LOST',
    level: 'error',
    meaning: 'SNS did not take notifications. The run itself is not affected',
    advice: 'Correct the topic or its policy. What happened is in the log',
    data: z.strictObject({ topic: z.string().optional(), count: z.number().optional() }),
  },
  {
    code: 'SHELVERY_EVENT_REFUSED',
    level: 'error',
    meaning: 'A function refused an event, or could not work on it',
    advice: 'Look up `errorCode` above',
    data: ABOUT_ERROR.extend({ recordId: z.string().optional() }),
  },
  {
    code: 'SHELVERY_LEASE_AWAITED',
    level: 'info',
    meaning:
      'Somebody else is working on the same: an event that was delivered twice, another pull of the type, or the policy of a bucket. This one waits for the end of that',
    advice: 'Nothing',
    data: NONE,
  },
  {
    code: 'SHELVERY_LEASE_MISSING',
    level: 'info',
    meaning:
      'The lease that keeps apart two deliveries of one event, two pulls of a type, or two writers of a policy could not be taken, for the reason that is named. The work goes on without it',
    advice: 'Where the data bucket is there: allow what the message names',
    data: NONE,
  },
  {
    code: 'SHELVERY_PULL_AWAITED',
    level: 'warn',
    meaning:
      'A function, or another terminal, makes copies of the type. This pull, in a terminal, waits until that has ended, so that no backup is copied twice',
    advice: 'Nothing. Ctrl-C ends the waiting, and nothing was begun then',
    data: NONE,
  },
  {
    code: 'SHELVERY_LEASE_LOST',
    level: 'warn',
    meaning:
      'A pull in a terminal did not renew its lease in time, such as where its machine was asleep: another may copy the same by now. It begins nothing more',
    advice: 'Run the command that it names at its end',
    data: NONE,
  },
  {
    code: 'SHELVERY_LEASE_KEPT',
    level: 'warn',
    meaning: 'A lease could not be given back. It ends by itself',
    advice: 'Allow what the message names',
    data: NONE,
  },
  {
    code: 'SHELVERY_SHARED_SINGLY',
    level: 'info',
    meaning: 'A backup could not be shared with all its accounts in one call. It was shared with each by itself',
    advice: 'Nothing: what failed is an outcome of its own, with its account',
    data: z.strictObject({ backupId: z.string() }),
  },
  {
    code: 'SHELVERY_COPY_MADE_AGAIN',
    level: 'info',
    meaning: 'A copy failed, and is made again. If a DR copy fails for good, that is an error, which is told once',
    advice: 'Nothing',
    data: z.strictObject({ backupId: z.string(), region: z.string() }),
  },
  {
    code: 'SHELVERY_LEFT_TO_NEXT_COPY',
    level: 'info',
    meaning:
      'A DR copy failed, and is made again, or was. What was to be done with it is done with the next copy. If that fails for good, errors tell of the copy, and of each account that it is not shared with',
    advice: 'Nothing',
    data: z.strictObject({ backupId: z.string(), region: z.string() }),
  },
  {
    code: 'SHELVERY_MENDED',
    level: 'info',
    meaning: 'Something that an earlier run left half-done was finished',
    advice: 'Nothing',
    data: z.strictObject({ region: z.string() }),
  },
  {
    code: 'SHELVERY_LEFTOVER_KEPT',
    level: 'warn',
    meaning:
      'Something other than Shelvery deregistered an image. Its snapshots are kept until their own date and retention type say that they have expired',
    advice: 'Register an image of them if you need it. Delete them if you do not',
    data: z.strictObject({ region: z.string() }),
  },
] as const satisfies readonly Message[];

/**
 * What `status` finds, in the order in which it is shown. At level error the objective is broken: a backup or copy that
 * should be there is not. At level warn something looks wrong. At level info nobody needs to do anything.
 */
export const FINDINGS = [
  {
    code: 'no-backup',
    level: 'error',
    meaning: 'A marked resource has no backup, and has been there for longer than its objective (`shelvery_rpo_hours`)',
    advice: 'Look at the last report of `create_backups`, and run it',
    data: NONE,
  },
  {
    code: 'backup-too-old',
    level: 'error',
    meaning: "The data of a resource's newest backup is older than its objective",
    advice: 'Look at the last report of `create_backups`, and run it',
    data: NONE,
  },
  {
    code: 'dr-copy-missing',
    level: 'error',
    meaning:
      'A backup that is older than the objective has no copy in one of its DR regions, and no newer one has, either',
    advice: 'Have the copy made again, as "A DR copy is missing" above says',
    data: NONE,
  },
  {
    code: 'bunker-copy-missing',
    level: 'error',
    meaning:
      'A backup that is older than the objective was not pulled by an account that it is shared with, and no newer one was, either. The account has pulled backups of this type before',
    advice: 'Look at the last report of `pull_shared_backups` in that account',
    data: NONE,
  },
  {
    code: 'source-silent',
    level: 'error',
    meaning:
      'In a bunker: the data of the newest backup that was pulled from a source account is older than the objective',
    advice: 'Look whether the account still makes backups and shares them, and whether the pull here succeeds',
    data: NONE,
  },
  {
    code: 'pull-late',
    level: 'error',
    meaning: 'In a bunker: a file of a source account has waited for longer than the objective to be pulled',
    advice: 'Look at the last report of `pull_shared_backups`, and run it',
    data: NONE,
  },
  {
    code: 'lost-mark',
    level: 'warn',
    meaning:
      'A resource has backups, is still there, and is not marked any more: no new ones are made, and its last one goes when it has expired. The line says when',
    advice:
      'Set its tag `<prefix>:create_backup` = `true` again, if it should be backed up. To keep a backup without that, set the tag `<prefix>:hold` = `true` on it',
    data: NONE,
  },
  {
    code: 'near-miss',
    level: 'warn',
    meaning:
      'A resource has a tag that was probably meant to mark it, and does not. Where it has backups, the line says when its last one goes',
    advice:
      'Set its tag `<prefix>:create_backup` = `true`, or take the other tag off. To keep a backup without a mark, set the tag `<prefix>:hold` = `true` on it',
    data: NONE,
  },
  {
    code: 'wrong-tag',
    level: 'warn',
    meaning:
      'A tag that was to configure a resource, or a backup whose resource is gone, has a value that is not allowed, or a key that has no effect. New backups go by the value of the next level; where the value is wrong, no backup of the resource is removed. Or a tag was probably meant to hold a backup, and is not the one for that',
    advice: 'Correct the tag that the line names, or take it off',
    data: NONE,
  },
  {
    code: 'unmarked-volume',
    level: 'warn',
    meaning:
      'A volume of a marked instance is not marked itself: it is in the images of the instance, and has no snapshots of its own',
    advice: 'Mark the volume, if you want snapshots of it as well',
    data: NONE,
  },
  {
    code: 'not-pulled',
    level: 'warn',
    meaning:
      'Backups are shared with an account that has never pulled one of this type. Where it is no bunker with Shelvery, that is as it should be',
    advice: 'If it is a bunker: look at its last report of `pull_shared_backups`',
    data: NONE,
  },
  {
    code: 'failed',
    level: 'warn',
    meaning: 'The service could not finish a backup or copy. It does not count as one',
    advice: 'Nothing, if newer ones succeed: it goes when it expires. Otherwise look up the reason',
    data: NONE,
  },
  {
    code: 'unfinished',
    level: 'warn',
    meaning: 'A backup or copy is still being made after `shelvery_wait_deadline_hours`',
    advice: 'Look at it in the AWS console',
    data: NONE,
  },
  {
    code: 'no-metadata',
    level: 'warn',
    meaning:
      'Backups are available, but not stored in the data bucket: the run that made them did not come to its end, or their file there is empty, or too short or too long to be one',
    advice: 'Wait, if the run is still going on. Otherwise the next `clean_backups` stores them',
    data: NONE,
  },
  {
    code: 'kept-by-error',
    level: 'warn',
    meaning: 'A backup is never removed, because its retention cannot be told: its retention type is not configured',
    advice: 'Configure the type in `shelvery_custom_retention_types`, or correct the tag that the line names',
    data: NONE,
  },
  {
    code: 'unreadable',
    level: 'warn',
    meaning:
      'A snapshot carries our mark, but its tags cannot be understood. It does not count as a backup, and is kept',
    advice: 'Correct the tag that the line names, or delete the snapshot by hand',
    data: NONE,
  },
  {
    code: 'unusable',
    level: 'info',
    meaning: 'A marked resource cannot be backed up as it is',
    advice: 'Nothing, if that is known',
    data: NONE,
  },
  {
    code: 'held',
    level: 'info',
    meaning: 'Backups are on hold: they are never removed',
    advice: 'Remove the tag `<prefix>:hold` when they are no longer needed',
    data: NONE,
  },
] as const satisfies readonly Message[];

/** What a finding is about. */
export type FindingCode = (typeof FINDINGS)[number]['code'];

/** The findings of a level. */
export type FindingAt<At extends Level> = Extract<(typeof FINDINGS)[number], { level: At }>['code'];

/**
 * What `doctor` finds. At level error something that Shelvery needs is missing or refused. At level warn it works, and may
 * not for long, or could not be looked at. At level info all is well.
 */
export const DIAGNOSES = [
  {
    code: 'call-refused',
    level: 'error',
    meaning: 'AWS refuses a call that Shelvery makes. The line names the permission',
    advice: 'Allow it in the policy of the role or user',
    data: NONE,
  },
  {
    code: 'resource-not-marked',
    level: 'error',
    meaning: 'The resource that doctor was asked about is not there, or not marked: a run for it alone fails',
    advice: 'Correct the id, the region or the credentials, or mark the resource with the tag that the line names',
    data: NONE,
  },
  {
    code: 'bucket-refused',
    level: 'error',
    meaning: "The data bucket of a region is another account's, lies in another region, or a policy denies it",
    advice: 'Set `shelvery_bucket_name_template` to another name, or allow what the line names',
    data: NONE,
  },
  {
    code: 'topic-missing',
    level: 'error',
    meaning: 'A configured SNS topic does not exist: what is published there is lost',
    advice: 'Make the topic, or correct the key that the line names',
    data: NONE,
  },
  {
    code: 'queue-missing',
    level: 'error',
    meaning: 'The queue of `shelvery_sqs_queue_url` does not exist: no delayed operation can be sent',
    advice: 'Make the queue, or correct the key',
    data: NONE,
  },
  {
    code: 'dead-letters',
    level: 'error',
    meaning:
      'A queue holds delayed operations, or events, that were given up: backups are not stored, copied or shared',
    advice: 'Look up the reason in the log of the function, correct it, and send the messages to the function again',
    data: NONE,
  },
  {
    code: 'key-missing',
    level: 'error',
    meaning: 'A configured KMS key does not exist in the region that it is used in',
    advice: 'Correct the key that the line names; give a key for each region as `region=key`',
    data: NONE,
  },
  {
    code: 'key-elsewhere',
    level: 'error',
    meaning: 'A configured KMS key belongs to another region than the one that it is used in',
    advice: 'Give a key for each region as `region=key`',
    data: NONE,
  },
  {
    code: 'key-disabled',
    level: 'error',
    meaning:
      'A configured KMS key is disabled: nothing can be copied under it, and what is encrypted with it not restored',
    advice: 'Enable the key',
    data: NONE,
  },
  {
    code: 'key-pending-deletion',
    level: 'error',
    meaning:
      'A configured KMS key is going to be deleted. Once it is, nobody can ever restore what is encrypted with it',
    advice: 'Cancel the deletion at once, and enable the key',
    data: NONE,
  },
  {
    code: 'key-unusable',
    level: 'error',
    meaning: 'A configured KMS key is in another state that it cannot be used in, such as one without its material',
    advice: 'Look at the key in the AWS console',
    data: NONE,
  },
  {
    code: 'key-unshareable',
    level: 'error',
    meaning: 'A configured KMS key is one that AWS manages, and backups are to be shared: none under such a key can be',
    advice: 'Set a key of your own that the other accounts may use',
    data: NONE,
  },
  {
    code: 'quota-full',
    level: 'error',
    meaning: 'The backups of a region and those of one more run are more than AWS allows by default',
    advice: 'Keep fewer backups, or ask AWS to raise the quota',
    data: NONE,
  },
  {
    code: 'credentials-end-soon',
    level: 'warn',
    meaning: 'The credentials end before a run that waits for its backups does',
    advice: 'Sign in again before the run',
    data: NONE,
  },
  {
    code: 'clock-off',
    level: 'warn',
    meaning: "This machine's clock differs from AWS's by more than a minute. Shelvery goes by AWS's",
    advice: 'Set the clock, for example by NTP',
    data: NONE,
  },
  {
    code: 'tag-unusable',
    level: 'warn',
    meaning:
      'A tag that was to configure a marked resource has a value that is not allowed, or a key that has no effect. New backups go by the value of the next level; where the value is wrong, no backup of the resource is removed',
    advice: 'Correct the tag that the line names, or take it off',
    data: NONE,
  },
  {
    code: 'bucket-missing',
    level: 'warn',
    meaning: 'The data bucket of a region is not there yet',
    advice: 'Nothing: the next `create_backups` makes it. To have it now, run `create_data_buckets`',
    data: NONE,
  },
  {
    code: 'bucket-unfinished',
    level: 'warn',
    meaning:
      'A data bucket lacks settings, or its policy lets somebody in without TLS, or does not name an account that backups are shared with',
    advice: 'Run `create_data_buckets`',
    data: NONE,
  },
  {
    code: 'topic-elsewhere',
    level: 'warn',
    meaning: 'A configured SNS topic is in another region: no news of backups while that region is down',
    advice: 'Use a topic of the region that the backups are made in',
    data: NONE,
  },
  {
    code: 'no-dead-letter-queue',
    level: 'warn',
    meaning: 'The queue has no dead-letter queue: what is given up is lost without a trace',
    advice: 'Give the queue a redrive policy with 5 receives',
    data: NONE,
  },
  {
    code: 'key-of-another-account',
    level: 'warn',
    meaning:
      "A configured KMS key is another account's. Whoever has that account decides whether backups can be restored",
    advice: 'Use a key of your own, unless that is meant',
    data: NONE,
  },
  {
    code: 'default-key-unshareable',
    level: 'warn',
    meaning:
      'Backups are to be shared, no key is configured, and the default key of the region is one that AWS manages: what is encrypted under it cannot be shared',
    advice: 'Set `shelvery_reencrypt_kms_key_id` (in DR regions also `shelvery_copy_kms_key_id`) to a key of your own',
    data: NONE,
  },
  {
    code: 'quota-near',
    level: 'warn',
    meaning: 'A quota is full to 80 % or more, or will be with what the retention keeps in the end',
    advice: 'Keep fewer backups, or ask AWS to raise the quota',
    data: NONE,
  },
  {
    code: 'copies-too-slow',
    level: 'warn',
    meaning: 'By an estimate the copies of one run to a region take longer than the objective (`shelvery_rpo_hours`)',
    advice: 'Copy fewer resources to the region, or divide them among accounts',
    data: NONE,
  },
  {
    code: 'not-checked',
    level: 'warn',
    meaning: 'Something could not be looked at. The line says why; nothing may be wrong with it',
    advice: 'Allow what the line names, or look at it in the AWS console',
    data: NONE,
  },
  {
    code: 'not-tried',
    level: 'info',
    meaning: 'There was nothing to try a call with, or the service has no way to try it',
    advice: 'Nothing',
    data: NONE,
  },
  {
    code: 'fine',
    level: 'info',
    meaning: 'It was looked at, and nothing is wrong',
    advice: 'Nothing',
    data: NONE,
  },
] as const satisfies readonly Message[];

/** What a line of `doctor` is about. */
export type DiagnosisCode = (typeof DIAGNOSES)[number]['code'];

/** The diagnoses of a level. */
export type DiagnosisAt<At extends Level> = Extract<(typeof DIAGNOSES)[number], { level: At }>['code'];

type LogLine = (typeof LOG_LINES)[number];

/** The code of a log line. */
export type LogCode = LogLine['code'];

/** The codes of the lines that tell what became of a backup. */
export type OutcomeCode = Extract<LogLine, { level: 'info'; data: typeof ABOUT_OUTCOME }>['code'];

type DataOf<Each extends LogLine> = z.infer<Each['data']>;

/** Code, message and data of a line, as arguments; data of which nothing is required may be left out. */
type ArgumentsOf<Each extends LogLine> = Each extends LogLine
  ? Record<string, never> extends DataOf<Each>
    ? [code: Each['code'], message: string, data?: DataOf<Each>]
    : [code: Each['code'], message: string, data: DataOf<Each>]
  : never;

/** What a log takes at a level: code and message, and the data that the catalogue has for the code. */
export type Line<At extends Level> = ArgumentsOf<Extract<LogLine, { level: At }>>;
