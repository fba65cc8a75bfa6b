import type { LoggedCall } from '../../../tests/emulator/control-answers.js';

/**
 * How a backup came about, as the embedded AWS saw it: the call that made it, or the snapshot that it is a copy of.
 *
 * @example creatingCall(calls, 'kasse-12ab34-2026-03-03-0100-daily') // 'copy of rds:kasse-2026-03-03-00-10'
 */
export function creatingCall(calls: readonly LoggedCall[], backupName: string): string {
  const call = calls.find(
    ({ action, parameters }) =>
      /^(Create|Copy)(?!Tags)/.test(action) && JSON.stringify(parameters).includes(`"${backupName}"`),
  );
  if (call === undefined) return '';
  const source = Object.entries(call.parameters).find(([name]) => /^Source.*Snapshot(Id|Identifier)$/.test(name))?.[1];
  return typeof source === 'string' ? `copy of ${source}` : call.action;
}
