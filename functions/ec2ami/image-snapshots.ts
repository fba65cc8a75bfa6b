import type { EC2Client, Filter, Image, Snapshot } from '@aws-sdk/client-ec2';
import type { FoundBackup, MendScope, MendedItem, Region, Tags } from '@shelvery/engine';
import { BackupId, MAX_TAGS, PREFIX_TAG, TAG, holdOf, isOurs, isRightHoldKey, present, tagKey } from '@shelvery/engine';
import pLimit from 'p-limit';
import { AT_A_TIME, listByValues } from '../shared/ec2-lists.js';
import { deleteSnapshot, isNamed, listOwnSnapshots } from '../shared/ec2-snapshots.js';
import { fromTagList } from '../shared/tag-list.js';
import { listOwnImages, snapshotsOf } from './images.js';

/**
 * The tags of an image's snapshots: those of the image and its name, without the mark of a backup, so that they do not
 * count as backups themselves. EC2's own description has the image's id. One of the 50 stays free, for a hold.
 */
export function snapshotTags(tags: Tags, imageName: string, prefix: string): Tags {
  const isOurs = (key: string): boolean => key.startsWith(`${prefix}:`) || key === PREFIX_TAG || key === 'Name';
  const copied = Object.entries(tags).filter(([key]) => key !== tagKey(prefix, TAG.backup));
  const inOrder = [...copied.filter(([key]) => isOurs(key)), ...copied.filter(([key]) => !isOurs(key))];
  return { ...Object.fromEntries(inOrder.slice(0, MAX_TAGS - 2)), [tagKey(prefix, TAG.amiName)]: imageName };
}

/**
 * Adds to failed images the reason and the key, which only their snapshots tell: an image names no key, and a failed
 * one not even its snapshots.
 */
export async function withFailures(
  client: EC2Client,
  found: readonly FoundBackup[],
  prefix: string,
): Promise<readonly FoundBackup[]> {
  const names = found.flatMap(({ state, serviceName }) => (state === 'failed' ? (serviceName ?? []) : []));
  const key = tagKey(prefix, TAG.amiName);
  const snapshots = await listByValues(`tag:${key}`, names, (filters) => listOwnSnapshots(client, filters));
  return found.map((backup) => {
    const failed = snapshots.find(
      ({ State, Tags: tags }) => State === 'error' && fromTagList(tags)[key] === backup.serviceName,
    );
    if (backup.state !== 'failed' || failed === undefined) return backup;
    const { StateMessage: stateReason, KmsKeyId: kmsKeyId } = failed;
    return {
      ...backup,
      ...(stateReason === undefined || stateReason === '' ? {} : { stateReason }),
      ...present({ kmsKeyId }),
    };
  });
}

/** A snapshot on hold. */
export interface HeldSnapshot {
  readonly id: string;
  /** What EC2 says that it was made for: an image that is not available yet does not name its snapshots. */
  readonly image: string | undefined;
  /** The key of the tag that holds it. */
  readonly heldBy: string;
}

/** The snapshots of a region that are on hold, whatever they are of. */
export async function heldSnapshots(client: EC2Client, prefix: string): Promise<readonly HeldSnapshot[]> {
  const tagged = await listOwnSnapshots(client, [{ Name: 'tag-key', Values: HOLD_PATTERNS }]);
  return tagged.flatMap(({ SnapshotId: id, Description = '', Tags }) => {
    const heldBy = holdOf(fromTagList(Tags), prefix);
    if (id === undefined || heldBy === undefined) return [];
    return [{ id, image: MADE_FOR_IMAGE.exec(Description)?.[1], heldBy }];
  });
}

/** The key of the tag that holds what some snapshots belong to: of several the right one. */
export function holdOfAll(held: readonly Pick<HeldSnapshot, 'heldBy'>[], prefix: string): string | undefined {
  return holdOf(Object.fromEntries(held.map(({ heldBy }) => [heldBy, 'true'])), prefix);
}

/**
 * Patterns for what a key has that holds, or was meant to, in any case: values of filters are case-sensitive (page "Filter" of the
 * EC2 API), and what stands around the word is anybody's guess. Two letters that changed places are not found so.
 */
const HOLD_PATTERNS: string[] = ['hold', 'held'].flatMap((word) =>
  Array.from(word)
    .reduce<string[]>((begun, letter) => begun.flatMap((start) => [start + letter, start + letter.toUpperCase()]), [''])
    .map((each) => `*${each}*`),
);

/** A snapshot that an image has left behind. */
interface Leftover {
  readonly id: string;
  readonly image: string;
  readonly snapshot: Snapshot;
  /** The key of the tag that holds it, or another snapshot of its image. */
  readonly heldBy?: string;
}

/**
 * Removes snapshots whose image is gone and that have expired. Those that have not are kept: whatever deregistered the
 * image, it was not Shelvery, and their data may be wanted.
 */
