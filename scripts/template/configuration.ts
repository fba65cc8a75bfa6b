import { hasCondition } from './conditions.js';
import { ref, sub } from './intrinsics.js';
import { PARAMETERS, mayBeEmpty } from './parameters.js';
import type { Section } from './write-yaml.js';

/** The configuration that the functions read. SSM takes no empty value: a parameter that is empty makes none. */
export const CONFIGURATION: Section = {
  comment: 'Configuration: one SSM parameter for each key, under one path.',
  members: Object.fromEntries(
    PARAMETERS.flatMap((parameter) => {
      const { name, key, configured } = parameter;
      if (key === undefined) return [];
      const isOptional = mayBeEmpty(parameter) && configured === undefined;
      return [
        [
          `${name.replace(/^Shelvery/, '')}Parameter`,
          {
            Type: 'AWS::SSM::Parameter',
            ...(isOptional ? { Condition: hasCondition(name) } : {}),
            Properties: {
              Type: 'String',
              Name: sub(`/shelvery/\${AWS::StackName}/${key}`),
              Value: configured ?? ref(name),
            },
          },
        ],
      ];
    }),
  ),
};
