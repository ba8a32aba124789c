// How objects are stored, as the official client for Node (ali-oss) sees it; prints JSON, one line per key:
//   node describe.mjs ENDPOINT BUCKET KEY...
import { connect } from './client.mjs';

const [endpoint, bucket, ...keys] = process.argv.slice(2);
if (keys.length === 0) {
  console.error('usage: node describe.mjs ENDPOINT BUCKET KEY...');
  process.exit(64);
}
const oss = connect(endpoint, bucket);
for (const key of keys) {
  const { res, meta } = await oss.head(key);
  const { tag } = await oss.getObjectTagging(key);
  const { acl } = await oss.getACL(key);
  const { objects } = await oss.listV2({ prefix: key, 'max-keys': 1 });
  console.log(JSON.stringify({
    contentType: res.headers['content-type'],
    cacheControl: res.headers['cache-control'] ?? null,
    contentDisposition: res.headers['content-disposition'] ?? null,
    storageClass: objects[0].storageClass,
    acl,
    tags: tag,
    metadata: meta,
  }));
}
