import { inWords, wrongValues } from '../config/config.js';
import type { ResourceConfig } from '../config/config.js';
import { someNamed } from '../telling/some-named.js';
import type { BackupType, ResourceId } from '../values.js';
import type { Found } from './checkup.js';

/** A marked resource, and what its tags come to. */
export interface TaggedResource {
  readonly id: ResourceId;
  readonly config: ResourceConfig;
}

/** How many resources with the same wrong values are named. */
const MOST_NAMED = 5;

/**
 * Whether the tags that configure the marked resources of a type can be used: a diagnosis for each wrong value, and for each
 * key that has no effect, with the resources that have it. Nothing where no tag configures any.
 */
export function judgeTags(type: BackupType, resources: readonly TaggedResource[]): readonly Found[] {
  const about = { check: 'tags', backup_type: type } as const;
  const wrong = Map.groupBy(
    resources.filter(({ config }) => config.problems.length > 0),
    ({ config }) => wrongValues(config),
  );
  const unused = Map.groupBy(
    resources.filter(({ config }) => config.warnings.length > 0),
    ({ config }) => inWords(config.warnings),
  );
  if (wrong.size + unused.size === 0) {
    return resources.some(({ config }) => config.tagged.length > 0)
      ? [{ ...about, reason: 'fine', text: 'The tags that configure marked resources have values that are allowed.' }]
      : [];
  }
  const diagnosis = (those: readonly TaggedResource[], said: string): Found => ({
    ...about,
    reason: 'tag-unusable',
    text: `${namesOf(those)}: ${said}`,
    advice: 'Correct the tag, or take it off.',
  });
  return [
    ...[...wrong].map(([said, those]) =>
      diagnosis(
        those,
        `${said} ${those.length === 1 ? 'None of its backups is' : 'None of their backups are'} removed.`,
      ),
    ),
    ...[...unused].map(([said, those]) => diagnosis(those, said)),
  ];
}

function namesOf(resources: readonly TaggedResource[]): string {
  return someNamed(
    resources.map(({ id }) => id),
    MOST_NAMED,
  );
}
