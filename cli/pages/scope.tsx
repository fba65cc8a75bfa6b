import type { BackupType } from '@shelvery/engine/terminal';
import type { JSX } from 'preact';
import { TYPE_NAMES } from './words.js';

/** What a page is of, where it is not of all that the account has. */
export interface PageScope {
  /** The only type that was looked at, where it was one. */
  readonly type?: BackupType;
  /** The id of the only resource, where it was one. */
  readonly resource?: string;
}

/** Whoever finds the page later does not know the command that made it. */
export function Scope({ scope }: { readonly scope: PageScope | undefined }): JSX.Element | null {
  if (scope === undefined) return null;
  return (
    <p class="made">
      <b>{scopeText(scope)}</b>
    </p>
  );
}

function scopeText({ type, resource }: PageScope): string {
  if (resource === undefined) return type === undefined ? '' : `Only ${TYPE_NAMES[type]} are on this page.`;
  return type === undefined
    ? `Only ${resource} is on this page.`
    : `Of the ${TYPE_NAMES[type]}, only ${resource} is on this page, and nothing of other types.`;
}
