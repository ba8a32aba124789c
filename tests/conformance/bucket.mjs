// One change to a bucket by the official client for Node (ali-oss), as another program would make it, or a look at it:
//   node bucket.mjs ENDPOINT BUCKET put KEY FILE [CLASS]   CLASS is a storage class
//   node bucket.mjs ENDPOINT BUCKET restore KEY        from an archive class
//   node bucket.mjs ENDPOINT BUCKET fill PREFIX COUNT  puts small objects PREFIX00000, PREFIX00001 ...
//   node bucket.mjs ENDPOINT BUCKET list PREFIX        prints the keys below a prefix
//   node bucket.mjs ENDPOINT BUCKET meta KEY NAME      prints a value of an object's user metadata, or an empty line
//   node bucket.mjs ENDPOINT BUCKET delete KEY
//   node bucket.mjs ENDPOINT BUCKET abort-all          ends every open multipart upload; prints how many there were
import { below, connect, openUploads } from './client.mjs';

const [endpoint, bucket, verb, key, file, storageClass] = process.argv.slice(2);
const oss = connect(endpoint, bucket);
const verbs = {
  put: () => oss.put(key, file, storageClass ? { headers: { 'x-oss-storage-class': storageClass } } : {}),
  restore: () => oss.restore(key),
  fill: async () => {
    let next = 0;
    const fill = async () => {
      while (next < Number(file)) {
        const number = String(next++).padStart(5, '0');
        await oss.put(key + number, Buffer.from(`content of ${number}`));
      }
    };
    await Promise.all(Array.from({ length: 16 }, fill));
  },
  list: async () => {
    for (let token; ;) {
      const page = await oss.listV2({ ...below(key), 'max-keys': 1000, ...(token ? { 'continuation-token': token } : {}) });
      for (const object of page.objects ?? []) console.log(object.name);
      if (!page.isTruncated) return;
      token = page.nextContinuationToken;
    }
  },
  meta: async () => console.log((await oss.head(key)).meta?.[file] ?? ''),
  delete: () => oss.delete(key),
  'abort-all': async () => {
    const uploads = await openUploads(oss, '');
    for (const upload of uploads) await oss.abortMultipartUpload(upload.key, upload.id);
    console.log(uploads.length);
  },
};
if (!verbs[verb]) {
  console.error('usage: node bucket.mjs ENDPOINT BUCKET put KEY FILE [CLASS] | restore KEY | fill PREFIX COUNT | list PREFIX | meta KEY NAME | delete KEY | abort-all');
  process.exit(64);
}
await verbs[verb]();
