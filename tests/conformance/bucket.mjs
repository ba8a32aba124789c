// One change to a bucket by the official client for Node (ali-oss), as another program would make it:
//   node bucket.mjs ENDPOINT BUCKET put KEY FILE
//   node bucket.mjs ENDPOINT BUCKET delete KEY
//   node bucket.mjs ENDPOINT BUCKET abort-all          ends every open multipart upload; prints how many there were
import { connect, openUploads } from './client.mjs';

const [endpoint, bucket, verb, key, file] = process.argv.slice(2);
const oss = connect(endpoint, bucket);
const verbs = {
  put: () => oss.put(key, file),
  delete: () => oss.delete(key),
  'abort-all': async () => {
    const uploads = await openUploads(oss, '');
    for (const upload of uploads) await oss.abortMultipartUpload(upload.key, upload.id);
    console.log(uploads.length);
  },
};
if (!verbs[verb]) {
  console.error('usage: node bucket.mjs ENDPOINT BUCKET put KEY FILE | delete KEY | abort-all');
  process.exit(64);
}
await verbs[verb]();
