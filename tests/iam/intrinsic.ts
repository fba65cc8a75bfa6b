import * as z from 'zod';
import type { Template } from './template.js';

/** A stack as CloudFormation makes it of the template. */
export interface Stack {
  readonly name: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** Those that are not the default. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Where queues are: with the name of one at its end this is its URL. */
  readonly queues: string;
}

const NO_VALUE = Symbol('AWS::NoValue');

const Call = z.record(z.string(), z.unknown());
const If = z.tuple([z.string(), z.unknown(), z.unknown()]);
const Joined = z.tuple([z.string(), z.array(z.string())]);
const Cut = z.tuple([z.string(), z.string()]);
const Chosen = z.tuple([z.number(), z.array(z.unknown())]);
const Attribute = z.tuple([z.string(), z.string()]);
const Substituted = z.union([
  z.string().transform((text): [string, Record<string, unknown>] => [text, {}]),
  z.tuple([z.string(), z.record(z.string(), z.unknown())]),
]);

/** Reads what stands in a template as CloudFormation does when it makes a stack. */
export interface Resolver {
  /** Whether a condition of the template holds. */
  holds(condition: string): boolean;
  /** The resources that the stack has, by their logical ids. */
  resources(type: string): readonly string[];
  /** A resource's properties. */
  properties(logicalId: string): Readonly<Record<string, unknown>>;
  /** Any value of the template. */
  resolve(value: unknown): unknown;
}

/**
 * Makes a resolver for one stack. It throws for what the stack does not have, and for functions that it does not know.
 */
export function resolverOf(template: Template, stack: Stack): Resolver {
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': stack.account,
    'AWS::NoValue': NO_VALUE,
    'AWS::Partition': stack.partition,
    'AWS::Region': stack.region,
    'AWS::StackName': stack.name,
  };
  const arn = (service: string, rest: string): string =>
    `arn:${stack.partition}:${service}:${stack.region}:${stack.account}:${rest}`;
  const textOf = (logicalId: string, property: string): string => z.string().parse(properties(logicalId)[property]);

  function ref(name: string): unknown {
    if (name in pseudo) return pseudo[name];
    const parameter = template.Parameters[name];
    if (parameter !== undefined) return stack.parameters[name] ?? parameter.Default;
    const queue = `${stack.name}-${name}`;
    switch (resource(name).Type) {
      case 'AWS::SNS::Topic':
        return arn('sns', textOf(name, 'TopicName'));
      case 'AWS::SQS::Queue':
        return `${stack.queues}/${queue}`;
      case 'AWS::Serverless::Function':
        return textOf(name, 'FunctionName');
      default:
        // A managed policy stands for itself: `statementsOf` looks it up.
        return name;
    }
  }

  function attribute(name: string, of: string): string {
    const key = `${resource(name).Type} ${of}`;
    switch (key) {
      case 'AWS::Logs::LogGroup Arn':
        return arn('logs', `log-group:${textOf(name, 'LogGroupName')}:*`);
      case 'AWS::SQS::Queue Arn':
        return arn('sqs', `${stack.name}-${name}`);
      case 'AWS::SQS::Queue QueueName':
        return `${stack.name}-${name}`;
      case 'AWS::Serverless::Function Arn':
        return arn('lambda', `function:${textOf(name, 'FunctionName')}`);
      case 'AWS::IAM::Role Arn':
        return `arn:${stack.partition}:iam::${stack.account}:role/${stack.name}-${name}`;
      default:
        throw new Error(`the attribute ${key} of ${name} is not known here`);
    }
  }

  function resource(logicalId: string): Template['Resources'][string] {
    const found = template.Resources[logicalId];
    if (found === undefined || (found.Condition !== undefined && !holds(found.Condition)))
      throw new Error(`the stack has no ${logicalId}`);
    return found;
  }

  function holds(condition: string): boolean {
    if (!(condition in template.Conditions)) throw new Error(`the template has no condition ${condition}`);
    return z.boolean().parse(resolve(template.Conditions[condition]));
  }

  function call(name: string, argument: unknown): unknown {
    if (name === 'Fn::If') {
      const [condition, yes, no] = If.parse(argument);
      return resolve(holds(condition) ? yes : no);
    }
    if (name === 'Fn::Sub') {
      const [text, own] = Substituted.parse(argument);
      return text.replace(/\$\{([^}]+)\}/g, (_, key: string) => {
        const [logicalId = '', of] = key.split('.');
        return z
          .string()
          .parse(key in own ? resolve(own[key]) : of === undefined ? ref(key) : attribute(logicalId, of));
      });
    }
    const given = resolve(argument);
    switch (name) {
      case 'Ref':
        return ref(z.string().parse(given));
      case 'Condition':
        return holds(z.string().parse(given));
      case 'Fn::GetAtt':
        return attribute(...Attribute.parse(given));
      case 'Fn::Equals': {
        const [left, right] = z.tuple([z.string(), z.string()]).parse(given);
        return left === right;
      }
      case 'Fn::Not':
        return !z.tuple([z.boolean()]).parse(given)[0];
      case 'Fn::And':
        return !z.array(z.boolean()).parse(given).includes(false);
      case 'Fn::Or':
        return z.array(z.boolean()).parse(given).includes(true);
      case 'Fn::Join': {
        const [between, parts] = Joined.parse(given);
        return parts.join(between);
      }
      case 'Fn::Select': {
        const [index, list] = Chosen.parse(given);
        // CloudFormation refuses such a template as well.
        if (!(index in list)) throw new Error(`there is no value at ${index} of ${JSON.stringify(list)}`);
        return list[index];
      }
      case 'Fn::Split': {
        const [at, text] = Cut.parse(given);
        return text.split(at);
      }
      default:
        throw new Error(`${name} is not known here`);
    }
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((each) => each !== NO_VALUE);
    const map = Call.safeParse(value);
    if (!map.success) return value;
    const entries = Object.entries(map.data);
    const [only] = entries;
    // `Condition` is also a member of a policy's statement, and then no text.
    if (entries.length === 1 && only !== undefined && isFunction(...only)) return call(...only);
    return Object.fromEntries(
      entries.map(([key, each]) => [key, resolve(each)]).filter(([, each]) => each !== NO_VALUE),
    );
  }

  function properties(logicalId: string): Readonly<Record<string, unknown>> {
    return Call.parse(resolve(resource(logicalId).Properties));
  }

  return {
    holds,
    properties,
    resolve,
    resources: (type) =>
      Object.entries(template.Resources).flatMap(([name, { Type, Condition }]) =>
        Type === type && (Condition === undefined || holds(Condition)) ? [name] : [],
      ),
  };
}

function isFunction(name: string, argument: unknown): boolean {
  return name === 'Ref' || name.startsWith('Fn::') || (name === 'Condition' && typeof argument === 'string');
}
