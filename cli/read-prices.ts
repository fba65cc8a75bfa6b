import { readFile } from 'node:fs/promises';
import { PriceTable, ShelveryError } from '@shelvery/engine/terminal';
import * as z from 'zod';

/**
 * Reads a table of prices for `--prices`.
 *
 * @throws ShelveryError `UsageError` where it cannot be read, or is no such table.
 */
export async function readPrices(file: string): Promise<PriceTable> {
  const named = `--prices ${JSON.stringify(file)}`;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ShelveryError('UsageError', `${named} cannot be read (${errorText(error)}).`, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ShelveryError('UsageError', `${named} is no JSON: ${errorText(error)}. ${SEE}`, { cause: error });
  }
  const table = PriceTable.safeParse(json);
  if (table.success) return table.data;
  throw new ShelveryError('UsageError', `${named} is no table of prices:\n${z.prettifyError(table.error)}\n${SEE}`);
}

const SEE = 'docs/reporting.md shows one.';

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
