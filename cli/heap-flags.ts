/** Of the words of a command line those by which it only looks. */
const LOOKS: readonly string[] = [
  'list_backups',
  'status',
  'show_config',
  'restore_plan',
  'report',
  'runbook',
  'doctor',
  '--dry-run',
];

/**
 * Flags of V8 by which a command takes less memory.
 *
 * @param words as they are given on the command line.
 */
export function heapFlags(words: readonly string[]): readonly string[] {
  return [
    // Most of what answers of AWS are parsed into is garbage at once. Node lets it grow to 32 MB and more before it is
    // collected, and keeps that memory: a look at a large estate takes a third less with the space that it has at first.
    '--semi-space-growth-factor=1',
    // What is garbage only later may otherwise become three times what is needed. Collecting it so often takes a second more of
    // a look at 10,000 backups, for which somebody waits; a run waits for AWS itself, for half an hour where it makes so many.
    ...(words.some((word) => LOOKS.includes(word)) ? [] : ['--heap-growing-percent=10']),
  ];
}
