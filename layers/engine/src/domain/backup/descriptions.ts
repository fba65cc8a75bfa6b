import type { BackupId, Region, ResourceId } from '../values.js';
import { parseSource } from './copy-source.js';
import type { Backup } from './backup.js';

/**
 * What EC2 calls what Shelvery makes. Tags can be put on anything by who may tag; the description of a snapshot is given
 * by who makes it, and nobody can change it afterwards.
 */

/** The description of a new backup. */
export function describeNew(retentionType: string, resource: ResourceId): string {
  return `Made by Shelvery: ${retentionType} backup of ${resource}`;
}

/** The description of each of the backups that one call makes of several resources. */
export function describeNewSet(retentionType: string, setId: ResourceId): string {
  return `Made by Shelvery: ${retentionType} backup of volumes of ${setId}`;
}

/** Whether a description says that Shelvery made a snapshot together with those of other volumes of an instance. */
export function isOfSet(description: string | undefined): boolean {
  return /^Made by Shelvery: [A-Za-z0-9-]+ backup of volumes of i-[0-9a-f]+$/.test(description ?? '');
}

/** The description of a copy. */
export function describeCopy(id: BackupId, region: Region): string {
  return `Copied by Shelvery from ${id} in ${region}`;
}

/** What a description is compared with. */
type Described = Pick<Backup, 'entityId' | 'found' | 'name' | 'place' | 'source' | 'temporary'>;

/**
 * Why the description of a snapshot says that neither Shelvery nor the original has made it as what its tags say; nothing
 * where it does not, or where the service has no descriptions.
 *
 * The original described new snapshots, and DR copies of them, by their name, and pulled ones not at all: EC2 may have
 * written there what they were copied from.
 *
 * @param temporarySource `<region>:<id>` of what a temporary snapshot was made of.
 */
export function whyNotMade(made: Described, temporarySource: string | undefined): string | undefined {
  const { description } = made.found;
  if (description === undefined || isMadeAs(made, description, temporarySource)) return undefined;
  return `its description is ${JSON.stringify(description)}, which neither Shelvery nor its predecessor gives to one`;
}

function isMadeAs(made: Described, description: string, temporarySource: string | undefined): boolean {
  if (made.temporary) return isCopyOf(temporarySource, description);
  if (made.place === 'local') {
    const isNew = description.startsWith('Made by Shelvery: ') && description.endsWith(` backup of ${made.entityId}`);
    // That of a set names none of its volumes: which one it is of, EC2 says itself (see `whySomebodys`).
    return isNew || isOfSet(description) || description === made.name;
  }
  return (
    isCopyOf(made.source, description) ||
    description === '' ||
    description === made.name ||
    description.startsWith('[Copied ')
  );
}

function isCopyOf(source: string | undefined, description: string): boolean {
  const of = parseSource(source);
  return of !== undefined && description === describeCopy(of.id, of.region);
}
