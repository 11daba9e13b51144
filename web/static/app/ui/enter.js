import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Codes } from "./codes.js";
import { Field, Form } from "./parts.js";
import { useClient } from "./use.js";
/** Signing in, or up. `codes` takes the recovery codes of a new account. */
export function Enter({ codes }) {
    const [way, setWay] = useState("in");
    const isNew = way === "up";
    return (h("main", { class: "enter" },
        h("h1", null, "Hubbub"),
        way === "up" && h(SignUp, { key: "up", codes: codes }),
        way === "in" && h(SignIn, { key: "in" }),
        way === "back" && h(Recover, { key: "back" }),
        h("button", { type: "button", class: "link", "data-testid": way === "in" ? "show-signup" : "show-signin", onClick: () => setWay(way === "in" ? "up" : "in") }, isNew ? "I have an account" : way === "in" ? "Create an account" : "Back to sign in"),
        way === "in" && (h("button", { type: "button", class: "link", "data-testid": "show-recover", onClick: () => setWay("back") }, "I forgot my password"))));
}
function SignIn() {
    const { account } = useClient();
    return (h(Form, { submit: "Sign in", testid: "signin-submit", onSubmit: ({ name = "", password = "" }) => account.login(name.trim(), password) },
        h(Field, { label: "Name", name: "name", testid: "signin-name", autocomplete: "username", focus: true }),
        h(Field, { label: "Password", name: "password", testid: "signin-password", type: "password", autocomplete: "current-password" })));
}
function SignUp({ codes }) {
    const { account } = useClient();
    const signUp = async ({ name = "", password = "" }) => {
        codes.value = await account.register(name.trim(), password);
        await account.login(name.trim(), password);
    };
    return (h(Form, { submit: "Create account", testid: "signup-submit", onSubmit: signUp },
        h(Field, { label: "Name", name: "name", testid: "signup-name", autocomplete: "username", hint: "Others find you by it.", focus: true }),
        h(Field, { label: "Password", name: "password", testid: "signup-password", type: "password", autocomplete: "new-password", hint: "At least 8 characters.", minLength: 8 })));
}
/** The way back in without the password. */
function Recover() {
    const { account } = useClient();
    const recover = async ({ name = "", code = "", password = "" }) => {
        await account.recover(name.trim(), code.trim(), password);
        await account.login(name.trim(), password);
    };
    return (h(Form, { submit: "Set password", testid: "recover-submit", onSubmit: recover },
        h(Field, { label: "Name", name: "name", testid: "recover-name", autocomplete: "username", focus: true }),
        h(Field, { label: "Recovery code", name: "code", testid: "recover-code", autocomplete: "off", hint: "One of those you saved when you signed up." }),
        h(Field, { label: "New password", name: "password", testid: "recover-password", type: "password", autocomplete: "new-password", hint: "At least 8 characters. Every device is signed out.", minLength: 8 })));
}
/** The codes that can recover a new account: shown this once. */
export function Recovery({ codes }) {
    return (h("main", { class: "enter" },
        h("h1", null, "Save these codes"),
        h("p", null, "If you forget your password, one of these lets you back in. Each works once. They are not shown again."),
        h(Codes, { codes: codes.value ?? [] }),
        h("button", { type: "button", class: "primary", "data-testid": "recovery-done", onClick: () => {
                codes.value = null;
            } }, "I have saved them")));
}
