import { commented, getAtt, ref, sub } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import { TIME_LIMIT_SECONDS } from './queues.js';
import type { Section } from './write-yaml.js';

const RUNTIME = 'nodejs24.x';
const ARCHITECTURE = 'arm64';

/** What all functions have. */
export const GLOBALS: Mapping = {
  Function: {
    Runtime: RUNTIME,
    Architectures: [ARCHITECTURE],
    Handler: 'index.handler',
    Timeout: TIME_LIMIT_SECONDS,
    MemorySize: 512,
    Tracing: ref('Tracing'),
    Layers: [ref('EngineLayer')],
    Environment: {
      Variables: {
        SHELVERY_SSM_PREFIX: sub('/shelvery/${AWS::StackName}'),
        POWERTOOLS_METRICS_NAMESPACE: sub('Shelvery/${AWS::StackName}'),
        POWERTOOLS_LOG_LEVEL: ref('LogLevel'),
        NODE_OPTIONS: '--enable-source-maps',
      },
    },
    RecursiveLoop: commented(
      "Lambda would end a function's waiting in its own queue after about 16 turns; attempts and deadlines end it instead.",
      'Allow',
    ),
    EventInvokeConfig: {
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Type: 'SQS', Destination: getAtt('FailedInvocationsQueue') } },
    },
    Tags: { CreatedBy: 'Shelvery' },
  },
};

/** The layer with the engine. */
export const LAYER: Section = {
  members: {
    EngineLayer: {
      Type: 'AWS::Serverless::LayerVersion',
      Properties: {
        LayerName: sub('${AWS::StackName}-engine'),
        Description: "Shelvery's engine",
        ContentUri: 'dist/layer',
        CompatibleRuntimes: [RUNTIME],
        CompatibleArchitectures: [ARCHITECTURE],
        LicenseInfo: 'MIT',
        RetentionPolicy: 'Delete',
      },
    },
  },
};
