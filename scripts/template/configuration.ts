import { hasCondition } from './conditions.js';
import type { ConfigKey } from '../../layers/engine/src/domain/config/config-schema.js';
import { ref, sub } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import { PARAMETERS, mayBeEmpty } from './parameters.js';
import type { StackParameter } from './parameters.js';
import type { Section } from './write-yaml.js';

interface Configured {
  readonly parameter: StackParameter;
  readonly key: ConfigKey;
  readonly value: Mapping;
}

/** The configuration of a stack: what its functions read, and what is checked when it changes. */
export const CONFIGURED: readonly Configured[] = PARAMETERS.flatMap((parameter) => {
  const { key, name, configured } = parameter;
  return key === undefined ? [] : [{ parameter, key, value: configured ?? ref(name) }];
});

/** The configuration that the functions read. SSM takes no empty value: a parameter that is empty makes none. */
export const CONFIGURATION: Section = {
  comment: 'Configuration: one SSM parameter for each key, under one path.',
  members: Object.fromEntries(
    CONFIGURED.map(({ parameter, key, value }) => {
      const { name, configured } = parameter;
      const isOptional = mayBeEmpty(parameter) && configured === undefined;
      return [
        `${name.replace(/^Shelvery/, '')}Parameter`,
        {
          Type: 'AWS::SSM::Parameter',
          ...(isOptional ? { Condition: hasCondition(name) } : {}),
          Properties: { Type: 'String', Name: sub(`/shelvery/\${AWS::StackName}/${key}`), Value: value },
        },
      ];
    }),
  ),
};
