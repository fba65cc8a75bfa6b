import type { ListedBackup } from '@shelvery/engine/terminal';
import { addDays } from 'date-fns';

/** What `--only` can narrow a list to, each with its meaning. */
export const ONLY = {
  held: 'on hold',
  expiring: 'expires within 7 days (or by --expires-before), or has expired',
  removable: 'removed by the next clean_backups',
  failed: 'failed',
  pending: 'still being made',
  missing: 'a copy that should be there and is not',
  'no-metadata': 'its metadata is not in the data bucket',
  copies: 'in a DR region, or pulled',
  shared: 'shared with another account',
  unencrypted: 'not encrypted',
  problems: 'failed, unreadable, or kept because of a bad tag',
} as const;
export type Only = keyof typeof ONLY;

export const ONLY_WORDS: readonly string[] = Object.keys(ONLY);

export function isOnly(word: string): word is Only {
  return ONLY_WORDS.includes(word);
}

export interface ListFilter {
  readonly only?: Only;
  readonly expiresBefore?: Date;
}

const REMOVABLE: readonly string[] = ['expired', 'temporary-over', 'doubled-copy'];
const PROBLEMS: readonly string[] = ['unreadable', 'bad-configuration', 'unknown-retention-type'];
const DAYS_AHEAD = 7;

/** The backups of a list that are asked for. */
export function filterList<B extends Pick<ListedBackup, 'reason' | 'state' | 'place' | 'metadata'>>(
  listed: readonly (B & Pick<ListedBackup, 'expires_at' | 'shared_with' | 'encrypted' | 'aws_owned_key'>)[],
  { only, expiresBefore }: ListFilter,
  now: Date,
): readonly B[] {
  const before = expiresBefore ?? (only === 'expiring' ? addDays(now, DAYS_AHEAD) : undefined);
  return listed.filter((backup) => {
    const { expires_at: expires } = backup;
    if (before !== undefined && (expires === undefined || new Date(expires) >= before)) return false;
    switch (only) {
      case undefined:
      case 'expiring':
        return true;
      case 'held':
        return backup.reason === 'held';
      case 'removable':
        return REMOVABLE.includes(backup.reason);
      case 'failed':
      case 'pending':
      case 'missing':
        return backup.state === only;
      case 'no-metadata':
        return backup.metadata === 'missing';
      case 'copies':
        return backup.place === 'dr' || backup.place === 'pulled';
      case 'shared':
        return (backup.shared_with ?? []).length > 0;
      case 'unencrypted':
        return backup.encrypted === false && backup.aws_owned_key !== true;
      case 'problems':
        return backup.state === 'failed' || PROBLEMS.includes(backup.reason);
    }
  });
}
