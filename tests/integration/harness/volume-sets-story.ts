import type { Story } from './at-every-call.js';
import { attachToInstance } from './attached-volumes.js';
import { HOME, SOURCE } from './copy-estate.js';
import { makeQueue } from './surroundings.js';

const TIME = '2026-03-01T01:00:00Z';
const MARKED = { 'shelvery:create_backup': 'true' };
const PLACE = { account: SOURCE, region: HOME };

/** One run for two marked volumes of an instance, which are backed up together, and one volume that is attached to none. */
export function volumeSetsStory(): Story {
  return {
    type: 'ebs',
    places: { [SOURCE]: [HOME] },
    async begin({ emulator, way }) {
      const volumes = await emulator.seedVolumes(
        [
          { id: 'vol-0aaaaaaaaaaaaaaaa', tags: { ...MARKED, Name: 'web', team: 'blue' } },
          { id: 'vol-0bbbbbbbbbbbbbbbb', tags: MARKED },
          { id: 'vol-0cccccccccccccccc', tags: MARKED },
        ],
        PLACE,
      );
      await attachToInstance(emulator, volumes.slice(0, 2), PLACE);
      await emulator.setSnapshotStates({ pendingMs: 4_000 });
      const queue = way === 'queue' ? { queueUrl: await makeQueue(emulator, PLACE) } : {};
      const config = { shelvery_ebs_volume_sets: 'true' };
      return [{ party: { type: 'ebs', ...PLACE, config, ...queue }, action: 'create_backups', time: TIME }];
    },
  };
}
