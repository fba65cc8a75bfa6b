import * as z from 'zod';
import { SUBSCRIBED_EVENTS } from '../domain/completion-events.js';
import { ShelveryError } from '../domain/errors.js';
import { AccountId, BackupId, Region } from '../domain/values.js';
import type { BackupType } from '../domain/values.js';
import type { Told } from './parse-completion-event.js';

/** What Redshift publishes of an event. No page has its members: they are those that have been seen. */
const Published = z.object({ Resource: z.string(), 'About this Event': z.string() });

/** The region and the account of a topic: it is in those of the snapshots. */
const Topic = z
  .string()
  .transform((arn) => arn.split(':'))
  .pipe(z.tuple([z.literal('arn'), z.string(), z.literal('sns'), Region, AccountId, z.string()]));

/**
 * Understands an event that a service has published to a topic of SNS.
 *
 * @param topic the ARN of the topic, where the message tells it.
 * @returns nothing where it is no such event; an error where it does not tell which backup it is about.
 */
export function parseSubscribedEvent(
  raw: unknown,
  type: BackupType,
  topic: string | undefined,
): Told | ShelveryError | undefined {
  const expected = SUBSCRIBED_EVENTS[type];
  const published = Published.safeParse(raw);
  if (expected === undefined || !published.success) return undefined;
  const { Resource: resource, 'About this Event': about } = published.data;
  // The address of the event in the documentation, with its id.
  if (about.slice(about.lastIndexOf('#') + 1).trim() !== expected) return { kind: 'not-of-concern' };
  const place = Topic.safeParse(topic);
  if (!place.success)
    return new ShelveryError(
      'EventError',
      `The event ${expected} comes without the topic that it was published to: switch raw message delivery off in the subscription of the queue.`,
    );
  const id = BackupId.safeParse(resource.trim());
  if (!id.success)
    return new ShelveryError(
      'EventError',
      `The event ${expected} names ${JSON.stringify(resource)}, which is no snapshot.`,
    );
  const [, , , region, account] = place.data;
  return { kind: 'completed', account, region, ids: [id.data] };
}
