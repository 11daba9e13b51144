import { Refused } from "../core/requests.js";
/** Where the page came from a server is, too. */
const ownUrl = () => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
const open = (url, events) => {
    let socket;
    try {
        socket = new WebSocket(url ?? ownUrl(), "hubbub.v1.json");
    }
    catch {
        // The browser does not let this page go there: without TLS from a page that came with it, say.
        queueMicrotask(() => events.onClose(1006));
        return { send: () => undefined, close: () => undefined };
    }
    socket.onopen = () => events.onOpen();
    socket.onmessage = ({ data }) => {
        if (typeof data === "string")
            events.onMessage(data);
    };
    socket.onclose = ({ code }) => events.onClose(code);
    return {
        send: (text) => socket.send(text),
        close: () => socket.close(1000),
    };
};
const shelf = {
    get: (key) => localStorage.getItem(key),
    set: (key, value) => localStorage.setItem(key, value),
    remove: (key) => localStorage.removeItem(key),
    keys: () => Object.keys(localStorage),
};
const http = async (method, path, headers, body) => {
    const answer = await fetch(path, {
        method,
        headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        credentials: "same-origin",
        cache: "no-store",
    });
    const text = await answer.text();
    try {
        return { status: answer.status, body: JSON.parse(text) };
    }
    catch {
        return { status: answer.status, body: null };
    }
};
/** Saves what the server has at that path as a file. Rejects with Refused. */
export async function download(path, token, name) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(path, { headers, credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) {
        const problem = (await answer.json().catch(() => ({})));
        const missing = answer.status === 404 ? "This server does not offer that." : "";
        throw new Refused(problem.code ?? "unavailable", missing || (problem.msg ?? ""));
    }
    const url = URL.createObjectURL(await answer.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
/** Locks are there in secure contexts only; elsewhere two tabs may ask at once, which works too. */
const exclusive = async (job) => {
    if (navigator.locks === undefined)
        return await job();
    return await navigator.locks.request("hubbub-token", job);
};
const BROWSERS = [
    ["Firefox", /Firefox\//],
    ["Edge", /Edg\//],
    ["Opera", /OPR\//],
    ["Chrome", /Chrom(?:e|ium)\//],
    ["Safari", /Safari\//],
];
const SYSTEMS = [
    ["Android", /Android/],
    ["iPhone", /iPhone/],
    ["iPad", /iPad/],
    ["Windows", /Windows/],
    ["Mac", /Macintosh/],
    ["Linux", /Linux/],
];
/** "Firefox on Linux", as far as one can tell. */
function label() {
    const agent = navigator.userAgent;
    const browser = BROWSERS.find(([, pattern]) => pattern.test(agent))?.[0] ?? "Web page";
    const system = SYSTEMS.find(([, pattern]) => pattern.test(agent))?.[0];
    return system === undefined ? browser : `${browser} on ${system}`;
}
/** The browser, as the core needs it. */
export const browser = {
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
    label: label(),
};
