import type { TypeRun } from './type-run.js';

/** What is left of a run: nothing, the whole, a rest, or what something else has to be mended for. */
export function leftOf(run: TypeRun): 'nothing' | 'whole' | 'rest' | 'to-mend' {
  switch (run.kind) {
    case 'not-begun':
      return 'whole';
    case 'broken':
      return 'to-mend';
    case 'ran': {
      const { result, unfinished, interrupted } = run;
      if (interrupted || result.remaining > 0 || unfinished.length > 0) return 'rest';
      const errors = result.outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : []));
      const failures = result.brokeOff === undefined ? errors : [...errors, result.brokeOff];
      // The same command again would be as wrong.
      return failures.some(({ code }) => code !== 'UsageError') ? 'to-mend' : 'nothing';
    }
  }
}
