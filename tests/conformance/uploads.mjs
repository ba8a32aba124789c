// Multipart uploads as the official client for Node (ali-oss) sees and makes them; prints JSON:
//   node uploads.mjs ENDPOINT BUCKET list PREFIX             open uploads below a prefix: [{ key, id }]
//   node uploads.mjs ENDPOINT BUCKET parts KEY ID            parts that have arrived: [{ number, size, etag }]
//   node uploads.mjs ENDPOINT BUCKET begin KEY FILE BYTES    begins one and sends the file's first bytes as part 1: { id }
//   node uploads.mjs ENDPOINT BUCKET abort KEY ID            ends one: {}
import { connect, openUploads } from './client.mjs';

const [endpoint, bucket, verb, key, second, third] = process.argv.slice(2);
const oss = connect(endpoint, bucket);
const verbs = {
  list: () => openUploads(oss, key),
  parts: async () => {
    const page = await oss.listParts(key, second, { 'max-parts': 1000 });
    return [page.parts ?? []].flat().map((part) => ({ number: Number(part.PartNumber), size: Number(part.Size), etag: part.ETag }));
  },
  begin: async () => {
    const { uploadId } = await oss.initMultipartUpload(key);
    await oss.uploadPart(key, uploadId, 1, second, 0, Number(third));
    return { id: uploadId };
  },
  abort: async () => {
    await oss.abortMultipartUpload(key, second);
    return {};
  },
};
if (!verbs[verb] || !key) {
  console.error('usage: node uploads.mjs ENDPOINT BUCKET list PREFIX | parts KEY ID | begin KEY FILE BYTES | abort KEY ID');
  process.exit(64);
}
console.log(JSON.stringify(await verbs[verb]()));
