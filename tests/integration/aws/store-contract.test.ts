import { S3Client } from '@aws-sdk/client-s3';
import { openAwsAccess } from '../../../layers/engine/src/aws/access.js';
import { createDataBuckets } from '../../../layers/engine/src/aws/data-buckets.js';
import { createBackupStore } from '../../../layers/engine/src/aws/s3-store.js';
import { systemClock } from '../../../layers/engine/src/aws/system-clock.js';
import { storeContract } from '../../contract/store.js';
import { HOME_REGION, OTHER_ACCOUNT, keptLog, startEmulatedAccess } from './emulated-access.js';

const TEMPLATE = 'shelvery.data.{account_id}-{region}.base2tools';
/** Small, so that few files make more than a page. */
const FILES_A_PAGE = 3;

storeContract(async () => {
  const { emulator, access } = await startEmulatedAccess();
  Object.assign(process.env, emulator.credentials(OTHER_ACCOUNT));
  const theirs = await openAwsAccess({ region: HOME_REGION, clock: systemClock });
  Object.assign(process.env, emulator.environment());
  return {
    buckets: createDataBuckets(access, TEMPLATE, { clock: systemClock, log: keptLog() }),
    store: createBackupStore(access, TEMPLATE),
    theirs: createBackupStore(theirs, TEMPLATE),
    client: new S3Client({ ...emulator.clientConfig(), forcePathStyle: true }),
    filesAPage: FILES_A_PAGE,
    reset: async () => {
      await emulator.reset();
      await emulator.setPageSize(FILES_A_PAGE);
    },
    stop: () => emulator.stop(),
  };
});
