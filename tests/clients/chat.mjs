// A chat client on the npm package `ws`: says its lines, hears everybody's, prints what it heard.
//
//   node chat.mjs '{"url":"ws://…/ws","hello":{…},"c":"g_…","lines":["…"],"until":9}'
//
// It ends with 0 once it has the conversation up to seq `until`, and prints [[s, from, text], …].

import WebSocket from "ws";

const { url, hello, c, lines, until } = JSON.parse(process.argv[2]);
const heard = new Map();
let cid = 0;

// It offers to compress, as `ws` does by itself; the server need not take it up.
const socket = new WebSocket(url, "hubbub.v1.json");

const say = (frame) => socket.send(JSON.stringify(frame));

const sayNext = () => {
  const text = lines[cid];
  if (text === undefined) return;
  cid += 1;
  say({ t: "send", id: cid, c, cid, prev: cid - 1, b: { k: "text", text } });
};

const take = (s, from, text) => {
  if (heard.has(s)) throw new Error(`${s} came twice`);
  heard.set(s, [s, from, text]);
  if (heard.size === until) {
    const told = [...heard.values()].sort(([a], [b]) => a - b);
    process.stdout.write(JSON.stringify(told), () => socket.close(1000));
  }
};

const on = {
  welcome: () => {
    say({ t: "hist", id: 1000, c, after: 0, limit: 200 });
  },
  page: (frame) => {
    for (const { s, from, b } of frame.msgs) if (!heard.has(s)) take(s, from, b.text ?? "");
    sayNext();
  },
  ack: ({ s, cid: acked }) => {
    take(s, hello.me, lines[acked - 1]);
    sayNext();
  },
  msg: (frame) => {
    if (frame.c === c) take(frame.s, frame.from, frame.b.text ?? "");
  },
  err: (frame) => {
    throw new Error(JSON.stringify(frame));
  },
};

socket.on("open", () => {
  const { me, ...frame } = hello;
  say(frame);
});
socket.on("message", (data, isBinary) => {
  if (isBinary) throw new Error("bytes in a JSON conversation");
  const content = JSON.parse(data.toString());
  for (const frame of Array.isArray(content) ? content : [content]) on[frame.t]?.(frame);
});
socket.on("close", (code) => {
  process.exitCode = code === 1000 && heard.size === until ? 0 : 1;
});
