import { describe, expect, it } from '@jest/globals';
import type { Caller, Clock } from '../../../../layers/engine/src/ports.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { LOCAL, OWN_ACCOUNT, utc } from '../../domain/builders.js';
import { openEstate } from '../memory-estate.js';
import { examineEstate, foundOf, refused } from './doctor-estate.js';
import type { DoctorAsked } from './doctor-estate.js';

const OWN = `arn:aws:sts::${OWN_ACCOUNT}:assumed-role/operators/ann`;
const ROLE = `arn:aws:sts::${OWN_ACCOUNT}:assumed-role/backups/shelvery`;

type Found = ReturnType<typeof foundOf>;

/** What is found of the credentials, at 2026-11-24T03:01Z. */
async function credentials(own: Omit<Caller, 'arn'>, asked: DoctorAsked = {}, role?: Caller): Promise<Found> {
  const callers = { own: { arn: OWN, ...own }, ...(role === undefined ? {} : { role }) };
  const surroundings = { callers: async () => callers };
  return foundOf(await examineEstate(openEstate('ebs'), { surroundings, ...asked }), 'credentials');
}

const fine = (text: string, subject = OWN): Found[number] => ({ result: 'ok', reason: 'fine', subject, text });

describe('the credentials of the doctor', () => {
  it('are named, with how long they last', async () => {
    expect(await credentials({})).toEqual([
      fine(`Calls are made as ${OWN}, with credentials that do not end, or whose end is not known.`),
    ]);
    expect(await credentials({ until: utc('2026-11-24 05:01') })).toEqual([
      fine(`Calls are made as ${OWN}, with credentials until 2026-11-24T05:01Z, in 2 hours.`),
    ]);
  });

  it.each([
    ['2026-11-24 03:20', 'with credentials until 2026-11-24T03:20Z, in 19 minutes'],
    ['2026-11-24 03:01', 'with credentials until 2026-11-24T03:01Z, which is over'],
    ['2026-11-24 02:00', 'with credentials until 2026-11-24T02:00Z, which is over'],
  ])('are warned of where a run may outlast them: until %s', async (until, lasting) => {
    expect(await credentials({ until: utc(until) })).toEqual([
      {
        result: 'warning',
        reason: 'credentials-end-soon',
        subject: OWN,
        text: `Calls are made as ${OWN}, ${lasting}. A run waits up to 1200 seconds for one backup (shelvery_wait_snapshot_timeout).`,
        advice: 'Sign in again before the run, unless these credentials are renewed by themselves.',
      },
    ]);
  });

  it.each([
    ['1200', '2026-11-24 03:21'],
    ['60', '2026-11-24 03:02'],
  ])('suffice where they last as long as a run of %s seconds waits', async (seconds, until) => {
    const settings = { shelvery_wait_snapshot_timeout: seconds };
    const found = await credentials({ until: utc(until) }, { settings });
    expect(found.map(({ reason }) => reason)).toEqual(['fine']);
  });

  it('are told apart from those of the role that is assumed', async () => {
    expect(await credentials({}, {}, { arn: ROLE, until: utc('2026-11-24 04:01') })).toEqual([
      fine(
        `Resources, backups and data buckets are used as ${ROLE} (role_arn), in account ${OWN_ACCOUNT}, with credentials until 2026-11-24T04:01Z, in 1 hour; the role is assumed again as needed.`,
        ROLE,
      ),
      fine(
        `Topics, queues and SSM parameters are used as ${OWN}, with credentials that do not end, or whose end is not known.`,
      ),
    ]);
  });

  it('are not known where AWS does not tell', async () => {
    const asked = async (error: Error): Promise<Found> =>
      await credentials({}, { surroundings: { callers: () => Promise.reject(error) } });
    expect(await asked(refused('sts:GetCallerIdentity'))).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        subject: 'sts:GetCallerIdentity',
        text: 'AWS refuses sts:GetCallerIdentity, so this could not be looked at.',
        advice: 'Allow sts:GetCallerIdentity in the policy of the role or user that runs doctor.',
      },
    ]);
    expect(await asked(awsError('InternalFailure', { status: 500 }))).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        text: 'InternalFailure while asking AWS whose credentials these are: InternalFailure. This is temporary: run it again.',
      },
    ]);
  });
});

describe("the machine's clock", () => {
  /** What is found of a clock that AWS's is ahead of. */
  const clock = async (offset: number | undefined): Promise<Found> => {
    const parts: DoctorAsked['parts'] = ({ clock: { correction: _, ...machine } }) => {
      const correction: NonNullable<Clock['correction']> = { offset: () => offset ?? 0, asking: () => () => undefined };
      return { clock: offset === undefined ? machine : { ...machine, correction } };
    };
    return foundOf(await examineEstate(openEstate('ebs'), { parts }), 'clock');
  };

  it.each([undefined, 0])("is right where it is near AWS's, or nothing is known of that: %p", async (offset) => {
    expect(await clock(offset)).toEqual([
      { result: 'ok', reason: 'fine', text: "This machine's clock is within a minute of AWS's." },
    ]);
  });

  it.each([
    [120_000, '2 minutes behind'],
    [-7_200_000, '2 hours ahead of'],
  ])('is told of where it is off: %p', async (offset, howMuch) => {
    expect(await clock(offset)).toEqual([
      {
        result: 'warning',
        reason: 'clock-off',
        text: `This machine's clock is ${howMuch} AWS's. Shelvery goes by AWS's time; set the clock (for example by NTP).`,
      },
    ]);
  });

  it('is judged when AWS has answered', async () => {
    const estate = openEstate('ebs');
    let answered = false;
    const checkup = await examineEstate(estate, {
      adapter: (adapter) => ({
        listBackups: async (region) => {
          const listed = await adapter.listBackups(region);
          answered = true;
          return listed;
        },
      }),
      parts: ({ clock: machine }) => ({
        clock: { ...machine, correction: { offset: () => (answered ? 600_000 : 0), asking: () => () => undefined } },
      }),
    });
    expect(foundOf(checkup, 'clock').map(({ reason }) => reason)).toEqual(['clock-off']);
    expect(foundOf(checkup, 'permissions').map(({ text }) => text)).toEqual([
      `EBS volumes can be listed, and their backups in ${LOCAL}. None is marked.`,
    ]);
  });
});
