import { describe, expect, it } from '@jest/globals';
import { COMMANDS, onlyLooks } from '../../../layers/engine/src/domain/actions.js';
import { heapFlags } from '../../../cli/heap-flags.js';

describe('the heap of a command', () => {
  it.each(COMMANDS)('is kept small unless somebody waits for a look (%s)', (command) => {
    expect(heapFlags(['ebs', command])).toHaveLength(onlyLooks(command) ? 1 : 2);
    expect(heapFlags(['ebs', command, '--dry-run'])).toHaveLength(1);
  });
});
