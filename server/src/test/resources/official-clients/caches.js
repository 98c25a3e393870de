// Saves and restores a cache, as official actions do; prints what it saw.
const fs = require('node:fs');
const path = require('node:path');
const cache = require('@actions/cache');

async function main() {
  process.chdir(process.env.GITHUB_WORKSPACE);
  const folder = path.join(process.env.GITHUB_WORKSPACE, 'kept');
  const file = path.join(folder, 'kept.txt');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, 'kept for later');
  const prefix = process.env.KEY_PREFIX;
  const none = await cache.restoreCache(['kept'], prefix + 'none', []);
  const saved = await cache.saveCache(['kept'], prefix + 'one');
  let again = '';
  try {
    again = await cache.saveCache(['kept'], prefix + 'one');
  } catch (error) {
    again = error.message;
  }
  fs.rmSync(folder, { recursive: true });
  const exact = await cache.restoreCache(['kept'], prefix + 'one', []);
  const text = fs.readFileSync(file, 'utf8');
  fs.rmSync(folder, { recursive: true });
  const begun = await cache.restoreCache(['kept'], prefix + 'two', [prefix]);
  console.log('RESULT ' + JSON.stringify({
    none: none === undefined, saved, again, exact, begun, text,
    after: fs.readFileSync(file, 'utf8'),
  }));
}

main().catch((error) => { console.error(error); process.exit(1); });
