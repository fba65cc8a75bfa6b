// Which way imports point; the rooms are described in docs/architecture.md.

const engine = '^layers/engine/src/';
const insideEngine = (room) => `${engine}${room}/`;
/** A room of the engine may import the rooms named here, and itself. */
const roomOfTheEngine = (room, mayImport) => ({
  name: `engine-${room}`,
  severity: 'error',
  comment: `Within the engine ${room} imports only ${mayImport.join(', ') || 'nothing'}.`,
  from: { path: insideEngine(room) },
  to: {
    path: engine,
    pathNot: [room, ...mayImport].map((target) => (target === 'ports' ? `${engine}ports\\.ts$` : insideEngine(target))),
  },
});

/** A room within a room: it may import the files beside it that name no room, the rooms named here, and itself. */
const roomWithin = (house, room, mayImport) => ({
  name: `${house}-${room}`,
  severity: 'error',
  comment: `In ${house} ${room} imports the files at its root and ${mayImport.join(', ') || 'no other room'}.`,
  from: { path: `${insideEngine(house)}${room}/` },
  to: {
    path: `${insideEngine(house)}[^/]+/`,
    pathNot: [room, ...mayImport].map((target) => `${insideEngine(house)}${target}/`),
  },
});

/** Every client of AWS but those that the engine itself calls by is a backup service's: so a new type's is one, too. */
const clients = '@aws-sdk/client-';
const enginesClients = '@aws-sdk/client-(kms|lambda|s3|sns|sqs|ssm|sts)(/|$)';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Two files that need each other are one, or lack a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Nothing imports this file and it imports nothing.',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^scripts/[^/]+\\.(mjs|ts)$', '^tests/'] },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'An import that leads nowhere, or to a package that package.json does not name.',
      // Tests import what `npm run build` makes.
      from: {},
      to: { couldNotResolve: true, pathNot: '(^|/)dist/' },
    },
    {
      name: 'no-development-package-in-product',
      severity: 'error',
      comment: 'What is deployed depends on nothing that is installed for development only.',
      from: { path: '^(layers|functions|cli)/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '/node_modules/@types/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-grab-bag',
      severity: 'error',
      comment: 'The name of a file is the one reason to open it.',
      from: {},
      to: { path: '/(utils?|helpers?|common|misc)(/|\\.ts$)', pathNot: 'node_modules/' },
    },

    roomOfTheEngine('domain', []),
    roomWithin('domain', 'config', []),
    roomWithin('domain', 'backup', ['config']),
    roomWithin('domain', 'files', ['backup', 'config']),
    roomWithin('domain', 'plan', ['backup', 'config', 'files']),
    roomWithin('domain', 'limits', []),
    roomWithin('domain', 'telling', []),
    roomWithin('domain', 'restore', ['backup', 'telling']),
    roomWithin('domain', 'doctor', ['config', 'telling']),
    roomWithin('domain', 'status', ['backup', 'config', 'files', 'plan', 'telling']),
    roomWithin('domain', 'report', ['backup', 'config', 'status']),
    roomOfTheEngine('operations', ['domain', 'ports']),
    roomWithin('operations', 'buckets', []),
    roomWithin('operations', 'shared-files', []),
    roomWithin('operations', 'regions', ['shared-files']),
    roomWithin('operations', 'restore', ['regions', 'shared-files']),
    roomWithin('operations', 'status', ['regions', 'shared-files']),
    roomWithin('operations', 'report', ['regions', 'status']),
    roomWithin('operations', 'create', ['buckets']),
    roomWithin('operations', 'doctor', ['buckets']),
    roomWithin('operations', 'follow', ['shared-files']),
    roomWithin('operations', 'archive', ['follow', 'regions', 'shared-files']),
    roomWithin('operations', 'clean', ['archive', 'buckets', 'follow', 'regions', 'shared-files']),
    roomWithin('operations', 'pull', ['buckets', 'follow', 'shared-files']),
    roomOfTheEngine('delayed', ['operations', 'domain', 'ports']),
    roomOfTheEngine('aws', ['domain', 'ports']),
    roomOfTheEngine('run', ['aws', 'delayed', 'operations', 'domain', 'ports']),
    roomOfTheEngine('doctor', ['aws', 'operations', 'domain', 'ports']),
    roomOfTheEngine('lambda', ['run', 'aws', 'delayed', 'operations', 'domain', 'ports']),
    {
      name: 'engine-ports',
      severity: 'error',
      comment: 'The ports speak of the domain only.',
      from: { path: `${engine}ports\\.ts$` },
      to: { path: engine, pathNot: insideEngine('domain') },
    },
    {
      name: 'engine-index-is-for-others',
      severity: 'error',
      comment: 'The public surface is for functions and cli; within the engine a file is imported by its own name.',
      from: { path: engine, pathNot: `${engine}terminal\\.ts$` },
      to: { path: `${engine}(index|terminal|(lambda|doctor)/index)\\.ts$` },
    },
    {
      name: 'engine-stands-alone',
      severity: 'error',
      comment: 'The engine knows neither the functions nor the CLI, nor how they are built and tested.',
      from: { path: '^layers/' },
      to: { path: '^(functions|cli|tests|scripts)/' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'The domain has no I/O and no SDK: zod, yaml, date-fns, word distance and hashing are all it gets.',
      from: { path: insideEngine('domain') },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'core'],
        pathNot: '^(node:)?crypto$|node_modules/(zod|yaml|date-fns|@date-fns/utc|fastest-levenshtein)/',
      },
    },
    {
      name: 'engine-has-no-service-client',
      severity: 'error',
      comment: "A service's client belongs to its adapter.",
      from: { path: '^layers/' },
      to: { path: clients, pathNot: enginesClients },
    },
    {
      name: 'service-client-only-in-functions',
      severity: 'error',
      comment: "A service's client belongs to its adapter.",
      from: { path: '^(cli/|functions/[^/]+/handler\\.ts$)' },
      to: { path: clients, pathNot: enginesClients },
    },
    {
      name: 'engine-by-its-public-surface',
      severity: 'error',
      comment:
        'Functions import @shelvery/engine, handlers @shelvery/engine/lambda, and the CLI @shelvery/engine/terminal and /doctor.',
      from: { path: '^(functions|cli)/' },
      to: { path: engine, pathNot: `${engine}(index|terminal|(lambda|doctor)/index)\\.ts$` },
    },
    {
      name: 'lambda-only-in-handlers',
      severity: 'error',
      comment: 'What runs only in Lambda stays out of the adapters and the CLI, which share them.',
      from: { path: '^(cli/|functions/)', pathNot: '^functions/[^/]+/handler\\.ts$' },
      to: { path: `${engine}lambda/` },
    },
    {
      name: 'doctor-only-at-a-terminal',
      severity: 'error',
      comment: 'What only a terminal asks for is in no function.',
      from: {
        path: '^(functions|layers)/',
        pathNot: `${insideEngine('(operations/)?doctor')}|^functions/[^/]+/[a-z0-9-]*dry-runs\\.ts$`,
      },
      to: { path: `${insideEngine('(operations/)?doctor')}|^functions/[^/]+/[a-z0-9-]*dry-runs\\.ts$` },
    },
    {
      name: 'function-imports-no-other-function',
      severity: 'error',
      comment: 'What functions have in common is in functions/shared.',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^functions/', pathNot: '^functions/($1|shared)/' },
    },
    {
      name: 'functions-stand-alone',
      severity: 'error',
      comment: 'A function knows neither the CLI nor how it is built and tested.',
      from: { path: '^functions/' },
      to: { path: '^(cli|tests|scripts)/' },
    },
    {
      name: 'cli-imports-adapters-only',
      severity: 'error',
      comment: "Of a function the CLI uses the adapter and its dry runs, never the handler or the adapter's insides.",
      from: { path: '^cli/' },
      to: { path: '^functions/', pathNot: '^functions/[^/]+/(adapter|[a-z0-9-]*dry-runs)\\.ts$' },
    },
    {
      name: 'cli-stands-alone',
      severity: 'error',
      comment: 'The CLI does not know how it is built and tested.',
      from: { path: '^cli/' },
      to: { path: '^(tests|scripts)/' },
    },
    {
      name: 'handler-is-an-end',
      severity: 'error',
      comment: 'A handler wires; only a test imports it.',
      from: { pathNot: '^tests/' },
      to: { path: '^functions/[^/]+/handler\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^tests/.*/__pycache__/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
