import type { EC2Client, Image, Snapshot } from '@aws-sdk/client-ec2';
import type { FoundBackup, MendScope, MendedItem, Tags } from '@shelvery/engine';
import { BackupId, MAX_TAGS, PREFIX_TAG, TAG, present, tagKey } from '@shelvery/engine';
import pLimit from 'p-limit';
import { AT_A_TIME, listByValues } from '../shared/ec2-lists.js';
import { deleteSnapshot, isNamed, listOwnSnapshots } from '../shared/ec2-snapshots.js';
import { setTags } from '../shared/ec2-tags.js';
import { fromTagList } from '../shared/tag-list.js';
import { listOwnImages, snapshotsOf } from './images.js';

/**
 * The tags of an image's snapshots: those of the image and its name, without the mark of a backup, so that they do not
 * count as backups themselves. One of the 50 stays free for the image's id, which is only known later.
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

/** What is to be done with the snapshots of our images. */
interface MendingPlan {
  /** Snapshots that do not name their image yet, by the image's id. */
  readonly name: ReadonlyMap<string, readonly string[]>;
  /** Snapshots whose image is gone. */
  readonly remove: readonly { readonly id: string; readonly image: string }[];
}

/** An image whose id is not in its snapshot's tags only counts as gone after this time. */
const GRACE_MILLISECONDS = 24 * 3_600_000;

/**
 * Plans what an earlier run left undone. A snapshot is only removed where it certainly belonged to an image that is
 * gone: it is complete, not held, not a copy that somebody made of such a snapshot, and no image uses it. Its image is
 * known by id, and that id is gone; or only by name, no image has that name, and a day has passed.
 *
 * @param snapshots listed before the images, so that the image of each is in the list if it exists at all.
 * @param images all of the account's own in the region.
 */
function planMending(snapshots: readonly Snapshot[], images: readonly Image[], prefix: string, now: Date): MendingPlan {
  const ids = new Set(images.map(({ ImageId }) => ImageId));
  const names = new Set(images.map(({ Name }) => Name));
  const imageOf = new Map(images.flatMap((image) => snapshotsOf(image).map((id): [string, Image] => [id, image])));
  const name = new Map<string, string[]>();
  const remove: { id: string; image: string }[] = [];
  for (const snapshot of snapshots) {
    const { SnapshotId: id = '', StartTime: startedAt = now } = snapshot;
    const tags = fromTagList(snapshot.Tags);
    const amiId = tags[tagKey(prefix, TAG.amiId)];
    const amiName = tags[tagKey(prefix, TAG.amiName)];
    const image = imageOf.get(id);
    if (image?.ImageId !== undefined) {
      if (amiId === undefined && amiName === image.Name)
        name.set(image.ImageId, [...(name.get(image.ImageId) ?? []), id]);
      continue;
    }
    if (!isRemovable(snapshot, prefix)) continue;
    if (amiId !== undefined) {
      if (!ids.has(amiId)) remove.push({ id, image: amiId });
    } else if (
      amiName !== undefined &&
      !names.has(amiName) &&
      now.getTime() - startedAt.getTime() > GRACE_MILLISECONDS
    ) {
      remove.push({ id, image: amiName });
    }
  }
  return { name, remove };
}

/** Names the images of snapshots that lack it, and removes snapshots whose image is gone; see `planMending`. */
export async function mendSnapshots(
  client: EC2Client,
  prefix: string,
  { dryRun, covers, now }: MendScope,
): Promise<readonly MendedItem[]> {
  const keys = [tagKey(prefix, TAG.amiId), tagKey(prefix, TAG.amiName)];
  const snapshots = (await listOwnSnapshots(client, [{ Name: 'tag-key', Values: keys }])).filter(({ Tags: tags }) =>
    covers(fromTagList(tags)),
  );
  if (snapshots.length === 0) return [];
  const plan = planMending(snapshots, await listOwnImages(client, []), prefix, now);
  const steps: { readonly items: readonly MendedItem[]; readonly act: () => Promise<void> }[] = [
    ...[...plan.name].map(([imageId, ids]) => ({
      items: ids.map((id) => ({ id: BackupId.parse(id), what: `tagged as a snapshot of ${imageId}`, removed: false })),
      act: () => setTags(client, ids, { [tagKey(prefix, TAG.amiId)]: imageId }),
    })),
    ...plan.remove.map(({ id, image }) => ({
      items: [{ id: BackupId.parse(id), what: `left over: its image ${image} is gone`, removed: true }],
      act: () => deleteUnusedSnapshot(client, id),
    })),
  ];
  if (!dryRun) await finishAll(steps.map(({ act }) => act));
  return steps.flatMap(({ items }) => items);
}

/** Removes the snapshots that an image left behind, known by its id in their tags. */
export async function removeSnapshotsOf(client: EC2Client, imageId: string, prefix: string): Promise<void> {
  const snapshots = await listOwnSnapshots(client, [{ Name: `tag:${tagKey(prefix, TAG.amiId)}`, Values: [imageId] }]);
  const left = snapshots.filter((snapshot) => isRemovable(snapshot, prefix));
  await finishAll(
    left.map(
      ({ SnapshotId: id = '' }) =>
        () =>
          deleteUnusedSnapshot(client, id),
    ),
  );
}

/** Complete, not held, and made for an image: not a copy that somebody made of such a snapshot with its tags. */
function isRemovable(snapshot: Snapshot, prefix: string): boolean {
  const held = fromTagList(snapshot.Tags)[tagKey(prefix, TAG.hold)]?.toLowerCase() === 'true';
  // Page "Snapshot": a transfer type is "only for snapshot copies", of which CopyImage makes its own.
  const isCopy = snapshot.TransferType !== undefined;
  const madeForImage = !isCopy || (snapshot.Description ?? '').startsWith('Copied for DestinationAmi ');
  return snapshot.State === 'completed' && !held && madeForImage;
}

/** Deletes a snapshot unless an image uses it after all: EC2 refuses that. */
async function deleteUnusedSnapshot(client: EC2Client, id: string): Promise<void> {
  try {
    await deleteSnapshot(client, id);
  } catch (error) {
    if (!isNamed(error, 'InvalidSnapshot.InUse')) throw error;
  }
}

/** Does everything, and then throws the first error, if there was one. */
async function finishAll(acts: readonly (() => Promise<void>)[]): Promise<void> {
  const limit = pLimit(AT_A_TIME);
  const results = await Promise.allSettled(acts.map((act) => limit(act)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
