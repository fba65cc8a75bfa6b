import type { Home } from '../../../layers/engine/src/domain/config/targets.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';

/** One installation of Shelvery: an account and a region, a prefix, a type. */
export interface Installation {
  /** @example 'source' */
  readonly name: string;
  readonly home: Home;
  readonly type: BackupType;
  readonly prefix: string;
  /** Whether it is a stack with functions, or a person's terminal. */
  readonly inStack: boolean;
  /** Its configuration, by keys, as the environment or SSM parameters hold it. It may be changed. */
  environment: Readonly<Record<string, string>>;
}
