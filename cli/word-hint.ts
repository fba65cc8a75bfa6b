import { nearest } from '@shelvery/engine/terminal';

/** What people call backup types, actions and forms of a restore plan, beside their names. */
const CALLED: Readonly<Record<string, string>> = {
  ami: 'ec2ami',
  aurora: 'rds_cluster',
  documentdb: 'docdb',
  ec2: 'ec2ami',
  instance: 'ec2ami',
  snapshot: 'ebs',
  volume: 'ebs',
  config: 'show_config',
  ls: 'list_backups',
  prune: 'clean_backups',
  cloudformation: 'cfn',
  sh: 'cli',
  tf: 'terraform',
};

/**
 * The word that was probably meant: in another case or with hyphens, the beginning or a part of it, what it is often called,
 * or the most similar one.
 *
 * @returns nothing where none is similar, and several where it may be any of them.
 */
export function hintFor(word: string, allowed: readonly string[]): readonly string[] {
  const plain = word.toLowerCase().replaceAll('-', '_');
  if (allowed.includes(plain)) return [plain];
  const singular = plain.replace(/s$/, '');
  const called = CALLED[plain] ?? CALLED[singular];
  if (called !== undefined && allowed.includes(called)) return [called];
  const beginning = plain.length < 3 ? [] : allowed.filter((each) => each.startsWith(plain));
  if (beginning.length > 0) return beginning;
  const like = nearest(plain, allowed);
  return like === undefined ? [] : [like];
}
