import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Node } from 'yaml';
import { uncommented } from './intrinsics.js';
import type { Mapping, Value } from './intrinsics.js';

/** Members of one part of the template that belong together, with a comment before them. */
export interface Section {
  readonly comment?: string;
  readonly members: Mapping;
}

/** A part of the template (`Parameters`, `Resources` …): its members, or sections of them with a line between. */
export type Part = Value | { readonly sections: readonly Section[] };

/** A list of plain words that is no longer than this stands on one line. */
const ONE_LINE = 80;

/**
 * Writes a template as YAML. CloudFormation and the SAM CLI read YAML 1.1, so that everything which is no text there
 * (a date, `Null`, `on`) is put in quotes, too.
 *
 * @param heading comment at the top of the file.
 * @param parts in their order, each with the comment that stands before it.
 */
export function writeYaml(
  heading: string,
  parts: readonly { readonly name: string; readonly comment?: string; readonly content: Part }[],
): string {
  const map = new YAMLMap<Scalar, Node>();
  for (const [index, { name, comment, content }] of parts.entries()) {
    const node = isSections(content) ? sectionsNode(content.sections) : nodeOf(content);
    const key = keyOf(name, comment);
    // What fits on a line stands close to the one before.
    if (index > 0 && (comment !== undefined || !(node instanceof Scalar))) key.spaceBefore = true;
    map.items.push(new Pair(key, node));
  }
  const document = new Document(undefined, { compat: 'yaml-1.1' });
  document.contents = map;
  document.commentBefore = heading.replace(/^/gm, ' ');
  return document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: false });
}

function isSections(content: Part): content is { readonly sections: readonly Section[] } {
  return typeof content === 'object' && 'sections' in content && Array.isArray(content.sections);
}

function sectionsNode(sections: readonly Section[]): YAMLMap {
  const map = new YAMLMap();
  for (const [index, { comment, members }] of sections.entries()) {
    for (const [position, item] of mapNode(members).items.entries()) {
      if (position === 0) {
        if (comment !== undefined) item.key.commentBefore = ` ${comment}`;
        if (index > 0) item.key.spaceBefore = true;
      }
      map.items.push(item);
    }
  }
  return map;
}

function keyOf(name: string, comment: string | undefined): Scalar {
  const key = new Scalar(name);
  if (comment !== undefined) key.commentBefore = comment.replace(/^/gm, ' ');
  return key;
}

function nodeOf(value: Value): Node {
  const { bare } = uncommented(value);
  if (typeof bare !== 'object') return new Scalar(bare);
  if (isList(bare)) return listNode(bare);
  return functionNode(bare) ?? mapNode(bare);
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function mapNode(mapping: Mapping): YAMLMap<Scalar, Node> {
  const map = new YAMLMap<Scalar, Node>();
  for (const [name, value] of Object.entries(mapping))
    map.items.push(new Pair(keyOf(name, uncommented(value).comment), nodeOf(value)));
  return map;
}

function listNode(list: readonly Value[]): YAMLSeq<Node> {
  const seq = new YAMLSeq<Node>();
  for (const value of list) {
    const item = nodeOf(value);
    const { comment } = uncommented(value);
    if (comment !== undefined) item.commentBefore = ` ${comment}`;
    seq.items.push(item);
  }
  seq.flow = list.every((item) => typeof item !== 'object') && list.join(', ').length <= ONE_LINE;
  return seq;
}

/** `{ Ref: 'X' }` as `!Ref X`; nothing for what is no function. */
function functionNode(mapping: Mapping): Node | undefined {
  const [only, ...others] = Object.entries(mapping);
  if (only === undefined || others.length > 0) return undefined;
  const [name, argument] = only;
  const isFunction =
    name === 'Ref' || name.startsWith('Fn::') || (name === 'Condition' && typeof argument === 'string');
  if (!isFunction) return undefined;
  const short = name.replace('Fn::', '');
  const node = nodeOf(
    short === 'GetAtt' && isList(argument) ? argument.filter((part) => typeof part === 'string').join('.') : argument,
  );
  if (node instanceof YAMLSeq) node.flow = isFlat(argument);
  node.tag = `!${short}`;
  return node;
}

/** Whether a function's arguments are words and other functions of such. */
function isFlat(value: Value): boolean {
  const { bare } = uncommented(value);
  if (typeof bare !== 'object') return true;
  if (isList(bare)) return bare.every(isFlat);
  return functionNode(bare) !== undefined && Object.values(bare).every(isFlat);
}
