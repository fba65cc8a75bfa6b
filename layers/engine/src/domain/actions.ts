/** What can be asked for by a user, a schedule or a payload. */
export const ACTIONS = [
  'create_backups',
  'clean_backups',
  'pull_shared_backups',
  'create_data_buckets',
  'archive_pending_backups',
  'list_backups',
  'status',
  'show_config',
  'restore_plan',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Actions that only look, and answer: they make, change and send nothing. */
const LOOKING: readonly Action[] = ['list_backups', 'status', 'show_config', 'restore_plan'];

/** Whether an action only looks. */
export function onlyLooks(action: Action): boolean {
  return LOOKING.includes(action);
}

/** Actions that functions do: what `restore_plan` writes is for a terminal, and asks for words that a payload has no place for. */
export const FUNCTION_ACTIONS: readonly Action[] = ACTIONS.filter((action) => action !== 'restore_plan');

/** What the engine asks of itself, later; payload names are the original's, `do_archive_backup` is ours. */
export const DELAYED_ACTIONS = [
  'do_store_backup_data',
  'do_copy_backup',
  'do_share_backup',
  'do_archive_backup',
] as const;
export type DelayedAction = (typeof DELAYED_ACTIONS)[number];
