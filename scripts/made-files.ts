import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';

/** A committed file that is made from the code, whole or in part. */
export interface MadeFile {
  /** Its path from the project's root. */
  readonly file: string;
  /** The file as it should be, given the file as it is. */
  readonly render: (present: string) => string;
}

/**
 * Writes the files that are not as they should be, or, to check them, says of each how it is brought up to date and
 * fails.
 */
export function bringUpToDate(files: readonly MadeFile[], command: string, check: boolean): void {
  for (const { file, render } of files) {
    const url = new URL(`../${file}`, import.meta.url);
    const present = existsSync(url) ? readFileSync(url, 'utf8') : '';
    const wanted = render(present);
    if (wanted === present) continue;
    if (check) {
      process.stderr.write(`${file} is out of date: run ${command}.\n`);
      process.exitCode = 1;
    } else {
      writeFileSync(url, wanted);
      process.stdout.write(`${file} written\n`);
    }
  }
}
