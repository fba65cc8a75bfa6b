/** What an event can ask for, as well as a user: a schedule, a payload. */
export const EVENT_ACTIONS = [
  'create_backups',
  'clean_backups',
  'pull_shared_backups',
  'create_data_buckets',
  'archive_pending_backups',
  'list_backups',
  'status',
  'show_config',
] as const;

/** What only a terminal can ask for: it writes commands, or a page, and takes words that a payload has no place for. */
const TERMINAL_ACTIONS = ['restore_plan', 'report', 'runbook'] as const;

/** What a user can ask for. */
export const ACTIONS = [...EVENT_ACTIONS, ...TERMINAL_ACTIONS] as const;
export type Action = (typeof ACTIONS)[number];

/** What can be asked for at a terminal: the actions, and a look at what surrounds whoever asks. */
export const COMMANDS = [...ACTIONS, 'doctor'] as const;
export type Command = (typeof COMMANDS)[number];

/** Commands that only look, and answer: they make, change and send nothing. */
const LOOKING: readonly Command[] = ['list_backups', 'status', 'show_config', ...TERMINAL_ACTIONS, 'doctor'];

/** Whether a command only looks. */
export function onlyLooks(command: Command): boolean {
  return LOOKING.includes(command);
}

/** What the engine asks of itself, later; payload names are the original's, `do_archive_backup` is ours. */
export const DELAYED_ACTIONS = [
  'do_store_backup_data',
  'do_copy_backup',
  'do_share_backup',
  'do_archive_backup',
] as const;
export type DelayedAction = (typeof DELAYED_ACTIONS)[number];
