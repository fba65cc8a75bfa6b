import * as z from 'zod';

import type { Ministack, Place, Question } from './ministack.js';

/**
 * Everything of the kinds that the template makes: the call that lists them, the answer's list, and what is told of
 * each.
 */
const KINDS: readonly (Question & { readonly list: string; readonly name?: string })[] = [
  { service: 'cloudformation', operation: 'describe_stacks', list: 'Stacks', name: 'StackName' },
  { service: 'cloudwatch', operation: 'describe_alarms', list: 'MetricAlarms', name: 'AlarmName' },
  { service: 'cloudwatch', operation: 'list_dashboards', list: 'DashboardEntries', name: 'DashboardName' },
  { service: 'events', operation: 'list_rules', list: 'Rules', name: 'Name' },
  { service: 'iam', operation: 'list_policies', parameters: { Scope: 'Local' }, list: 'Policies', name: 'PolicyName' },
  { service: 'iam', operation: 'list_roles', list: 'Roles', name: 'RoleName' },
  { service: 'lambda', operation: 'list_event_source_mappings', list: 'EventSourceMappings', name: 'EventSourceArn' },
  { service: 'lambda', operation: 'list_functions', list: 'Functions', name: 'FunctionName' },
  { service: 'lambda', operation: 'list_layers', list: 'Layers', name: 'LayerName' },
  { service: 'logs', operation: 'describe_log_groups', list: 'logGroups', name: 'logGroupName' },
  { service: 'sns', operation: 'list_topics', list: 'Topics', name: 'TopicArn' },
  { service: 'sqs', operation: 'list_queues', list: 'QueueUrls' },
  { service: 'ssm', operation: 'describe_parameters', list: 'Parameters', name: 'Name' },
];

const Answer = z.record(z.string(), z.unknown());
const Items = z.array(z.unknown()).default([]);
const Name = z.string();

/** What there is in an account and region: `events:list_rules shelvery-ebs-create`, sorted. */
export async function inventory(ministack: Ministack, place: Place): Promise<readonly string[]> {
  const answers = await ministack.ask(
    place,
    KINDS.map(({ service, operation, parameters = {} }) => ({ service, operation, parameters })),
  );
  return KINDS.flatMap(({ service, operation, list, name }, index) =>
    Items.parse(Answer.parse(answers[index])[list]).map((item) => {
      const told = Name.parse(name === undefined ? item : Answer.parse(item)[name]);
      return `${service}:${operation} ${told}`;
    }),
  ).sort();
}
