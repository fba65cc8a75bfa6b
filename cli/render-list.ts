import type { ListedBackup } from '@shelvery/engine/terminal';
import type { Paint, Style } from './output.js';
import { renderTable } from './render-table.js';
import type { Column } from './render-table.js';

/** How a list is shown. */
export interface ListParts {
  readonly paint: Paint;
  /** Of the terminal; none for a pipe, and with `--wide`. */
  readonly width: number | undefined;
  /** The account whose backups they are, which is not named again in each line. */
  readonly account: string;
}

const FATES: Readonly<Partial<Record<ListedBackup['reason'], Style>>> = {
  'missing-copy': 'red',
  expired: 'red',
  'doubled-copy': 'red',
  'temporary-over': 'red',
  held: 'yellow',
  unreadable: 'yellow',
  'bad-configuration': 'yellow',
  'unknown-retention-type': 'yellow',
  somebodys: 'yellow',
  'no-origin': 'yellow',
};

/** The backups as a table, sorted as they come. */
export function renderList(listed: readonly ListedBackup[], { paint, width, account }: ListParts): string {
  const columns: readonly Column<ListedBackup>[] = [
    {
      title: 'RESOURCE',
      cell: ({ entity_name: name, resource }) => name ?? resource,
      atLeast: 21,
      wraps: 'id',
    },
    {
      title: 'RESOURCE ID',
      cell: ({ entity_name: name, resource }) => (name === undefined || name === resource ? '' : resource),
      dropAt: 3,
    },
    { title: 'NAME', cell: ({ name }) => name, atLeast: 30, dropAt: 1 },
    { title: 'ID', cell: ({ id, name }) => (id === name ? '' : id), dropAt: 9 },
    { title: 'PLACE', cell: ({ place }) => place },
    { title: 'REGION', cell: ({ region }) => region, dropAt: 10 },
    { title: 'RETENTION', cell: ({ retention_type: type }) => type, dropAt: 11 },
    { title: 'CREATED', cell: ({ created }) => created.slice(0, 16).replace('T', ' ') },
    {
      title: 'STATE',
      cell: ({ state }) => state,
      style: ({ state }) => (state === 'failed' || state === 'missing' ? 'red' : undefined),
    },
    {
      title: 'METADATA',
      cell: ({ metadata }) => metadata,
      style: ({ metadata }) => (metadata === 'missing' ? 'yellow' : undefined),
      dropAt: 6,
    },
    { title: 'SIZE', cell: ({ size_gib: size }) => (size === undefined ? '' : `${String(size)} GiB`), dropAt: 7 },
    { title: 'ENCRYPTED', cell: encryptionText, atLeast: 24, dropAt: 2 },
    { title: 'SHARED WITH', cell: ({ shared_with: accounts }) => (accounts ?? []).join(', '), dropAt: 5 },
    {
      title: 'FROM ACCOUNT',
      cell: ({ source_account: source }) => (source === account ? '' : (source ?? '')),
      dropAt: 8,
    },
    {
      title: 'EXPIRES OR WHY KEPT',
      cell: ({ fate }) => fate,
      style: ({ reason }) => FATES[reason],
      atLeast: 20,
      wraps: 'words',
      belowAt: 12,
    },
  ];
  return renderTable(columns, listed, paint, width);
}

/** The key in short: without the ARN's beginning, which is the same for all of a region. */
function encryptionText({ encrypted, kms_key_id: key, aws_owned_key: ownedKey }: ListedBackup): string {
  if (ownedKey === true) return 'a key that AWS owns';
  if (encrypted === undefined) return '';
  return encrypted ? (key?.replace(/^arn:[^:]+:kms:[^:]+:[^:]+:(?:key\/)?/, '') ?? 'yes') : 'no';
}
