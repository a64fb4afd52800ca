/** Requests to the service: the key goes with each, and errors come back in words. */

const KEY = "record.key";

/** The key a person gave, kept for this tab alone. */
export const key = () => sessionStorage.getItem(KEY) ?? "";

/** @param {string} given */
export function keepKey(given) {
  sessionStorage.setItem(KEY, given);
}

/** An answer that is no success. */
export class ApiError extends Error {
  /**
   * @param {number} status  0 where the service was not reached
   * @param {{message: string, code?: string, param?: string | null}} told
   * @param {number} retryAfter  seconds
   */
  constructor(status, told, retryAfter = 0) {
    super(told.message);
    this.status = status;
    this.code = told.code ?? "";
    this.param = told.param ?? "";
    this.retryAfter = retryAfter;
  }

  /** Whether the service may be there a little later: a proxy's own 404 says that it is not there yet. */
  get isPassing() {
    return [0, 502, 503, 504].includes(this.status) || (this.status === 404 && !this.code);
  }
}

/** @param {string} path  below the page's own address */
export const address = (path) => new URL(path, document.baseURI).href;

/**
 * A response that is a success.
 * @param {string} path
 * @param {RequestInit & {headers?: Record<string, string>}} [init]
 * @returns {Promise<Response>}
 */
export async function open(path, init = {}) {
  const headers = { ...init.headers, ...(key() && { Authorization: `Bearer ${key()}` }) };
  let response;
  try {
    response = await fetch(address(path), { ...init, headers });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError(0, { message: "the service cannot be reached" });
  }
  if (response.ok) return response;
  throw await refused(response);
}

/** @param {Response} response */
async function refused(response) {
  const retryAfter = Number(response.headers.get("Retry-After") ?? 0);
  const body = await response.json().catch(() => null);
  const told = body?.error ?? { message: `${response.status} ${response.statusText}` };
  return new ApiError(response.status, told, retryAfter);
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
export async function get(path, signal) {
  return (await open(path, { signal })).json();
}

/**
 * A POST; where the answer is lost it is sent once more, and its key keeps it from being done twice.
 * @param {string} path
 * @param {unknown} body
 */
export async function post(path, body) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": unique() };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await open(path, init).catch((cause) => {
    if (cause instanceof ApiError && cause.status === 0) return open(path, init);
    throw cause;
  });
  return response.json();
}

/** @param {string} path */
export async function remove(path) {
  return (await open(path, { method: "DELETE" })).json();
}

/** randomUUID is there in secure contexts only. */
function unique() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/**
 * @param {string} run
 * @param {string} name
 * @param {number} [side]  a picture's longest, in pixels, where it is shown in small
 */
export const artefact = (run, name, side) => `v1/runs/${run}/artefacts/${name}${side ? `?side=${side}` : ""}`;

const KEPT = 400;
/** @type {Map<string, Promise<string>>} */
const pictures = new Map();

/**
 * An address for <img>, which cannot send a key: of bytes fetched with it.
 * @param {string} path
 * @returns {Promise<string>}
 */
export function picture(path) {
  const known = pictures.get(path);
  if (known) return known;
  const made = open(path)
    .then((response) => response.blob())
    .then((blob) => URL.createObjectURL(blob));
  made.catch(() => pictures.delete(path));
  pictures.set(path, made);
  if (pictures.size > KEPT) forgetOldest();
  return made;
}

/** What is on the page stays there; what is looked at again is fetched again. */
function forgetOldest() {
  const [path, made] = /** @type {[string, Promise<string>]} */ (pictures.entries().next().value);
  pictures.delete(path);
  made.then((url) => URL.revokeObjectURL(url)).catch(() => {});
}
