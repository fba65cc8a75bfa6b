import type { DBSnapshot } from '@aws-sdk/client-rds';
import { faultName, isPassing, reworded, toShelveryError } from '@shelvery/engine';
import type { ServiceFaults } from '@shelvery/engine';

/** What a copy is asked for with about its option group. */
export type OptionGroupInput = { readonly OptionGroupName: string } | { readonly CopyOptionGroup: true } | object;

/** A copy out of its region or account, and the option group of what is copied. */
export interface GroupedCopy {
  readonly source: string;
  /** The source's; a default one exists everywhere and is not copied (page "Copying a DB snapshot for Amazon RDS"). */
  readonly sourceGroup: string | undefined;
  /** What the configuration names for the region of the copy. */
  readonly targetGroup: string | undefined;
  readonly faults: ServiceFaults;
  readonly copy: (group: OptionGroupInput) => Promise<DBSnapshot | undefined>;
}

/** What was copied, and what is to be said of its option group. */
export interface CopiedWithGroup {
  readonly snapshot: DBSnapshot | undefined;
  readonly note?: string;
}

/**
 * Copies a snapshot with its option group, or with the one that is configured for where it goes. A copy whose data is
 * complete is worth more than its options: where the service refuses the group, the snapshot is copied without one, and
 * that is said. Databases with TDE are not copied to another region without a group of that region (page
 * "CopyDBSnapshot", OptionGroupName).
 *
 * @throws ShelveryError that tells both refusals, where the service does not copy it without the group either.
 */
export async function copyWithOptionGroup(copy: GroupedCopy): Promise<CopiedWithGroup> {
  const { source, sourceGroup, targetGroup } = copy;
  if (sourceGroup === undefined || sourceGroup.startsWith('default:')) return { snapshot: await copy.copy({}) };
  const wanted: OptionGroupInput =
    targetGroup === undefined ? { CopyOptionGroup: true } : { OptionGroupName: targetGroup };
  try {
    return { snapshot: await copy.copy(wanted) };
  } catch (error) {
    if (!mayBeForTheGroup(error, copy.faults)) throw error;
    const what = `option group ${targetGroup ?? sourceGroup}`;
    const refusal = toShelveryError(error, `copying ${source} with the ${what}`).message;
    try {
      return { snapshot: await copy.copy({}), note: `copied without the ${what}, which was refused: ${refusal}` };
    } catch (again) {
      if (!mayBeForTheGroup(again, copy.faults)) throw again;
      const failure = toShelveryError(again, `copying ${source} without an option group`);
      throw reworded(
        failure,
        `${failure.message} Before that: ${refusal} If the database uses TDE, make an option group with it where the copy goes, and name it in shelvery_copy_option_groups (region=group).`,
      );
    }
  }
}

/**
 * Which code RDS answers where it is the group that it refuses, no page says: anything but what the engine knows to mean
 * something else.
 */
function mayBeForTheGroup(error: unknown, faults: ServiceFaults): boolean {
  const { alreadyExists, gone, invalidState, notYet, quota } = faults;
  const others = [...alreadyExists, ...gone, ...invalidState, ...notYet, ...Object.keys(quota), KEY_REFUSED];
  return !isPassing(error) && !others.includes(faultName(error));
}

/** What RDS says of a key that it may not, or cannot, use. */
const KEY_REFUSED = 'KMSKeyNotAccessibleFault';
