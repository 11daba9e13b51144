import type { Exclusive, Http, OpenSocket, Shelf, World } from "../core/ports.js";

/** Where the page came from is where its server is. */
const socketUrl = (): string =>
  `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;

const open: OpenSocket = (events) => {
  const socket = new WebSocket(socketUrl(), "hubbub.v1.json");
  socket.onopen = () => events.onOpen();
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") events.onMessage(data);
  };
  socket.onclose = ({ code }) => events.onClose(code);
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(1000),
  };
};

const shelf: Shelf = {
  get: (key) => localStorage.getItem(key),
  set: (key, value) => localStorage.setItem(key, value),
  remove: (key) => localStorage.removeItem(key),
  keys: () => Object.keys(localStorage),
};

const http: Http = async (method, path, headers, body) => {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    credentials: "same-origin",
    cache: "no-store",
  });
  const text = await answer.text();
  try {
    return { status: answer.status, body: JSON.parse(text) as unknown };
  } catch {
    return { status: answer.status, body: null };
  }
};

/** Locks are there in secure contexts only; elsewhere two tabs may ask at once, which works too. */
const exclusive: Exclusive = async (job) => {
  if (navigator.locks === undefined) return await job();
  return await navigator.locks.request("hubbub-token", job);
};

/** The browser, as the core needs it. */
export const browser: World = {
  clock: {
    now: () => Date.now(),
    steady: () => performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  },
  random: Math.random,
  open,
  shelf,
  http,
  exclusive,
};
