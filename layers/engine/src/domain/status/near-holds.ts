import { TAG, tagKey } from '../backup/backup-tags.js';
import type { Backup } from '../backup/backup.js';
import { isRightHoldKey, seemsHoldKey, spelledAlike } from '../backup/hold.js';
import { meansNo } from '../backup/means-no.js';
import { idsText } from './ids-text.js';

/** A tag that was probably meant to hold backups, and is not the one for that. */
export interface NearHold {
  /** As it is written on the first of them. */
  readonly key: string;
  readonly backups: readonly Backup[];
  /** What it does, what it should have been, and what to do. */
  readonly text: string;
}

/**
 * The tags that were probably meant to hold some backups, each with those that have it: those that hold all the same, and those
 * that do not, as they may be anybody's. Of the latter what the resource has, too, says nothing of the backup, and neither does what
 * another account wrote.
 */
export function nearHolds(backups: readonly Backup[], prefix: string): readonly NearHold[] {
  const holding = backups.flatMap((backup) => {
    const { heldBy } = backup;
    return heldBy === undefined || isRightHoldKey(heldBy, prefix) ? [] : [{ key: heldBy, backup }];
  });
  const idle = backups
    .filter(({ held, foreign }) => !held && !foreign)
    .flatMap((backup) => idleKeys(backup, prefix).map((key) => ({ key, backup })));
  const right = tagKey(prefix, TAG.hold);
  return [
    ...byKey(holding).map(({ key, backups: those }): NearHold => {
      const [they, them] = those.length === 1 ? ['It is', 'it'] : ['They are', 'them'];
      const text = `${idsText(those)}: the tag ${JSON.stringify(key)} was probably meant to hold ${them}; the tag for that is ${right}. ${they} kept all the same: set ${right} = true in its place, or take it off to let ${them} go.`;
      return { key, backups: those, text };
    }),
    ...byKey(idle).map(({ key, backups: those }): NearHold => {
      const them = those.length === 1 ? 'it' : 'them';
      const text = `${idsText(those)}: the tag ${JSON.stringify(key)} holds nothing. If ${those.length === 1 ? 'this backup is' : 'these backups are'} to stay, set ${right} = true on ${them}.`;
      return { key, backups: those, text };
    }),
  ];
}

/** The keys of a backup that seem to hold it, and do not. */
function idleKeys({ found, resource }: Backup, prefix: string): readonly string[] {
  return Object.entries(found.tags).flatMap(([key, value]) =>
    seemsHoldKey(key, prefix) && !meansNo(value) && resource?.tags[key] === undefined ? [key] : [],
  );
}

interface Keyed {
  readonly key: string;
  readonly backups: readonly Backup[];
}

/** One for each key, however it is spelled. */
function byKey(found: readonly { readonly key: string; readonly backup: Backup }[]): readonly Keyed[] {
  const groups = Map.groupBy(found, ({ key }) => spelledAlike(key));
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map(({ key }) => ({ key, backups: group.map(({ backup }) => backup) })),
  );
}
