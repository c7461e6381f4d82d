#!/usr/bin/env node
/**
 * Writes the TypeScript in README.md and docs/ to a folder, as a project for
 * tsc. Usage: scripts/unpack_recipes.mjs FOLDER
 *
 * Each page gets a folder in it, and each ```ts or ```tsx block is a module, which
 * may import troupe-client, react, vue and vite. A comment before a block names
 * its file, so that other blocks of the page can import it:
 *
 *     <!-- file: auction.ts -->
 */

import {mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const BLOCK = /(?:^<!-- file: (\S+) -->\n)?^```(tsx?)\n(.*?)^```$/gms;

const project = {
  extends: path.join(root, 'net/browser/tsconfig.json'),
  compilerOptions: {
    jsx: 'react-jsx',
    lib: ['es2023', 'dom', 'dom.iterable'],
    module: 'esnext',
    moduleResolution: 'bundler',
    noUnusedLocals: false, // They show a type.
    paths: {'troupe-client': [path.join(root, 'net/browser/client.d.ts')]},
    skipLibCheck: true, // Those of the frameworks.
    target: 'es2022',
  },
  files: [],
};

/** @yields the name of each page */
function* pages() {
  yield 'README.md';
  for (const x of readdirSync(path.join(root, 'docs'), {recursive: true}))
    if (x.endsWith('.md'))
      yield path.join('docs', x);
}

const [folder] = process.argv.slice(2);
rmSync(folder, {recursive: true, force: true});
for (const page of pages()) {
  const text = readFileSync(path.join(root, page), 'utf8');
  for (const {index, 1: name, 2: language, 3: code} of text.matchAll(BLOCK)) {
    const line = text.slice(0, index).split('\n').length;
    const file = path.join(page.replace(/\.md$/, ''), name ?? `line_${line}.${language}`);
    mkdirSync(path.join(folder, path.dirname(file)), {recursive: true});
    writeFileSync(path.join(folder, file), code);
    project.files.push(file);
  }
}
symlinkSync(path.join(root, 'tests/system/node_modules'), path.join(folder, 'node_modules'));
writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(project, null, 2));
