/**
 * A reason that a sentence of ours ends with: others' words may end in a full stop, and ours follows.
 *
 * @example `It failed: ${withoutFullStop('Internal error.')}.` // 'It failed: Internal error.'
 */
export function withoutFullStop(reason: string): string {
  return reason.replace(/[\s.]+$/, '');
}
