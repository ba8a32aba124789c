// The agent's HTTP API. The session is a cookie that scripts cannot see; the header below is what no other site can send.

/** The agent refused, with the reason that it gives to people. */
export class ApiError extends Error {
  constructor(message, status, field = null) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** Told when a request finds that the session has ended. */
export const session = new EventTarget();

/** Whether the agent could not be reached at all. */
export const isUnreachable = error => error instanceof ApiError && error.status === 0;

async function call(method, path, { query = {}, body, signal } = {}) {
  // Relative: the page has a path of its own, and the session's cookie belongs to that path alone.
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, value);
  const headers = { 'X-SyncAgent': '1' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal, cache: 'no-store' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError('The agent does not answer.', 0);
  }
  if (response.status === 401 || response.status === 403) {
    session.dispatchEvent(new Event('ended'));
    throw new ApiError('This page has to be opened again: syncagent open', response.status);
  }
  const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
  const answer = isJson ? await response.json() : null;
  if (!response.ok) throw new ApiError(answer?.error ?? `The agent answered ${response.status}.`, response.status, answer?.field);
  return answer;
}

export const api = {
  status: () => call('GET', 'v1/status'),
  files: (query, signal) => call('GET', 'v1/files', { query, signal }),
  history: (query, signal) => call('GET', 'v1/history', { query, signal }),
  deletes: mount => call('GET', 'v1/deletes', { query: { mount, limit: 200 } }),
  retry: path => call('POST', 'v1/retry', { query: { path } }),
  pause: query => call('POST', 'v1/pause', { query }),
  resume: query => call('POST', 'v1/resume', { query }),
  cancel: path => call('POST', 'v1/cancel', { query: { path } }),
  accept: path => call('POST', 'v1/interrupted/accept', { query: { path } }),
  discard: path => call('POST', 'v1/interrupted/discard', { query: { path } }),
  confirmDeletes: mount => call('POST', 'v1/deletes/confirm', { query: { mount } }),
  restoreDeletes: mount => call('POST', 'v1/deletes/restore', { query: { mount } }),
  startVerify: (path, deep) => call('POST', 'v1/verify', { query: { path, deep } }),
  stopVerify: mount => call('DELETE', 'v1/verify', { query: { mount } }),
  verifyFound: query => call('GET', 'v1/verify', { query }),
  setLimits: limits => call('PUT', 'v1/limits', { body: limits }),
  testTarget: (target, signal) => call('POST', 'v1/setup/test', { body: target, signal }),
  addDrive: drive => call('POST', 'v1/setup/drives', { body: drive }),
};