export async function mendSnapshots(
  client: EC2Client,
  region: Region,
  prefix: string,
  { dryRun, covers, hasExpired }: MendScope,
): Promise<readonly MendedItem[]> {
  // Listed before the images, so that the image of each is in the list if it exists at all.
  const snapshots = (await listOwnSnapshots(client, [ofImages(prefix)])).filter(({ Tags: tags }) =>
    covers(fromTagList(tags)),
  );
  if (snapshots.length === 0) return [];
  const left = withoutImage(snapshots, await listOwnImages(client, []), prefix);
  const free = left.filter(({ heldBy }) => heldBy === undefined);
  const expired = free.filter(({ snapshot }) => hasExpired(asBackup(snapshot, region)));
  const unexpired = free.filter((leftover) => !expired.includes(leftover));
  const refused = await deleteAll(client, dryRun ? [] : expired);
  return [
    ...expired.map(({ id, image }): MendedItem => {
      const item = { id: BackupId.parse(id), what: `left over: its image ${image} is gone` };
      return refused.has(id) ? { ...item, fate: 'not-removed', error: refused.get(id) } : { ...item, fate: 'removed' };
    }),
    ...unexpired.map(({ id, image }): MendedItem => ({
      id: BackupId.parse(id),
      what: `kept, as it has not expired by its own tags: its image ${image} was deregistered by something else than Shelvery`,
      fate: 'kept',
    })),
    ...left.flatMap(({ id, image, heldBy }): MendedItem[] =>
      // Somebody wants what the right tag holds, and knows of it.
      heldBy === undefined || isRightHoldKey(heldBy, prefix)
        ? []
        : [
            {
              id: BackupId.parse(id),
              what: `kept, as it or another snapshot of its image ${image}, which is gone, has the tag ${JSON.stringify(heldBy)}, probably meant for ${tagKey(prefix, TAG.hold)}; take it off to let them go`,
              fate: 'kept',
            },
          ],
    ),
  ];
}

/** The filter for snapshots of images: ours have the image's name in a tag, the original's (and older ones) its id. */
function ofImages(prefix: string): Filter {
  return { Name: 'tag-key', Values: [tagKey(prefix, TAG.amiId), tagKey(prefix, TAG.amiName)] };
}

/** Snapshots whose image is gone. @param images all of the account's own in the region. */
function withoutImage(snapshots: readonly Snapshot[], images: readonly Image[], prefix: string): readonly Leftover[] {
  const ids = new Set(images.map(({ ImageId }) => ImageId));
  const used = new Set(images.flatMap(snapshotsOf));
  const unused = snapshots.filter(({ SnapshotId = '' }) => !used.has(SnapshotId));
  return leftoversAmong(unused, prefix).filter(({ image }) => !ids.has(image));
}

/**
 * Removes the snapshots that an image left behind which has expired.
 *
 * @throws the first refusal, once all have been tried.
 */
export async function removeSnapshotsOf(client: EC2Client, imageId: string, prefix: string): Promise<void> {
  const described = { Name: 'description', Values: [`*${imageId}*`] };
  const snapshots = await listOwnSnapshots(client, [ofImages(prefix), described]);
  const left = leftoversAmong(snapshots, prefix).filter(({ heldBy }) => heldBy === undefined);
  const refused = await deleteAll(client, left);
  if (refused.size > 0) throw [...refused.values()][0];
}

/** What EC2 writes into the descriptions of snapshots that CreateImage and CopyImage make, with the image's id. */
const MADE_FOR_IMAGE = /^(?:Created by CreateImage\(i-[0-9a-f]+\) for|Copied for DestinationAmi) (ami-[0-9a-f]+)\b/;

/**
 * Those of the snapshots without an image that are the rest of one: complete, made for it by EC2's own word and by their
 * tags, and no backups themselves, with what holds any of the same image. A copy that somebody made of one is not among
 * them, tags and all: its description is another.
 */
function leftoversAmong(snapshots: readonly Snapshot[], prefix: string): readonly Leftover[] {
  const left: Leftover[] = [];
  const held: { readonly image: string; readonly heldBy: string }[] = [];
  for (const snapshot of snapshots) {
    const { SnapshotId: id, State, Description = '', Tags } = snapshot;
    const tags = fromTagList(Tags);
    const image = MADE_FOR_IMAGE.exec(Description)?.[1];
    if (id === undefined || image === undefined) continue;
    const heldBy = holdOf(tags, prefix);
    if (heldBy !== undefined) held.push({ image, heldBy });
    if (State !== 'completed' || isOurs(tags, prefix)) continue;
    if ((tags[tagKey(prefix, TAG.amiId)] ?? image) === image) left.push({ id, image, snapshot });
  }
  const byImage = Map.groupBy(held, ({ image }) => image);
  return left.map((leftover) => ({
    ...leftover,
    ...present({ heldBy: holdOfAll(byImage.get(leftover.image) ?? [], prefix) }),
  }));
}

/** A leftover as the backup that it was a part of. */
function asBackup({ SnapshotId, Encrypted, StartTime: startedAt, Tags }: Snapshot, region: Region): FoundBackup {
  return {
    id: BackupId.parse(SnapshotId),
    region,
    state: 'available',
    encrypted: Encrypted ?? false,
    tags: fromTagList(Tags),
    ...present({ startedAt, dataTime: startedAt }),
  };
}

/** Deletes each of some leftovers. @returns what the service refused, by the snapshot's id. */
async function deleteAll(client: EC2Client, left: readonly Leftover[]): Promise<ReadonlyMap<string, unknown>> {
  const refused = new Map<string, unknown>();
  await pLimit(AT_A_TIME).map(left, async ({ id }) => {
    try {
      await deleteUnusedSnapshot(client, id);
    } catch (error) {
      refused.set(id, error);
    }
  });
  return refused;
}

/** Deletes a snapshot unless an image uses it after all: EC2 refuses that. */
async function deleteUnusedSnapshot(client: EC2Client, id: string): Promise<void> {
  try {
    await deleteSnapshot(client, id);
  } catch (error) {
    if (!isNamed(error, 'InvalidSnapshot.InUse')) throw error;
  }
}
