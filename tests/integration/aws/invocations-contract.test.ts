import { createInvocationOperations } from '../../../layers/engine/src/aws/invocation-operations.js';
import { CONFIG, invocationsContract } from '../../contract/invocations.js';
import { keptLog, startEmulatedAccess } from './emulated-access.js';

invocationsContract(async () => {
  const { emulator, access } = await startEmulatedAccess();
  return {
    open: () => createInvocationOperations({ access, functionName: 'shelvery-ebs', config: CONFIG, log: keptLog() }),
    refuseNext: async () => {
      await emulator.addFault({ kind: 'refuse', action: 'Invoke', code: 'AccessDeniedException', status: 403 });
    },
    taken: async () => (await emulator.takeInvocations()).map(({ payload }) => payload),
    reset: () => emulator.reset(),
    stop: () => emulator.stop(),
  };
});
