import { isMarked } from '../domain/backup/backup-tags.js';
import type { Resource } from '../domain/backup/backup.js';
import { explainResource, explainRun } from '../domain/status/explain-config.js';
import type { ShownConfig } from '../domain/status/explain-config.js';
import { configuredBy } from '../domain/config/targets.js';
import { ShelveryError } from '../domain/errors.js';
import { ResourceId } from '../domain/values.js';
import type { RunContext } from './context.js';
import { prefixOf } from './identify.js';

/**
 * Tells every value of the configuration and the level that it comes from, and which resources have values of their own by
 * their tags; of a selected resource (`shelvery_select_entity`) all that is in force for it. It only reads.
 *
 * @throws ShelveryError `UsageError` where the selected resource does not exist.
 */
export async function showConfig(
  context: Pick<RunContext, 'adapter' | 'collected' | 'config' | 'home'>,
): Promise<ShownConfig> {
  const { adapter, config, home } = context;
  const only = config.values.shelvery_select_entity;
  const resources = await (only === undefined ? markedOnes(context) : [await oneOf(context, only)]);
  context.collected(resources.length);
  const explained = resources.map((resource) => {
    const configured = configuredBy(resource.tags, { home, config, rules: adapter.rules });
    return explainResource(resource, configured.config, config, { all: only !== undefined });
  });
  return {
    values: [...explainRun(config)],
    resources: explained
      .filter(({ values, problems }) => values.length > 0 || problems.length > 0)
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

async function markedOnes(context: Pick<RunContext, 'adapter' | 'config'>): Promise<readonly Resource[]> {
  return (await context.adapter.listResources()).filter(({ tags }) => isMarked(tags, prefixOf(context)));
}

/** One resource, whether marked or not. */
async function oneOf({ adapter, home }: Pick<RunContext, 'adapter' | 'home'>, id: string): Promise<Resource> {
  const found = (await adapter.findResources([ResourceId.parse(id)])).values().next().value;
  if (found !== undefined) return found;
  throw new ShelveryError(
    'UsageError',
    `There is no ${adapter.resourceNoun} ${id} (shelvery_select_entity) in ${home.region} of account ${home.accountId}.`,
  );
}
