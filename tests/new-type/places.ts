import { folderOf } from '../../scripts/invoke/built-function.js';

/** The project's files, by their paths from its root. */
export interface Project {
  exists(path: string): boolean;
  read(path: string): string;
}

/** A place where every backup type must have something, and which no type of the code asks for. */
export interface Place {
  /** A path; `<type>` and `<folder>` stand for the type and its folder. */
  readonly where: string;
  /** What must be there. */
  readonly what: string;
  /** What is missing of one type, in sentences. */
  missing(type: string, project: Project): readonly string[];
}

/** One file of the type's own, in which a text must stand. */
function ownFile(where: string, what: string, needs: (type: string) => string): Place {
  return {
    where,
    what,
    missing(type, project) {
      const path = where.replace('<folder>', folderOf(type));
      if (!project.exists(path)) return [`${path} is missing: ${what}.`];
      return project.read(path).includes(needs(type)) ? [] : [`${path} lacks ${needs(type)}: ${what}.`];
    },
  };
}

/** Rows that begin with the type, in so many tables of a page. */
function rows(where: string, tables: number, what: string): Place {
  return {
    where,
    what,
    missing(type, project) {
      const found = project.read(where).match(new RegExp(`^\\| [^|]*\`${type}\``, 'gm')) ?? [];
      return found.length >= tables ? [] : [`${where} lacks a row for ${type}: ${what}.`];
    },
  };
}

/** What every function is sent, and has a sample of. */
const EVENTS = [
  ...['create_backups', 'clean_backups', 'pull_shared_backups', 'create_data_buckets', 'list_backups'],
  ...['status', 'show_config'],
  ...['do_store_backup_data', 'do_copy_backup', 'do_share_backup'],
];

/** All such places; the compiler names the others. */
export const PLACES: readonly Place[] = [
  ownFile('functions/<folder>/adapter.ts', 'the adapter of its service', (type) => `type: '${type}'`),
  ownFile('functions/<folder>/handler.ts', 'the Lambda function', (type) => `createHandler('${type}', `),
  ownFile(
    'tests/integration/adapters/<folder>.test.ts',
    'the contract of an adapter, and what sets this one apart',
    () => 'adapterContract(',
  ),
  ownFile(
    'tests/faults/<folder>.test.ts',
    'its life, struck at every call',
    (type) => `describeAtEveryCall('${type}', `,
  ),
  {
    where: 'events/<type>-<action>.json',
    what: 'a sample of every event that its function is sent',
    missing: (type, project) =>
      EVENTS.map((action) => `events/${type}-${action}.json`)
        .filter((path) => !project.exists(path))
        .map((path) => `${path} is missing: a sample of the event.`),
  },
  {
    where: 'template.yaml',
    what: 'its function with role, queue, alarms and schedules, as `npm run template` writes them',
    missing: (type, project) =>
      [
        `CodeUri: dist/functions/${folderOf(type)}`,
        ...['create', 'clean'].map((action) => `"backup_type":"${type}","action":"${action}_backups"`),
      ]
        .filter((text) => !new RegExp(`${text}(?![\\w-])`).test(project.read('template.yaml')))
        .map((text) => `template.yaml lacks ${text}: run npm run template for the function of ${type}.`),
  },
  rows('README.md', 1, 'what it backs up, in the table of backup types'),
  rows('docs/benchmarks.md', 2, 'calls per backup, and the start of its function, as `npm run bench` measures them'),
];

/** Everything that is missing of one type. */
export function missingOf(type: string, project: Project): readonly string[] {
  return PLACES.flatMap((place) => place.missing(type, project));
}

/** Files in which the compiler misses a new type, and for what. */
export const NAMED_BY_THE_COMPILER: Readonly<Record<string, string>> = {
  'cli/adapters.ts': 'its adapter, for the CLI',
  'cli/pages/words.ts': 'what a report calls its resources',
  'layers/engine/src/domain/completion-events.ts': 'the events by which AWS tells that its backups are complete',
  'layers/engine/src/domain/files/metadata-verify.ts': "what its backups' ids look like, in files of other accounts",
  'layers/engine/src/domain/limits/least-time.ts':
    'the calls that make and remove a backup, whose pace a dry run tells',
  'layers/engine/src/domain/report/prices.ts': 'what its backups cost a month',
  'layers/engine/src/domain/restore/plan-restore.ts': 'how it is restored',
  'layers/engine/src/domain/plan/quotas.ts': 'the quotas of AWS that its backups count against',
  'scripts/demo/acts/every-type-estate.ts': 'a resource in the demonstration',
  'scripts/template/backup-types.ts': 'its row of the stack: what its function may call, and when it runs',
  'tests/bench/main.ts': 'how many resources the benchmark counts',
  'tests/contract/services.ts': 'what the contract of adapters expects of its service',
  'tests/whole/bench/call-counts-of-types.test.ts': 'the most calls per backup',
  'tests/integration/copies/lifecycle.test.ts': 'how its life with copies is played, if it makes any',
  'tests/integration/harness/raw-snapshots.ts': 'what its service has, as the service lists it',
  'tests/simulation/world/services.ts': 'how the service behaves in memory',
  'tests/unit/domain/restore/plan-restore.test.ts': 'a backup whose restoring is planned',
  'tests/unit/fuzz/answers.test.ts': 'answers of its lists',
  'tests/integration/harness/resources.ts': 'how a resource of it is made, for all stories and plays',
  'tests/unit/domain/backup/naming.test.ts': 'how long its names may be',
  'tests/unit/domain/builders.ts': 'its rules for names and tags',
  'tests/unit/domain/files/metadata-verify.test.ts': 'ids that are good and ids that are not',
};
