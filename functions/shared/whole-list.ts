import { ShelveryError, faultName, present, toShelveryError } from '@shelvery/engine';

/**
 * What the services answer to a page's token that they no longer take: EC2 by the first two (page "Error codes for the
 * Amazon EC2 API"), RDS, DocumentDB and Redshift by the last, which of a first page would mean something else.
 */
const REFUSED_TOKENS: readonly string[] = ['InvalidPaginationToken', 'InvalidNextToken', 'InvalidParameterValue'];

/** How often a list is begun before it counts as failed. */
const TRIES = 3;

/**
 * The items of all pages of a list. Where the service does not know a page's token any more, as when the list took long
 * or much has changed, the list is begun again from its start: nothing may be missing from it.
 *
 * @param paginate the SDK's paginator, which writes the tokens into the input that it is given.
 * @throws ShelveryError, which a repeat may mend, where the tokens are refused again and again.
 * @example wholeList(paginateDescribeVolumes, { client }, {}, ({ Volumes }) => Volumes)
 */
export async function wholeList<C, I extends object, P, T>(
  paginate: (config: C, input: I) => AsyncIterable<P>,
  config: C,
  input: I,
  itemsOf: (page: P) => readonly T[] | undefined,
): Promise<readonly T[]> {
  for (let tries = 1; ; tries += 1) {
    const items: T[] = [];
    let isFirstPage = true;
    try {
      for await (const page of paginate(config, { ...input })) {
        items.push(...(itemsOf(page) ?? []));
        isFirstPage = false;
      }
      return items;
    } catch (error) {
      if (isFirstPage || !REFUSED_TOKENS.includes(faultName(error))) throw error;
      if (tries === TRIES) throw listBrokenOff(error);
    }
  }
}

function listBrokenOff(error: unknown): ShelveryError {
  const { code, message, aws } = toShelveryError(error, `listing page by page, begun ${String(TRIES)} times`);
  return new ShelveryError(code, message, { cause: error, mendable: true, ...present({ aws }) });
}
