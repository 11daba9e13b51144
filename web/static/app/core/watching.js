const PAUSE_MS = 200;
const MAX_USERS = 200;
/** The open conversation and the first of the list: those whose typing can be seen. */
const MAX_CONVS = 6;
/** Who and what is on the screen, for the server: the newest state, a moment after it changed. */
export class Watching {
    store;
    clock;
    tell;
    #timer = null;
    #told = "";
    constructor(store, clock, tell) {
        this.store = store;
        this.clock = clock;
        this.tell = tell;
    }
    /** People and conversations to be watched; reads every signal it follows from. */
    wanted(opened) {
        const conversation = this.store.conversations.value.get(opened ?? "");
        const list = this.store.list.value;
        const members = (conversation?.members.value ?? []).map((member) => member.u);
        const partners = list.map((one) => one.line.value.u);
        const users = [...new Set([...members, ...partners])].filter((u) => u !== undefined);
        const open = conversation === undefined ? [] : [conversation];
        const convs = [...open, ...list.slice(0, MAX_CONVS)].filter((one) => one.real && !one.gone.value);
        return {
            // Sorted: another order of the list is not another screen.
            users: users
                .filter((u) => u !== this.store.me)
                .slice(0, MAX_USERS)
                .sort(),
            convs: [...new Set(convs.map((one) => one.c))].slice(0, MAX_CONVS).sort(),
        };
    }
    /** Something on the screen may have changed. */
    soon(opened) {
        this.#timer ??= this.clock.after(PAUSE_MS, () => {
            this.#timer = null;
            const watch = this.wanted(opened());
            const text = JSON.stringify(watch);
            if (text === this.#told)
                return;
            this.#told = text;
            this.tell(watch).catch(() => {
                this.#told = "";
            });
        });
    }
    /** A new socket knows nothing of it. */
    anew() {
        this.#told = "";
    }
    stop() {
        this.#timer?.();
        this.#timer = null;
    }
}
