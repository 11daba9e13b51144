import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Signal } from "../../vendor/signals.js";
import { Field, Form } from "./parts.js";
import { useClient } from "./use.js";

/** Signing in, or up. `codes` takes the recovery codes of a new account. */
export function Enter({ codes }: { codes: Signal<readonly string[] | null> }) {
  const [isNew, setNew] = useState(false);
  return (
    <main class="enter">
      <h1>Hubbub</h1>
      {isNew ? <SignUp key="up" codes={codes} /> : <SignIn key="in" />}
      <button
        type="button"
        class="link"
        data-testid={isNew ? "show-signin" : "show-signup"}
        onClick={() => setNew(!isNew)}
      >
        {isNew ? "I have an account" : "Create an account"}
      </button>
    </main>
  );
}

function SignIn() {
  const { account } = useClient();
  return (
    <Form
      submit="Sign in"
      testid="signin-submit"
      onSubmit={({ name = "", password = "" }) => account.login(name.trim(), password)}
    >
      <Field label="Name" name="name" testid="signin-name" autocomplete="username" focus />
      <Field
        label="Password"
        name="password"
        testid="signin-password"
        type="password"
        autocomplete="current-password"
      />
    </Form>
  );
}

function SignUp({ codes }: { codes: Signal<readonly string[] | null> }) {
  const { account } = useClient();
  const signUp = async ({ name = "", password = "" }): Promise<void> => {
    codes.value = await account.register(name.trim(), password);
    await account.login(name.trim(), password);
  };
  return (
    <Form submit="Create account" testid="signup-submit" onSubmit={signUp}>
      <Field
        label="Name"
        name="name"
        testid="signup-name"
        autocomplete="username"
        hint="Others find you by it."
        focus
      />
      <Field
        label="Password"
        name="password"
        testid="signup-password"
        type="password"
        autocomplete="new-password"
        hint="At least 8 characters."
        minLength={8}
      />
    </Form>
  );
}

/** The codes that can recover a new account: shown this once. */
export function Recovery({ codes }: { codes: Signal<readonly string[] | null> }) {
  return (
    <main class="enter">
      <h1>Save these codes</h1>
      <p>
        If you forget your password, one of these lets you back in. Each works once. They are not
        shown again.
      </p>
      <ol class="codes" data-testid="recovery-codes">
        {(codes.value ?? []).map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <button
        type="button"
        class="primary"
        data-testid="recovery-done"
        onClick={() => {
          codes.value = null;
        }}
      >
        I have saved them
      </button>
    </main>
  );
}
