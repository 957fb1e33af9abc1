// api.js: questions to the station, and its failures as one type. The token goes in a header, also for
// the stream of events: so it never stands in an address.

import { device } from "./device.js";

const TIMEOUT = 30000;

// The station's error codes that mean something here.
export const UNREACHABLE = 0;
export const INVALID = 1001;
export const NO_TOKEN = 1003;
export const FORBIDDEN = 1004;
export const TOO_LARGE = 1005;
export const TOO_MANY = 1008;
export const STORE_AWAY = 1009;
export const NOT_KEPT = 1010;
export const TOKEN_INVALID = 10031;
export const TOKEN_EXPIRED = 10032;

// code: UNREACHABLE where no answer came, or none of the station's. status: 0 likewise.
// retryAfter: in milliseconds; 0: not said.
export class Failure extends Error {
  constructor(code, status, message, retryAfter = 0) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  // Whether this device must be paired, or paired again.
  get isStranger() {
    return this.code === NO_TOKEN || this.code === TOKEN_INVALID || this.code === TOKEN_EXPIRED;
  }
}

async function toFailure(answer) {
  const seconds = Number(answer.headers.get("Retry-After"));
  const retryAfter = seconds > 0 ? Math.min(seconds, 3600) * 1000 : 0;
  try {
    const { error_code: code, message } = await answer.json();
    if (Number.isInteger(code)) return new Failure(code, answer.status, String(message), retryAfter);
  } catch {
    // Not the station's answer: something stands in between.
  }
  return new Failure(UNREACHABLE, answer.status, "HTTP " + answer.status, retryAfter);
}

// The answer as fetch() gives it, of a success. Throws a Failure; signal ends it as one. isAnonymous:
// without the token: a wrong one is refused also where none is needed.
export async function open(method, path, { body, headers = {}, signal, isAnonymous = false } = {}) {
  const all = { ...headers };
  if (device.token !== null && !isAnonymous) all.Authorization = "Bearer " + device.token;
  if (body !== undefined) all["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method, signal, headers: all, body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
    });
  } catch (error) {
    throw new Failure(UNREACHABLE, 0, error.message);
  }
  if (!answer.ok) throw await toFailure(answer);
  return answer;
}

// { status, data } of a success.
export async function ask(method, path, { body, signal, isAnonymous } = {}) {
  const control = new AbortController();
  const stop = () => control.abort();
  const timer = setTimeout(stop, TIMEOUT);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  try {
    const answer = await open(method, path, { body, signal: control.signal, isAnonymous });
    const { data } = await answer.json();
    return { status: answer.status, data };
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(UNREACHABLE, 0, error.message);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
