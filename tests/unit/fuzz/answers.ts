import { Readable } from 'node:stream';
import type { AwsAccess } from '@shelvery/engine';
import { HttpResponse } from '@smithy/core/protocols';
import fc from 'fast-check';
import { HOME } from '../domain/builders.js';

/** Access to an AWS that answers every call alike. */
export function accessAnswering(xml: string): AwsAccess {
  const config: AwsAccess['config'] = (region) => ({
    region,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
      handle: () =>
        Promise.resolve({
          response: new HttpResponse({
            statusCode: 200,
            headers: { 'content-type': 'text/xml' },
            body: Readable.from([xml]),
          }),
        }),
    },
  });
  const access: AwsAccess = {
    home: HOME,
    partition: 'aws',
    inStack: false,
    stack: undefined,
    config,
    ownConfig: (region = HOME.region) => config(region),
    within: () => access,
  };
  return access;
}

const odd = fc.constantFrom(
  '',
  ' ',
  'x',
  '-1',
  '2026-13-45',
  'NaN',
  'true',
  '&lt;b&gt;',
  '99999999999999999999',
  'arn:x',
);
/** A field of an answer: as it should be, odd, or missing. */
const field = (name: string, good: string): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 6, arbitrary: fc.constant<string | undefined>(good) },
      { weight: 1, arbitrary: odd },
      { weight: 1, arbitrary: fc.constant(undefined) },
    )
    .map((text) => (text === undefined ? '' : `<${name}>${text}</${name}>`));

const tag = fc
  .tuple(field('key', 'shelvery:backup'), field('value', 'true'))
  .map(([key, value]) => `<item>${key}${value}</item>`);

const snapshot = fc
  .tuple(
    fc.constantFrom<string>('snap-0123456789abcdef0', 'snap-1', '', '../x', 'snap 1'),
    field('status', 'completed'),
    field('startTime', '2026-01-10T03:00:00.000Z'),
    field('volumeId', 'vol-1'),
    field('encrypted', 'false'),
    field('description', 'Made by Shelvery: daily backup of vol-1'),
    field('storageTier', 'standard'),
    fc.array(tag, { maxLength: 3 }),
  )
  .map(([id, ...fields]) => {
    const tags = fields.pop();
    const set = Array.isArray(tags) ? `<tagSet>${tags.join('')}</tagSet>` : '';
    return { id, xml: `<item><snapshotId>${id}</snapshotId>${fields.join('')}${set}</item>` };
  });

/** An answer of DescribeSnapshots, and the ids in it. */
export const snapshotsAnswer = fc.array(snapshot, { maxLength: 4 }).map((list) => ({
  ids: list.map(({ id }) => id),
  xml: `<DescribeSnapshotsResponse><requestId>1</requestId><snapshotSet>${list.map(({ xml }) => xml).join('')}</snapshotSet></DescribeSnapshotsResponse>`,
}));
