// node scripts/package.mjs [folder]: makes an npm package of the built command line alone, without dependencies: the folder
// `package` and the tarball of it, both in the given folder or in dist/.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { argv, chdir, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';

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
for (const file of ['shelvery.mjs', 'run-process.js', 'THIRD-PARTY-LICENSES.txt'])
  copyFileSync(`dist/cli/${file}`, `${folder}/${file}`);
for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) copyFileSync(file, `${folder}/${file}`);
// What the README leads to.
cpSync('docs', `${folder}/docs`, { recursive: true });
const manifest = { name, version, description, license, type: 'module', bin: { shelvery: 'shelvery.mjs' }, engines };
writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);

const { status } = spawnSync('npm', ['pack', '--silent', '--pack-destination', to, folder], { stdio: 'inherit' });
exit(status ?? 1);
