// node scripts/package.mjs [folder]: makes an npm package of the built command line alone, without dependencies: the folder
// `package` and the tarball of it, both in the given folder or in dist/.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { argv, chdir, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';

/** What somebody at a terminal looks up. The rest is about deploying and about the code, which the package does not have. */
const PAGES = [
  'README.md',
  'CHANGELOG.md',
  ...[
    'configuration',
    'glossary',
    'json',
    'metadata',
    'migrating',
    'operations',
    'quotas-and-cost',
    'reporting',
    'restoring',
    'security',
    'troubleshooting',
  ].map((page) => `docs/${page}.md`),
];
const SCHEMAS = ['docs/command.schema.json'];

/** A page without its pictures, and without links to what is not in the package: these become what they are called. */
function linkedWithin(file, packed) {
  const isPacked = (link) =>
    packed.has(posix.join(posix.dirname(file), link.replace(/#.*$/, '') || posix.basename(file)));
  return readFileSync(file, 'utf8')
    .replace(/^!\[[^\]]*\]\([^)]*\)\n+/gm, '')
    .replace(/\[([^\]]*)\]\((?!https?:)([^)]*)\)/g, (link, text, to) => (isPacked(to) ? link : text));
}

const to = resolve(argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
chdir(fileURLToPath(new URL('..', import.meta.url)));
if (!existsSync('dist/cli/shelvery.mjs')) {
  stderr.write('The command line is not built: run `npm run build`.\n');
  exit(2);
}

const { name, version, description, license, engines } = JSON.parse(readFileSync('package.json', 'utf8'));
const folder = `${to}/package`;
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const file of ['shelvery.mjs', 'run-process.js', 'pages.js', 'THIRD-PARTY-LICENSES.txt'])
  copyFileSync(`dist/cli/${file}`, `${folder}/${file}`);
copyFileSync('LICENSE', `${folder}/LICENSE`);
mkdirSync(`${folder}/docs`);
for (const file of SCHEMAS) copyFileSync(file, `${folder}/${file}`);
const packed = new Set([...PAGES, ...SCHEMAS, 'LICENSE']);
for (const file of PAGES) writeFileSync(`${folder}/${file}`, linkedWithin(file, packed));
const manifest = { name, version, description, license, type: 'module', bin: { shelvery: 'shelvery.mjs' }, engines };
writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);

const { status } = spawnSync('npm', ['pack', '--silent', '--pack-destination', to, folder], { stdio: 'inherit' });
exit(status ?? 1);
