import { Readable } from 'node:stream';
import type { AwsAccess } from '@shelvery/engine/terminal';
import { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { HOME } from '../domain/builders.js';
import type { Json } from './cases.js';

/** An answer of AWS, as it goes over the line. */
export interface Answer {
  readonly type: 'text/xml' | 'application/x-amz-json-1.1';
  readonly body: string;
}

/** Access to an AWS that answers every call alike, and what was asked in the calls that were made. */
export function accessAnswering({ type, body }: Answer): { readonly access: AwsAccess; readonly calls: string[] } {
  const calls: string[] = [];
  const config: AwsAccess['config'] = (region) => ({
    region,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
      handle: (request: unknown) => {
        if (HttpRequest.isInstance(request) && typeof request.body === 'string') calls.push(request.body);
        return Promise.resolve({
          response: new HttpResponse({
            statusCode: 200,
            headers: { 'content-type': type },
            body: Readable.from([Buffer.from(body)]),
          }),
        });
      },
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
  return { access, calls };
}

/** XML of a value: an object's members are elements, a list is its element again and again. */
export function toXml(value: Json): string {
  if (typeof value !== 'object' || value === null) return escaped(String(value ?? ''));
  return Object.entries(value)
    .map(([name, each]: readonly [string, Json]) =>
      (Array.isArray(each) ? each : [each]).map((one: Json) => `<${name}>${toXml(one)}</${name}>`).join(''),
    )
    .join('');
}

/** What XML cannot hold is left as it is: such an answer is no XML. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
