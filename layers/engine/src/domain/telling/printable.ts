/** Most characters of a line of what is told: a log line is read by people. */
const LONGEST_LINE = 2_000;

/** What steers a terminal, or turns the direction of what follows; line ends are kept. */
const STEERING = /[^\P{Cc}\n]|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What needs no look for the above: nearly every text that is told. */
const PLAIN = /^[ -~]*$/;

/** A text without the characters that steer who shows it. */
export function withoutSteering(text: string): string {
  return text.replaceAll(STEERING, '');
}

/**
 * A text as it may be told: names come from tags that others write, and messages from services. Without characters that
 * steer a terminal, and at most 2 KB a line.
 */
export function printable(text: string): string {
  if (text.length <= LONGEST_LINE && PLAIN.test(text)) return text;
  return withoutSteering(text.replaceAll('\t', ' '))
    .split('\n')
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line))
    .join('\n');
}

/** The same of every text in the data of a log line. */
export function printableData(data: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? printable(value) : value]),
  );
}
