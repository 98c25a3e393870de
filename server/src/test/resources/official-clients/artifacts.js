// Uploads, lists, downloads and deletes artifacts, as official actions do; prints what it saw.
const fs = require('node:fs');
const path = require('node:path');
const { DefaultArtifactClient } = require('@actions/artifact');

async function main() {
  const folder = process.env.RUNNER_TEMP;
  const source = path.join(folder, 'source');
  fs.mkdirSync(path.join(source, 'deep'), { recursive: true });
  fs.writeFileSync(path.join(source, 'deep', 'report.txt'), 'all is well');
  // Longer than a block, and nothing that packs well.
  const noise = Buffer.alloc(9 << 20);
  for (let i = 0, x = 1; i < noise.length; i += 4) {
    x = (Math.imul(x, 1103515245) + 12345) | 0;
    noise.writeInt32LE(x, i);
  }
  fs.writeFileSync(path.join(source, 'noise.bin'), noise);
  const client = new DefaultArtifactClient();
  const files = [path.join(source, 'deep', 'report.txt'), path.join(source, 'noise.bin')];
  const uploaded = await client.uploadArtifact('report', files, source, { retentionDays: 3 });
  const second = await client.uploadArtifact('second', [files[0]], source);
  const listed = (await client.listArtifacts()).artifacts;
  const found = (await client.getArtifact('report')).artifact;
  const target = path.join(folder, 'target');
  await client.downloadArtifact(found.id, { path: target });
  await client.deleteArtifact('second');
  const left = (await client.listArtifacts()).artifacts;
  let refusal = '';
  try {
    await client.uploadArtifact('../escape', [files[0]], source);
  } catch (error) {
    refusal = error.message;
  }
  console.log('RESULT ' + JSON.stringify({
    id: uploaded.id,
    found: found.id,
    size: uploaded.size,
    digest: uploaded.digest,
    listed: listed.map((artifact) => artifact.name).sort(),
    left: left.map((artifact) => artifact.name),
    text: fs.readFileSync(path.join(target, 'deep', 'report.txt'), 'utf8'),
    same: fs.readFileSync(path.join(target, 'noise.bin')).equals(noise),
    second: second.id,
    refusal,
  }));
}

main().catch((error) => { console.error(error); process.exit(1); });
