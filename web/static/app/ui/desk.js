import { signal } from "../../vendor/signals.js";
export const newDesk = () => ({
    reply: signal(null),
    edit: signal(null),
    write: () => undefined,
});
