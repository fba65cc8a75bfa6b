import { play } from './play.js';
import type { PlayOptions } from './play.js';
import type { Plan } from './workload/plan.js';

/** What is left of a plan that still fails, and how often it was tried. */
export interface Shrunk {
  readonly plan: Plan;
  readonly violation: string;
  readonly tries: number;
}

/**
 * Takes away from a plan that fails what it fails without: deeds, in ever smaller pieces, then faults, then the disorder. It
 * need not fail for the same words, as these name ids.
 *
 * @param most how often a shorter plan is tried.
 */
export async function shrink(failing: Plan, options: PlayOptions = {}, most = 150): Promise<Shrunk> {
  const first = await play(failing, options);
  let plan = failing;
  let violation = first.violations[0] ?? '';
  let tries = 0;
  const kind = kindOf(violation);
  const takes = async (shorter: Plan): Promise<boolean> => {
    if (tries >= most) return false;
    tries += 1;
    const [found] = (await play(shorter, options)).violations;
    if (found === undefined || kindOf(found) !== kind) return false;
    plan = shorter;
    violation = found;
    return true;
  };
  await takes({ ...plan, inOrder: true });
  await takes({ ...plan, daysAfter: 0 });
  for (const size of [16, 8, 4, 2, 1])
    for (let start = plan.deeds.length - size; start >= 0; start -= size)
      await takes({ ...plan, deeds: [...plan.deeds.slice(0, start), ...plan.deeds.slice(start + size)] });
  const { faults } = await play(plan, options);
  const all = Array.from({ length: faults }, (_, fault) => fault);
  if (!(await takes({ ...plan, withoutFaults: all })))
    for (const fault of all) await takes({ ...plan, withoutFaults: [...(plan.withoutFaults ?? []), fault] });
  return { plan, violation, tries };
}

/** What a violation is, without the ids in it; those of processes may have no digit. */
function kindOf(violation: string): string {
  return violation.replaceAll(/(?:λ|terminal)-[0-9a-f]+|\S*[0-9]\S*/g, '…');
}
