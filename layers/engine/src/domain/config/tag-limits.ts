import type { ConfigKey, ConfigValues } from './config-schema.js';
import type { AccountId } from '../values.js';

/** What tags come to within what the configuration lets them do, and what is told of the rest. */
export interface WithinLimits {
  readonly values: ConfigValues;
  readonly warnings: readonly { readonly key: ConfigKey; readonly level: 'tag'; readonly message: string }[];
}

/** What tags ask for. */
export interface TagWish {
  /** The values of the levels below the tags. */
  readonly run: ConfigValues;
  /** The same with the tags laid over them. */
  readonly asked: ConfigValues;
  /** The keys that the tags set. */
  readonly tagged: readonly ConfigKey[];
  /** What the tags are called in what is told of them. */
  readonly where: string;
  /** The account that makes the backups: naming it is no attempt to share. */
  readonly ownAccount?: AccountId;
}

/** Keys whose larger value keeps backups longer, with what they come to: a keep of DR regions that is not set is the local one. */
const LENGTHENING: ReadonlyMap<ConfigKey, (values: ConfigValues) => number> = new Map([
  ['shelvery_keep_daily_backups', (values) => values.shelvery_keep_daily_backups],
  ['shelvery_keep_weekly_backups', (values) => values.shelvery_keep_weekly_backups],
  ['shelvery_keep_monthly_backups', (values) => values.shelvery_keep_monthly_backups],
  ['shelvery_keep_yearly_backups', (values) => values.shelvery_keep_yearly_backups],
  [
    'shelvery_keep_daily_backups_dr',
    (values) => values.shelvery_keep_daily_backups_dr ?? values.shelvery_keep_daily_backups,
  ],
  [
    'shelvery_keep_weekly_backups_dr',
    (values) => values.shelvery_keep_weekly_backups_dr ?? values.shelvery_keep_weekly_backups,
  ],
  [
    'shelvery_keep_monthly_backups_dr',
    (values) => values.shelvery_keep_monthly_backups_dr ?? values.shelvery_keep_monthly_backups,
  ],
  [
    'shelvery_keep_yearly_backups_dr',
    (values) => values.shelvery_keep_yearly_backups_dr ?? values.shelvery_keep_yearly_backups,
  ],
  ['shelvery_keep_last_backups', (values) => values.shelvery_keep_last_backups],
]);

/**
 * The accounts that backups may be shared with, whoever asks for it: those that a configuration shares with, and those
 * that its owner lists in `shelvery_allowed_share_aws_account_ids`.
 */
export function sharableWith(config: ConfigValues): ReadonlySet<AccountId> {
  return new Set([...config.shelvery_share_aws_account_ids, ...config.shelvery_allowed_share_aws_account_ids]);
}

/**
 * Who may tag a resource need not be who owns the configuration: what its tags ask for counts as far as the owner allows.
 *
 * - Accounts to share with: those that the run's own configuration shares with, and those that
 *   `shelvery_allowed_share_aws_account_ids` lists. The others are left out.
 * - KMS keys: those of this account, those that the run's own configuration names, and those that
 *   `shelvery_allowed_kms_keys` lists. Copies under another's key are that account's to open, and to lose. Where a tag
 *   names any other, that setting is the run's.
 * - With `shelvery_tag_config=safe` tags may keep backups longer and add DR regions, and nothing else.
 */
export function allowedToTags(wish: TagWish): WithinLimits {
  if (wish.run.shelvery_tag_config === 'safe') return safe(wish);
  const limits = [sharing(wish), ...KEY_SETTINGS.map((key) => encrypting(wish, key))];
  return {
    values: limits.reduce((values, limit) => ({ ...values, ...limit.instead }), wish.asked),
    warnings: limits.flatMap(({ warning }) => warning ?? []),
  };
}

/** What counts in place of what one tag asks for, and what is told of it. */
interface Limit {
  readonly instead?: Partial<ConfigValues>;
  readonly warning?: WithinLimits['warnings'][number];
}

function sharing({ run, asked, tagged, where, ownAccount }: TagWish): Limit {
  const key = 'shelvery_share_aws_account_ids';
  if (!tagged.includes(key)) return {};
  const allowed = sharableWith(run);
  const refused = asked[key].filter((account) => !allowed.has(account) && account !== ownAccount);
  if (refused.length === 0) return {};
  const message =
    `${key} in ${where} names ${refused.join(', ')}, which tags may not share with; ` +
    'left out. To allow it, list it in shelvery_allowed_share_aws_account_ids.';
  return {
    instead: { [key]: asked[key].filter((account) => !refused.includes(account)) },
    warning: { key, level: 'tag', message },
  };
}

const KEY_SETTINGS = ['shelvery_copy_kms_key_id', 'shelvery_reencrypt_kms_key_id'] as const;

function encrypting({ run, asked, tagged, where, ownAccount }: TagWish, key: (typeof KEY_SETTINGS)[number]): Limit {
  if (!tagged.includes(key)) return {};
  const configured = new Set(KEY_SETTINGS.flatMap((setting) => [...run[setting].values()]));
  const refused = [...asked[key].values()].filter((named) => {
    const account = accountOfKey(named);
    return (
      account !== undefined &&
      account !== ownAccount &&
      !configured.has(named) &&
      !run.shelvery_allowed_kms_keys.some((pattern) => fits(pattern, named))
    );
  });
  if (refused.length === 0) return {};
  const message =
    `${key} in ${where} names ${refused.join(', ')}, which is not a key of this account; ` +
    'the tag is not used. To allow it, list it in shelvery_allowed_kms_keys.';
  return { instead: { [key]: run[key] }, warning: { key, level: 'tag', message } };
}

/** The account in a key's ARN; ids and aliases are of the account that uses them. */
function accountOfKey(key: string): string | undefined {
  return key.startsWith('arn:') ? key.split(':')[4] : undefined;
}

/** Whether a key is among those that an ARN with `*` stands for. */
function fits(pattern: string, key: string): boolean {
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(key);
}

function safe({ run, asked, tagged, where }: TagWish): WithinLimits {
  const taken = tagged.filter((key) => {
    const of = LENGTHENING.get(key);
    return of !== undefined && of(asked) > of(run);
  });
  const refused = tagged.filter((key) => key !== 'shelvery_dr_regions' && !taken.includes(key));
  const regions = [...new Set([...run.shelvery_dr_regions, ...asked.shelvery_dr_regions])];
  return {
    values: { ...run, ...Object.fromEntries(taken.map((key) => [key, asked[key]])), shelvery_dr_regions: regions },
    warnings: refused.map((key) => ({
      key,
      level: 'tag',
      message: `${key} in ${where} is not used: with shelvery_tag_config=safe tags may only lengthen retention and add DR regions.`,
    })),
  };
}
