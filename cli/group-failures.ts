import { someNamed } from '@shelvery/engine/terminal';
import type { Outcome } from '@shelvery/engine/terminal';
import { subjectText, whereWords, whyText } from './render-outcome.js';

/** How many of a group's items are named. */
const MOST_NAMED = 3;

/** Outcomes that have one reason. */
interface Group {
  readonly first: Outcome;
  readonly outcomes: readonly Outcome[];
}

/**
 * A line for each reason. Items that failed, or were skipped, for the same reason are one line with their count: what tells
 * them apart in the message (their ids and names, what AWS encodes for each) is left out of the comparison, and a message
 * that has such is told as that of the first.
 *
 * @example ['6 CreateBackup in eu-west-1 (vol-1, vol-2, vol-3 and 3 more): each as the first: … vol-1 … Allow ec2:CreateSnapshot …']
 */
export function reasonTexts(outcomes: readonly Outcome[]): readonly string[] {
  return groupsOf(outcomes).map(({ first, outcomes: those }) => {
    if (those.length === 1) return withWhy(subjectText(first), whyText(first));
    const names = someNamed(
      those.map((outcome) => mainName(outcome) ?? ''),
      MOST_NAMED,
    );
    const what = [`${String(those.length)} ${first.operation}`, ...whereWords(first)].join(' ');
    const why = whyText(first);
    const isOfAll = those.every((outcome) => whyText(outcome) === why);
    return withWhy(`${what} (${names})`, isOfAll ? why : `each as the first: ${why}`);
  });
}

function groupsOf(outcomes: readonly Outcome[]): readonly Group[] {
  const groups = Map.groupBy(outcomes, (outcome) =>
    JSON.stringify([
      outcome.operation,
      outcome.region,
      outcome.destinationRegion,
      outcome.destinationAccount,
      // What has no name is an item of its own only by its message.
      withoutNames(outcome),
    ]),
  );
  return [...groups.values()].flatMap((those) =>
    those[0] === undefined ? [] : [{ first: those[0], outcomes: those }],
  );
}

/** The reason without what is this item's alone. */
function withoutNames(outcome: Outcome): string {
  const { backupName, backupId, entityId, entityName } = outcome;
  const own = [backupName, backupId, entityId, entityName].filter((name) => name !== undefined && name.length > 2);
  return own
    .sort((a, b) => (b ?? '').length - (a ?? '').length)
    .reduce((text: string, name) => text.replaceAll(name ?? '', '…'), whyText(outcome))
    .replaceAll(/(Encoded authorization failure message:) \S+/g, '$1 …')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '…');
}

function mainName({ entityId, backupId, backupName, bucket }: Outcome): string | undefined {
  return backupId ?? entityId ?? backupName ?? bucket;
}

function withWhy(subject: string, why: string): string {
  return [subject, why].filter((part) => part !== '').join(': ');
}
