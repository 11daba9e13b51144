import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Field, Form } from "./parts.js";
import { useClient } from "./use.js";
/** Signing in, or up. `codes` takes the recovery codes of a new account. */
export function Enter({ codes }) {
    const [isNew, setNew] = useState(false);
    return (h("main", { class: "enter" },
        h("h1", null, "Hubbub"),
        isNew ? h(SignUp, { key: "up", codes: codes }) : h(SignIn, { key: "in" }),
        h("button", { type: "button", class: "link", "data-testid": isNew ? "show-signin" : "show-signup", onClick: () => setNew(!isNew) }, isNew ? "I have an account" : "Create an account")));
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
/** The codes that can recover a new account: shown this once. */
export function Recovery({ codes }) {
    return (h("main", { class: "enter" },
        h("h1", null, "Save these codes"),
        h("p", null, "If you forget your password, one of these lets you back in. Each works once. They are not shown again."),
        h("ol", { class: "codes", "data-testid": "recovery-codes" }, (codes.value ?? []).map((code) => (h("li", { key: code },
            h("code", null, code))))),
        h("button", { type: "button", class: "primary", "data-testid": "recovery-done", onClick: () => {
                codes.value = null;
            } }, "I have saved them")));
}
