// The admin API. The token is kept for this tab only, and is sent as a header, which a page of another site cannot do.
const key = 'fastgate-admin-token';

export const hasToken = () => sessionStorage.getItem(key) !== null;
export const setToken = (token) => sessionStorage.setItem(key, token);
export const forgetToken = () => sessionStorage.removeItem(key);

/** An answer that is not a success. The message is the server's explanation. */
export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The name of one act: the same name again gets the recorded answer again, so that a repeated request acts once. */
export function newRequestId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Opens a request and returns its response when the status is a success. */
export async function open(method, path, { body, requestId, signal, keepalive = false, accept = 'application/json' } = {}) {
  const headers = { Accept: accept };
  if (hasToken()) headers.Authorization = `Bearer ${sessionStorage.getItem(key)}`;
  if (method !== 'GET') headers['Idempotency-Key'] = requestId ?? newRequestId();
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const response = await fetch(`/api/v1/${path}`, { method, headers, signal, keepalive, cache: 'no-store', body: body === undefined ? undefined : JSON.stringify(body) });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  if (response.status === 401) document.dispatchEvent(new Event('sign-in'));
  throw new Problem(response.status, problem.detail ?? problem.error ?? `HTTP ${response.status}`);
}

async function read(response) {
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
}

export const get = async (path, signal) => read(await open('GET', path, { signal }));

export const act = async (method, path, body, requestId) => read(await open(method, path, { body, requestId }));

/** A path with a query of the values that are given. */
export function query(path, values) {
  const given = Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

export const devicePath = (id) => `devices/${encodeURIComponent(id)}`;
