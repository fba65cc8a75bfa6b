import type { Clock } from '../../../layers/engine/src/ports.js';
import type { Installation } from '../world/installation.js';
import type { View } from '../world/held.js';

/** One process of an installation: a command in a terminal, or an invocation of its function. */
export interface Process {
  readonly id: string;
  readonly installation: Installation;
  /** The configuration that it was started with, as text. */
  readonly environment: Readonly<Record<string, string>>;
  /** It must change nothing. */
  readonly dryRun?: boolean;
  /** When Lambda ends it, by AWS's clock; never in a terminal. */
  readonly endsAt: number;
  readonly clock: Clock;
  /** Takes the time of an answer of AWS. */
  readonly answered: () => void;
  /** What it has seen of the estate, in lists. */
  readonly views: View[];
  /** The leases that it was given, each with what tells it from those of others. */
  readonly leases: { readonly key: string; readonly holder: string }[];
  /** Since when no other makes copies of the type, and whether it is still sure of that; left out where it knows of no such time. */
  alone?: { readonly since: number; readonly isSure: () => boolean };
  /** When it was started. */
  readonly startedAt: number;
  /** S3 or a service has refused it something: what follows from that is no fault of the engine's. */
  refused: number;
  alive: boolean;
  /** It was ended from outside. */
  killed: boolean;
}
