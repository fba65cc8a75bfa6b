import { BACKUP_TYPES, COMMANDS } from '@shelvery/engine/terminal';
import { OPTIONS, flagOf } from './options.js';

/** The shells that a script is made for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const FIRST = [...BACKUP_TYPES, 'all', 'help', 'completion'];
const FLAGS = [...OPTIONS.map(({ flags }) => flagOf(flags)), '--help', '--version'];
/** Options whose value is one of a list. */
const WITH_WORDS = OPTIONS.flatMap(({ flags, words }) => (words === undefined ? [] : [{ flag: flagOf(flags), words }]));
/** Options whose value is anything. */
const WITH_VALUE = OPTIONS.filter(({ flags, words }) => flags.includes('<') && words === undefined).map(({ flags }) =>
  flagOf(flags),
);

/** A script that completes types, actions, options and their values. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

function bash(): string {
  return [
    '# Completes the words of shelvery in bash. To use it: source <(shelvery completion bash)',
    '_shelvery() {',
    '  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}',
    '  COMPREPLY=()',
    '  case $before in',
    ...WITH_WORDS.map(
      ({ flag, words }) => `    ${flag}) COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$current")); return ;;`,
    ),
    `    ${WITH_VALUE.join('|')}) return ;;`,
    '  esac',
    '  if [[ $current == -* ]]; then',
    `    COMPREPLY=($(compgen -W '${FLAGS.join(' ')}' -- "$current"))`,
    '  elif (( COMP_CWORD == 1 )); then',
    `    COMPREPLY=($(compgen -W '${FIRST.join(' ')}' -- "$current"))`,
    '  elif (( COMP_CWORD == 2 )) && [[ ${COMP_WORDS[1]} == completion ]]; then',
    `    COMPREPLY=($(compgen -W '${SHELLS.join(' ')}' -- "$current"))`,
    '  elif (( COMP_CWORD == 2 )); then',
    `    COMPREPLY=($(compgen -W '${COMMANDS.join(' ')}' -- "$current"))`,
    '  fi',
    '  # A key is followed by its value.',
    '  [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace',
    '  return 0',
    '}',
    'complete -F _shelvery shelvery',
  ].join('\n');
}

function zsh(): string {
  return [
    '#compdef shelvery',
    '# Completes the words of shelvery in zsh. To use it: source <(shelvery completion zsh)',
    '_shelvery() {',
    '  case ${words[CURRENT-1]} in',
    ...WITH_WORDS.map(({ flag, words }) => `    ${flag}) compadd -S '' -- ${words.join(' ')}; return ;;`),
    `    ${WITH_VALUE.join('|')}) return ;;`,
    '  esac',
    '  if [[ ${words[CURRENT]} == -* ]]; then',
    `    compadd -- ${FLAGS.join(' ')}`,
    '  elif (( CURRENT == 2 )); then',
    `    compadd -- ${FIRST.join(' ')}`,
    '  elif (( CURRENT == 3 )) && [[ ${words[2]} == completion ]]; then',
    `    compadd -- ${SHELLS.join(' ')}`,
    '  elif (( CURRENT == 3 )); then',
    `    compadd -- ${COMMANDS.join(' ')}`,
    '  fi',
    '}',
    'compdef _shelvery shelvery',
  ].join('\n');
}

function fish(): string {
  const position = (count: number): string => `test (count (commandline -opc)) -eq ${String(count)}`;
  const isCompletion = 'test (commandline -opc)[2] = completion';
  return [
    '# Completes the words of shelvery in fish. To use it: shelvery completion fish | source',
    'complete -c shelvery -f',
    `complete -c shelvery -n '${position(1)}' -a '${FIRST.join(' ')}'`,
    `complete -c shelvery -n '${position(2)}; and ${isCompletion}' -a '${SHELLS.join(' ')}'`,
    `complete -c shelvery -n '${position(2)}; and not ${isCompletion}' -a '${COMMANDS.join(' ')}'`,
    ...OPTIONS.map(({ flags, words }) => {
      const value = words === undefined ? (flags.includes('<') ? ' -x' : '') : ` -x -a '${words.join(' ')}'`;
      return `complete -c shelvery -l ${flagOf(flags).slice(2)}${value}`;
    }),
    'complete -c shelvery -l help -s h',
    'complete -c shelvery -l version -s V',
  ].join('\n');
}
