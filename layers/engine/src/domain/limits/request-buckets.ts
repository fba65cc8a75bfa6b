/**
 * How many calls of one API action AWS takes, for an account in a region: a bucket of tokens, of which each call takes
 * one, and which fills again at a steady rate.
 */
export interface RequestBucket {
  /** Calls at once, when it is full. */
  readonly size: number;
  /** Calls a second, once it is empty. */
  readonly perSecond: number;
}

/** Page "Request throttling for the Amazon EC2 API", "Request token bucket sizes and refill rates", of actions with their own. */
const EC2_BUCKETS: Readonly<Record<string, RequestBucket>> = {
  CopyImage: { size: 100, perSecond: 1 },
  CreateSnapshot: { size: 100, perSecond: 5 },
  CreateSnapshots: { size: 100, perSecond: 5 },
  CreateTags: { size: 100, perSecond: 10 },
  DeleteSnapshot: { size: 100, perSecond: 5 },
  DeregisterImage: { size: 100, perSecond: 5 },
  ModifyImageAttribute: { size: 100, perSecond: 5 },
  ModifySnapshotAttribute: { size: 100, perSecond: 5 },
};

/** The same page: "Non-mutating actions" that are filtered or paged, as every list of ours is. */
const EC2_LOOKS: RequestBucket = { size: 100, perSecond: 20 };

/** The same page: every other action, "Mutating actions". */
const EC2_CHANGES: RequestBucket = { size: 50, perSecond: 5 };

/**
 * The bucket that AWS's pages give an API action; nothing where they give none. RDS, DocumentDB and Redshift state no rates.
 *
 * @param action with the service's name as policies have it. @example 'ec2:CreateSnapshot'
 */
export function bucketOf(action: string): RequestBucket | undefined {
  const [service, name = ''] = action.split(':');
  if (service !== 'ec2') return undefined;
  return EC2_BUCKETS[name] ?? (/^(?:Describe|Get|List|Search)/.test(name) ? EC2_LOOKS : EC2_CHANGES);
}
