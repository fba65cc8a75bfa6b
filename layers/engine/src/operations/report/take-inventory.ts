import { promisedOf } from '../../domain/report/inventory.js';
import type { Inventory } from '../../domain/report/inventory.js';
import type { RunContext } from '../context.js';
import { listPlanned } from '../regions/list-backups.js';
import { lookAtAll } from '../status/look-at-status.js';

/**
 * Takes stock of one type for a report: every backup and the status, of one list of each region. It only reads. What cannot
 * be listed is reported, and is not in it.
 *
 * @throws ShelveryError `UsageError` where the selected resource is not marked.
 */
export async function takeInventory(context: RunContext): Promise<Inventory> {
  const { adapter, config, home } = context;
  const { status, marked, planned } = await lookAtAll(context);
  const listed = await listPlanned(context, planned);
  context.collected(marked.length);
  return {
    status,
    listed,
    promised: marked.map((resource) => promisedOf(resource, { home, config, rules: adapter.rules })),
  };
}
