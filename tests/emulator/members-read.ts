import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import ts from 'typescript';
import * as z from 'zod';

const root = resolve(import.meta.dirname, '../..');
/** What is deployed and installed. */
const SOURCES = ['functions', 'layers/engine/src', 'cli'].map((folder) => `${root}/${folder}/`);
/** Where the SDK declares what calls take and answer, by service. */
const MODELS = /\/@aws-sdk\/client-([a-z0-9]+)\/.*\/models_\d+\.d\.ts$/;

/** A member of one of AWS's shapes that our code reads. */
export interface MemberRead {
  readonly service: string;
  readonly shape: string;
  readonly member: string;
}

/** Every member of a shape of AWS that our code names, as `answer.X` or `const { X } = answer`; each once. */
export function membersRead(): readonly MemberRead[] {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic(problem) {
      throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, ' '));
    },
  };
  const config = ts.getParsedCommandLineOfConfigFile(`${root}/tsconfig.json`, {}, host);
  const files = (config?.fileNames ?? []).filter((file) => SOURCES.some((folder) => file.startsWith(folder)));
  const program = ts.createProgram(files, config?.options ?? {});
  const checker = program.getTypeChecker();
  const found = new Map<string, MemberRead>();
  const note = (symbol: ts.Symbol | undefined): void => {
    for (const declaration of symbol?.declarations ?? []) {
      const service = MODELS.exec(declaration.getSourceFile().fileName)?.[1];
      if (symbol === undefined || service === undefined || !ts.isInterfaceDeclaration(declaration.parent)) continue;
      // Names that JavaScript has itself begin with an underscore in the SDK.
      const shape = declaration.parent.name.text.replace(/^_/, '');
      found.set(`${service} ${shape}.${symbol.name}`, { service, shape, member: symbol.name });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) note(checker.getSymbolAtLocation(node.name));
    if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent) && node.dotDotDotToken === undefined) {
      const name = (node.propertyName ?? node.name).getText();
      note(checker.getPropertyOfType(checker.getTypeAtLocation(node.parent), name));
    }
    ts.forEachChild(node, visit);
  };
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source !== undefined) visit(source);
  }
  return [...found.values()];
}

const Model = z.object({
  shapes: z.record(z.string(), z.looseObject({ members: z.record(z.string(), z.unknown()).optional() })),
});

/** The shapes of a service with the names of their members, as botocore's model of its API has them. */
export function shapesOf(service: string): ReadonlyMap<string, ReadonlySet<string>> {
  const data = `${root}/.venv/emulator/lib/python*/site-packages/botocore/data/${service}/*/service-2.json*`;
  const file = globSync(data).sort().at(-1);
  if (file === undefined) throw new Error(`botocore has no model of ${service}: ${data}`);
  const bytes = readFileSync(file);
  const { shapes } = Model.parse(JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()));
  return new Map(Object.entries(shapes).map(([name, { members = {} }]) => [name, new Set(Object.keys(members))]));
}
