import { Lexer, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Pair, ParsedNode } from 'yaml';
import { present } from '../present.js';

/**
 * Reads a YAML text that may come from somebody else's hands as plain data. Nothing in it is evaluated; what is not
 * plain data under a closed list of tags is refused.
 */

/** The largest metadata file of the own account that is read, in bytes of UTF-8; real ones have some thousand. */
export const MAX_METADATA_BYTES = 256 * 1024;
/** No metadata file is shorter, ours or the original's: the names of its fields alone have about as many. */
export const MIN_METADATA_BYTES = 128;
/** The largest file of another account that is read; the largest that Shelvery can write has some 52 KB. */
export const MAX_SHARED_BYTES = 64 * 1024;
/**
 * The most tokens that are parsed: for some texts the parser keeps an error for each. The largest files that Shelvery
 * writes have some 700.
 */
const MAX_TOKENS = 10_000;
/** Of each character come at most four tokens: so short a text, as most are, need not be counted. */
const SHORT_TEXT = MAX_TOKENS / 4;
const MAX_DEPTH = 20;
/** Counted with every alias written out. */
const MAX_NODES = 10_000;

/**
 * The only tags that are read, and both as mappings: the objects that the original dumps. PyYAML writes everything else
 * in them (texts, numbers, times, lists) without a tag.
 */
const CLASSES = {
  'tag:yaml.org,2002:python/object:shelvery.backup_resource.BackupResource': 'BackupResource',
  'tag:yaml.org,2002:python/object:shelvery.entity_resource.EntityResource': 'EntityResource',
} as const;
const CLASS_OF_TAG: ReadonlyMap<string, PythonClass> = new Map(Object.entries(CLASSES));
type PythonClass = (typeof CLASSES)[keyof typeof CLASSES];

/** Plain data. Numbers and times stay the text that they were written as: an account number may begin with a 0. */
export type Plain = string | boolean | null | readonly Plain[] | PlainFields;
export interface PlainFields {
  readonly [key: string]: Plain;
}

/**
 * What a file is by its size alone, which lists tell, where it can be no metadata of the own account; nothing where it can.
 *
 * @example unusableSize(0) // 'empty'
 */
export function unusableSize(size: number): string | undefined {
  if (size === 0) return 'empty';
  if (size >= MIN_METADATA_BYTES && size <= MAX_METADATA_BYTES) return undefined;
  return size === 1 ? '1 byte long' : `${String(size)} bytes long`;
}

/** A file's one document, or why it is not read. */
type ReadDocument = { readonly fields: PlainFields; readonly pythonClass?: PythonClass } | { readonly problem: string };

/** Reads a text as one YAML mapping of plain data. Never throws for what is in the text. */
export function readDocument(text: string): ReadDocument {
  const size = Buffer.byteLength(text, 'utf8');
  if (size > MAX_METADATA_BYTES) return { problem: `it has ${size} bytes; at most ${MAX_METADATA_BYTES} are allowed` };
  if (text.trim() === '') return { problem: 'it is empty' };
  if (hasTooManyTokens(text)) return { problem: `it has more than ${MAX_TOKENS} tokens of YAML` };
  const document = parseDocument(text, {
    // Every scalar is text here: what it stands for is decided below and by the fields' schema.
    schema: 'failsafe',
    resolveKnownTags: false,
    strict: true,
    // The library compares every key with every other, which takes seconds for a hostile file; see readFields.
    uniqueKeys: false,
    // Messages would quote the file.
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error !== undefined) return { problem: `it is not one YAML document: ${error.message} (${error.code})` };
  const root = document.contents;
  const walk: Walk = { anchors: new Map(), nodes: 0 };
  const read = readNode(root, walk, 0);
  if ('problem' in read) return read;
  if (!isFields(read.value)) return { problem: 'it is not a mapping of fields' };
  const pythonClass = CLASS_OF_TAG.get(root?.tag ?? '');
  return { fields: read.value, ...present({ pythonClass }) };
}

/** Counts before anything is parsed, and no further than needed. */
function hasTooManyTokens(text: string): boolean {
  if (text.length <= SHORT_TEXT) return false;
  const tokens = new Lexer().lex(text);
  for (let count = 0; count <= MAX_TOKENS; count += 1) {
    if (tokens.next().done === true) return false;
  }
  return true;
}

interface Walk {
  /** What was read under an anchor, and of how many nodes it consists. */
  readonly anchors: Map<string, { readonly value: Plain; readonly nodes: number }>;
  nodes: number;
}

type Read<T extends Plain> = { readonly value: T } | { readonly problem: string };

function readNode(node: ParsedNode | null, walk: Walk, depth: number): Read<Plain> {
  const before = walk.nodes;
  if (depth > MAX_DEPTH) return { problem: `it is nested more than ${MAX_DEPTH} deep` };
  walk.nodes += 1;
  const read = readValue(node, walk, depth);
  // Also after an alias, which counts as all that it stands for.
  if (walk.nodes > MAX_NODES)
    return { problem: `it has more than ${MAX_NODES} values, counting what its aliases stand for` };
  const anchor = node !== null && !isAlias(node) ? node.anchor : undefined;
  if (anchor !== undefined && 'value' in read) {
    walk.anchors.set(anchor, { value: read.value, nodes: walk.nodes - before });
  }
  return read;
}

function readValue(node: ParsedNode | null, walk: Walk, depth: number): Read<Plain> {
  if (node === null) return { value: null };
  if (isAlias(node)) {
    const target = walk.anchors.get(node.source);
    if (target === undefined) return { problem: `the alias ${shown(node.source)} has no anchor before it` };
    walk.nodes += target.nodes;
    return { value: target.value };
  }
  if (node.tag !== undefined && !(isMap(node) && CLASS_OF_TAG.has(node.tag))) {
    return { problem: `the tag ${shown(node.tag)} is not allowed` };
  }
  if (isMap(node)) return readFields(node.items, walk, depth);
  if (isSeq(node)) return readList(node.items, walk, depth);
  return { value: node.type === 'PLAIN' ? plainScalar(String(node.value)) : String(node.value) };
}

function readFields(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], walk: Walk, depth: number): Read<Plain> {
  const fields = new Map<string, Plain>();
  for (const { key, value } of pairs) {
    if (!isScalar(key) || typeof key.value !== 'string' || key.tag !== undefined) {
      return { problem: 'a key is not a plain text' };
    }
    const name = key.value;
    if (name === '__proto__' || (name === '<<' && key.type === 'PLAIN'))
      return { problem: `the key ${name} is not allowed` };
    if (fields.has(name)) return { problem: `the key ${shown(name)} appears twice` };
    const read = readNode(value, walk, depth + 1);
    if ('problem' in read) return read;
    fields.set(name, read.value);
  }
  return { value: Object.fromEntries(fields) };
}

function readList(items: readonly ParsedNode[], walk: Walk, depth: number): Read<Plain> {
  const list: Plain[] = [];
  for (const item of items) {
    const read = readNode(item, walk, depth + 1);
    if ('problem' in read) return read;
    list.push(read.value);
  }
  return { value: list };
}

/** The plain words of YAML's core schema that are no text; numbers stay text. */
function plainScalar(text: string): string | boolean | null {
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return /^(?:null|~)?$/i.test(text) ? null : text;
}

/** Whether plain data is a mapping. */
export function isFields(value: Plain | undefined): value is PlainFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A piece of a hostile file, safe to print. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
