import { BACKUP_TYPES } from '../../../layers/engine/src/domain/values.js';
import { databaseContract } from '../../contract/adapter-databases.js';
import { adapterContract } from '../../contract/adapter.js';
import { serviceOf } from '../world/services.js';
import { openMemoryHarness } from './memory-account.js';

for (const type of BACKUP_TYPES) {
  const { idIsName, snapshotsTellUid } = serviceOf(type);
  adapterContract(
    type,
    async () => openMemoryHarness(type),
    (current) => {
      if (idIsName) databaseContract(current, { snapshotsTell: snapshotsTellUid });
    },
  );
}
