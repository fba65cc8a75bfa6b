import type { Resource } from '../backup/backup.js';
import { inWords, isMeantToKeep, wrongValues } from '../config/config.js';
import type { ResourceConfig } from '../config/config.js';
import type { Kept } from '../plan/plan-clean.js';
import { present } from '../present.js';
import type { ResourceId } from '../values.js';
import type { Finding } from './backup-status.js';

type Found = Omit<Finding, 'severity'>;

/** What is judged: whose tags say what, and what cleaning keeps. */
export interface Tagged {
  /** The marked resources, with what their tags come to. */
  readonly marked: readonly { readonly resource: Resource; readonly config: ResourceConfig }[];
  /** What cleaning keeps, in every region. */
  readonly kept: readonly Kept[];
  /** What a resource that is not marked is called. */
  readonly nameOf: (kept: Kept) => string | undefined;
}

/**
 * Wrong values in tags that configure backups, a finding for each resource: cleaning removes none of its backups until they
 * are corrected. Where the resource is gone, or has lost its mark, those in the tags of its backups. After them the tags that
 * were to configure and have no effect, of the same.
 */
export function wrongTags({ marked, kept, nameOf }: Tagged): readonly Found[] {
  const stay = Map.groupBy(
    kept.filter(({ backup: { config, temporary } }) => config.problems.length > 0 && !temporary),
    ({ backup }) => backup.entityId,
  );
  const configured = (id: ResourceId, own: boolean): readonly Kept[] =>
    (stay.get(id) ?? []).filter(({ backup }) => (backup.resource === undefined) === own);
  return [
    ...marked.flatMap(({ resource: { id, tags }, config }): Found[] => {
      if (config.problems.length === 0) return [];
      const over = pastTheirTime(configured(id, false));
      return [
        {
          reason: 'wrong-tag',
          resource: id,
          ...present({ resource_name: tags['Name'] }),
          text: `no backup of it is removed until its tags are corrected${overText(over)}: ${wrongValues(config)}`,
          ...(over.length === 0 ? {} : { backups: over }),
        },
      ];
    }),
    ...[...stay.keys()].flatMap((id): Found[] => {
      const own = configured(id, true);
      const [first] = own;
      if (first === undefined) return [];
      const stays =
        own.length === 1
          ? 'a backup of it stays until its own tags are'
          : `${String(own.length)} backups of it stay until their own tags are`;
      // Most often the same stands in all of them: the resource's tags, as they were.
      const said = [...new Set(own.map(({ backup }) => wrongValues(backup.config)))].join(' ');
      return [
        {
          reason: 'wrong-tag',
          resource: id,
          ...present({ resource_name: nameOf(first) }),
          text: `${stays} corrected${overText(pastTheirTime(own))}: ${said}`,
          backups: own.map(({ backup }) => backup.id),
        },
      ];
    }),
    ...marked.flatMap(({ resource: { id, tags }, config }): Found[] =>
      config.warnings.length === 0
        ? []
        : [
            {
              reason: 'wrong-tag',
              resource: id,
              ...present({ resource_name: tags['Name'] }),
              text: `what its tags ask for has no effect: ${inWords(config.warnings)}`,
            },
          ],
    ),
    ...unusedOfBackups(kept).map(([first, said]): Found => ({
      reason: 'wrong-tag',
      resource: first.backup.entityId,
      ...present({ resource_name: nameOf(first) }),
      text: `what the tags of its backups ask for has no effect: ${said}`,
    })),
  ];
}

/**
 * Of each resource that is gone, or has lost its mark, the first backup whose own tags were to keep it and have no effect, and
 * which these are. What else they ask for matters no more.
 */
function unusedOfBackups(kept: readonly Kept[]): readonly (readonly [Kept, string])[] {
  const first = new Map<ResourceId, readonly [Kept, string]>();
  for (const each of kept) {
    const { config, entityId, resource, temporary } = each.backup;
    if (resource !== undefined || temporary || first.has(entityId)) continue;
    const unused = config.warnings.filter(isMeantToKeep);
    if (unused.length > 0) first.set(entityId, [each, inWords(unused)]);
  }
  return [...first.values()];
}

/** Backups that would be removed, but for their tags. */
function pastTheirTime(kept: readonly Kept[]): string[] {
  return kept.filter(({ reason }) => reason === 'bad-configuration').map(({ backup }) => backup.id);
}

function overText(over: readonly string[]): string {
  if (over.length === 0) return '';
  return over.length === 1 ? ' (one is to go then)' : ` (${String(over.length)} are to go then)`;
}
