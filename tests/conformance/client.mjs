// The official client as our checks use it: signature V4, path style, no retries that could hide a fault.
import OSS from 'ali-oss';

export function connect(endpoint, bucket) {
  return new OSS({
    region: 'oss-cn-hangzhou',
    bucket,
    accessKeyId: process.env.OSS_ACCESS_KEY_ID,
    accessKeySecret: process.env.OSS_ACCESS_KEY_SECRET,
    // The client goes path style for localhost with sldEnable.
    endpoint: `http://localhost:${new URL(endpoint).port}`,
    sldEnable: true,
    authorizationV4: true,
    retryMax: 0,
    timeout: 60_000,
  });
}

// The client signs an empty parameter in another form than the service does: without a prefix none must be named.
export const below = (prefix) => (prefix ? { prefix } : {});

export async function openUploads(oss, prefix) {
  const uploads = [];
  let markers = {};
  for (;;) {
    const page = await oss.listUploads({ ...below(prefix), 'max-uploads': 1000, ...markers });
    uploads.push(...page.uploads.map((upload) => ({ key: upload.name, id: upload.uploadId })));
    if (!page.isTruncated) return uploads;
    markers = { 'key-marker': page.nextKeyMarker, 'upload-id-marker': page.nextUploadIdMarker };
  }
}
