import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, relative } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, jest } from '@jest/globals';
import ts from 'typescript';
import { NAMED_BY_THE_COMPILER } from '../../new-type/places.js';
import { NEW_TYPE, PAGE, PROJECT, readSteps, takeSteps } from '../../new-type/worked-example.js';

// A good part of the project is type-checked, on a machine that may be busy.
jest.setTimeout(300_000);

const root = fileURLToPath(new URL('../../../', import.meta.url));
const LIST = 'layers/engine/src/domain/values.ts';
const steps = readSteps(PROJECT.read(PAGE));

/** Tables and switches that are exhaustive have every type as a key or a case: only such files can miss a new one. */
const namesTypes = (path: string): boolean => /\bredshift'?:/.test(ts.sys.readFile(path) ?? '');

/**
 * Type-checks all that has the types as keys or cases, and the steps' own files, with these in place of the project's; what is parsed once
 * stays.
 */
function typeChecker(): (files: ReadonlyMap<string, string>) => readonly ts.Diagnostic[] {
  const { options, fileNames } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
    { incremental: false },
  );
  const ofProject = fileNames.filter(namesTypes);
  const parsed = new Map<string, ts.SourceFile>();
  return (files) => {
    const paths = new Map([...files].map(([path, text]) => [root + path, text]));
    const folders = new Set([...paths.keys()].map(dirname));
    const plain = ts.createCompilerHost(options);
    const host: ts.CompilerHost = {
      ...plain,
      readFile: (path) => paths.get(path) ?? plain.readFile(path),
      fileExists: (path) => paths.has(path) || plain.fileExists(path),
      directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
      getSourceFile(path, language) {
        const text = paths.get(path);
        if (text !== undefined) return ts.createSourceFile(path, text, language);
        const source = parsed.get(path) ?? plain.getSourceFile(path, language);
        if (source !== undefined) parsed.set(path, source);
        return source;
      },
    };
    const rootNames = [...new Set([...ofProject, ...paths.keys()])];
    const program = ts.createProgram({ rootNames, options, host });
    return rootNames.flatMap((path) => {
      const source = program.getSourceFile(path);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
  };
}

const said = ({ file, messageText }: ts.Diagnostic): string =>
  `${relative(root, file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;

describe(`the worked example of ${PAGE}`, () => {
  const check = typeChecker();

  it('begins with the list of types, after which the compiler names the places that the page lists', () => {
    const wrong = check(takeSteps(steps.filter(({ path }) => path === LIST)));
    const places = [...new Set(wrong.map(({ file }) => relative(root, file?.fileName ?? '')))];
    expect(places.sort()).toEqual(Object.keys(NAMED_BY_THE_COMPILER).sort());
  });

  it('satisfies the compiler at its end', () => {
    expect(check(takeSteps(steps)).map(said)).toEqual([]);
  });

  it('has an adapter that keeps the contract', () => {
    const copy = mkdtempSync(`${tmpdir()}/shelvery-new-type-`);
    try {
      copyProject(copy);
      for (const [path, text] of takeSteps(steps)) {
        mkdirSync(dirname(`${copy}/${path}`), { recursive: true });
        writeFileSync(`${copy}/${path}`, text);
      }
      const suite = `tests/integration/adapters/${NEW_TYPE}.test.ts`;
      const { status, stderr } = spawnSync(execPath, ['scripts/jest.mjs', 'integration', suite], {
        cwd: copy,
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^Tests: +\d\d passed/m) });
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});

/** What the tests of an adapter need; packages and Python environments are the project's own. */
function copyProject(to: string): void {
  for (const path of ['layers', 'functions', 'scripts', 'tests', 'package.json', 'jest.config.mjs'])
    cpSync(root + path, `${to}/${path}`, { recursive: true, filter: (from) => !from.includes('node_modules') });
  symlinkSync(`${root}.venv`, `${to}/.venv`);
  // The engine is a link within node_modules, which has to lead to the copy's own.
  mkdirSync(`${to}/node_modules/@shelvery`, { recursive: true });
  symlinkSync(`${to}/layers/engine`, `${to}/node_modules/@shelvery/engine`);
  for (const name of readdirSync(`${root}node_modules`))
    if (name !== '@shelvery') symlinkSync(`${root}node_modules/${name}`, `${to}/node_modules/${name}`);
}
