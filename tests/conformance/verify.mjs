// Compares a bucket with a folder by the official client for Node (ali-oss), byte for byte:
//   node verify.mjs ENDPOINT BUCKET PREFIX DIR [--implicit-folders]
// Every file must be an object of the same bytes, every link an object that holds its target and says S_IFLNK in its mode, every
// folder an empty object whose name ends in "/" (unless --implicit-folders), and nothing else may be there. Prints a report as
// JSON; ends with 1 when something differs or a multipart upload is open below the prefix.
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { below, connect, openUploads } from './client.mjs';

const [endpoint, bucket, prefix, folder, ...flags] = process.argv.slice(2);
if (!folder || flags.some((flag) => flag !== '--implicit-folders')) {
  console.error('usage: node verify.mjs ENDPOINT BUCKET PREFIX DIR [--implicit-folders]');
  process.exit(64);
}

const atOnce = 8;
const fileType = 0xf000;
const linkType = 0xa000;
const oss = connect(endpoint, bucket);
const report = { files: 0, links: 0, folders: 0, bytes: 0, problems: [], uploads: [] };

function walk(directory, key, found) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      found.set(`${key}${entry.name}/`, { kind: 'folder', path });
      walk(path, `${key}${entry.name}/`, found);
    } else {
      found.set(key + entry.name, { kind: entry.isSymbolicLink() ? 'link' : 'file', path });
    }
  }
  return found;
}

async function listObjects() {
  const objects = new Map();
  let token;
  do {
    const page = await oss.listV2({ ...below(prefix), 'max-keys': 1000, 'continuation-token': token });
    for (const object of page.objects ?? []) objects.set(object.name, object);
    token = page.nextContinuationToken;
  } while (token);
  return objects;
}

async function sha256(stream) {
  const hash = createHash('sha256');
  let length = 0;
  await pipeline(stream, async (chunks) => {
    for await (const chunk of chunks) {
      hash.update(chunk);
      length += chunk.length;
    }
  });
  return { digest: hash.digest('hex'), length };
}

async function compareFile(key, path) {
  const { stream } = await oss.getStream(key);
  const [remote, local] = await Promise.all([sha256(stream), sha256(createReadStream(path, { highWaterMark: 1 << 20 }))]);
  report.bytes += remote.length;
  if (remote.digest !== local.digest) report.problems.push(`${key}: ${remote.length} bytes in the bucket, ${local.length} here, and they differ`);
}

async function compareLink(key, path) {
  const { content, res } = await oss.get(key);
  const mode = Number(res.headers['x-oss-meta-mode']);
  if (content.toString() !== readlinkSync(path)) report.problems.push(`${key}: points to ${content}, here to ${readlinkSync(path)}`);
  if ((mode & fileType) !== linkType) report.problems.push(`${key}: its mode ${mode} is not that of a link`);
}

async function compare(key, { kind, path }, object) {
  if (!object) {
    if (kind !== 'folder' || !flags.includes('--implicit-folders')) report.problems.push(`${key}: missing in the bucket`);
    return;
  }
  if (kind === 'file') {
    report.files++;
    await compareFile(key, path);
  } else if (kind === 'link') {
    report.links++;
    await compareLink(key, path);
  } else {
    report.folders++;
    if (object.size !== 0) report.problems.push(`${key}: a folder of ${object.size} bytes`);
  }
}

if (!lstatSync(folder).isDirectory()) throw new Error(`${folder} is no folder`);
const here = walk(folder, prefix, new Map());
const there = await listObjects();
for (const key of there.keys()) {
  if (!here.has(key) && key !== prefix) report.problems.push(`${key}: not in ${folder}`);
}

const left = [...here];
await Promise.all(Array.from({ length: atOnce }, async () => {
  for (let next = left.pop(); next; next = left.pop()) {
    const [key, entry] = next;
    try {
      await compare(key, entry, there.get(key));
    } catch (error) {
      report.problems.push(`${key}: ${error.code ?? ''} ${error.message}`);
    }
  }
}));
report.uploads = await openUploads(oss, prefix);
console.log(JSON.stringify(report));
process.exit(report.problems.length === 0 && report.uploads.length === 0 ? 0 : 1);
