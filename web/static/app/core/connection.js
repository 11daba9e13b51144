import { Backoff } from "./backoff.js";
import { framesOf } from "./wire.js";
const SILENCE_MS = 25_000;
const PONG_MS = 5_000;
/** From the first byte of a try to `welcome`; past it the try has failed. */
const OPENING_MS = 15_000;
const RATE_WAIT_MS = 5_000;
const TEXT_CUT = 4_000;
/** Close codes that say something about the node: no answer, on its way out, out of order. */
const BROKEN = new Set([1001, 1006, 1011, 1012, 4503]);
/**
 * The one socket: opens it, says hello, keeps it alive, and opens it again.
 *
 *     off -> connecting -> up -> waiting -> connecting -> ...
 *                           \-> replaced | forbidden | refused     (start() again leaves them)
 */
export class Connection {
    open;
    nodes;
    clock;
    credentials;
    events;
    #backoff;
    #instance;
    #phase = "off";
    #socket = null;
    /** Rises with every socket, so that what an old one still says is not heard. */
    #turn = 0;
    #upSince_ms = 0;
    #timers = {};
    constructor(open, nodes, clock, random, credentials, events) {
        this.open = open;
        this.nodes = nodes;
        this.clock = clock;
        this.credentials = credentials;
        this.events = events;
        this.#backoff = new Backoff(random);
        this.#instance = `i${Math.floor(random() * 2 ** 48).toString(36)}`;
    }
    get phase() {
        return this.#phase;
    }
    start() {
        if (this.#phase === "up" || this.#phase === "connecting")
            return;
        void this.#connect();
    }
    stop() {
        this.#drop("off");
    }
    /** Sends when up; false when it could not. */
    send(frame) {
        if (this.#phase !== "up" || this.#socket === null)
            return false;
        this.#socket.send(JSON.stringify(frame));
        return true;
    }
    /** The network is back, or the page is looked at again: find out at once. */
    wake() {
        if (this.#phase === "up")
            this.#ping();
        else if (this.#phase === "waiting")
            void this.#connect();
    }
    async #connect() {
        this.#drop("connecting");
        const turn = this.#turn;
        const token = await this.credentials.token().catch(() => null);
        if (turn !== this.#turn)
            return;
        if (token === null) {
            this.#retry(this.#backoff.next());
            return;
        }
        const url = await this.nodes.choose(token);
        if (turn !== this.#turn)
            return;
        const hello = {
            t: "hello",
            v: 1,
            token,
            device: this.credentials.device(),
            client: "web/0.1",
            inst: this.#instance,
            try: turn,
            cut: TEXT_CUT,
        };
        this.#timers.pong = this.clock.after(OPENING_MS, () => this.#lost(turn, 1006));
        const socket = this.open(url, {
            onOpen: () => {
                if (turn === this.#turn)
                    socket.send(JSON.stringify(hello));
            },
            onMessage: (text) => {
                if (turn === this.#turn)
                    this.#heard(text);
            },
            onClose: (code) => this.#lost(turn, code),
        });
        this.#socket = socket;
    }
    #heard(text) {
        this.#timers.pong?.();
        this.#timers.silence?.();
        this.#timers.silence = this.clock.after(SILENCE_MS, () => this.#ping());
        const turn = this.#turn;
        for (const frame of framesOf(text)) {
            if (turn !== this.#turn)
                return;
            if (frame.t === "welcome") {
                this.#upSince_ms = this.clock.steady();
                this.nodes.worked();
                this.#set("up");
                this.events.onWelcome(frame);
            }
            else if (frame.t === "bye") {
                this.#timers.next?.();
                this.#timers.next = this.clock.after(frame.after, () => this.#lost(turn, 4503));
            }
            else if (frame.t !== "pong") {
                this.events.onFrame(frame);
            }
        }
    }
    #ping() {
        if (!this.send({ t: "ping" }))
            return;
        const turn = this.#turn;
        this.#timers.pong?.();
        this.#timers.pong = this.clock.after(PONG_MS, () => this.#lost(turn, 1006));
    }
    /** The socket of that turn is gone, or is given up. */
    #lost(turn, code) {
        if (turn !== this.#turn)
            return;
        const wasUp = this.#phase === "up";
        if (wasUp)
            this.#backoff.ended(this.clock.steady() - this.#upSince_ms);
        if (code === 4401)
            this.credentials.expired();
        if (BROKEN.has(code))
            this.nodes.failed();
        const stopped = stoppedBy(code);
        this.#drop(stopped ?? "waiting");
        if (wasUp)
            this.events.onDown(code);
        // Whoever heard of it may have stopped or started us meanwhile.
        if (stopped !== null || this.#phase !== "waiting")
            return;
        const wait_ms = this.#backoff.next();
        this.#retry(code === 4429 ? Math.max(RATE_WAIT_MS, wait_ms) : wait_ms);
    }
    #retry(wait_ms) {
        this.#set("waiting");
        this.#timers.next?.();
        this.#timers.next = this.clock.after(wait_ms, () => void this.#connect());
    }
    #drop(phase) {
        this.#turn += 1;
        for (const cancel of Object.values(this.#timers))
            cancel();
        this.#timers = {};
        this.#socket?.close();
        this.#socket = null;
        this.#set(phase);
    }
    #set(phase) {
        if (phase === this.#phase)
            return;
        this.#phase = phase;
        this.events.onPhase(phase);
    }
}
/** What a close code ends for good; null when another try makes sense. */
function stoppedBy(code) {
    switch (code) {
        case 4409:
            return "replaced";
        case 4403:
            return "forbidden";
        case 1002:
        case 1007:
        case 1009:
        case 4400:
            return "refused";
        default:
            return null;
    }
}
