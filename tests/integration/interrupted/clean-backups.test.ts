import { putEbsCopy, takeEbsCopy, without } from '../harness/ebs-copy.js';
import { bucketOf } from '../harness/ebs-estate.js';
import { seeThrough } from '../harness/product.js';
import { describeInterrupted } from './at-every-call.js';

/** Two expired backups and two that are kept, of which one has no file; and the file of one that somebody deleted. */
describeInterrupted({
  action: 'clean_backups',
  async prepare(installation) {
    for (const time of ['2026-01-10T01:00:00Z', '2026-02-26T01:00:00Z', '2026-02-28T01:00:00Z']) {
      await seeThrough(installation, 'cli', { action: 'create_backups', time });
    }
    const all = await takeEbsCopy(installation.emulator, bucketOf(installation.region, installation.account));
    const found = without(without(all, 'snapshots', 'web-e41ccb-2026-02-26-0100-daily'), 'files', 'web-e41ccb-2026-02-28-0100-daily');
    return async (emulator) => {
      await putEbsCopy(emulator, found);
    };
  },
});
