import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Signal } from "../../vendor/signals.js";
import { Codes } from "./codes.js";
import { Field, Form } from "./parts.js";
import { useClient } from "./use.js";

/** Signing in, or up. `codes` takes the recovery codes of a new account. */
export function Enter({ codes }: { codes: Signal<readonly string[] | null> }) {
  const [way, setWay] = useState<"in" | "up" | "back">("in");
  const isNew = way === "up";
  return (
    <main class="enter">
      <h1>Hubbub</h1>
      {way === "up" && <SignUp key="up" codes={codes} />}
      {way === "in" && <SignIn key="in" />}
      {way === "back" && <Recover key="back" />}
      <button
        type="button"
        class="link"
        data-testid={way === "in" ? "show-signup" : "show-signin"}
        onClick={() => setWay(way === "in" ? "up" : "in")}
      >
        {isNew ? "I have an account" : way === "in" ? "Create an account" : "Back to sign in"}
      </button>
      {way === "in" && (
        <button
          type="button"
          class="link"
          data-testid="show-recover"
          onClick={() => setWay("back")}
        >
          I forgot my password
        </button>
      )}
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

/** The way back in without the password. */
function Recover() {
  const { account } = useClient();
  const recover = async ({ name = "", code = "", password = "" }): Promise<void> => {
    await account.recover(name.trim(), code.trim(), password);
    await account.login(name.trim(), password);
  };
  return (
    <Form submit="Set password" testid="recover-submit" onSubmit={recover}>
      <Field label="Name" name="name" testid="recover-name" autocomplete="username" focus />
      <Field
        label="Recovery code"
        name="code"
        testid="recover-code"
        autocomplete="off"
        hint="One of those you saved when you signed up."
      />
      <Field
        label="New password"
        name="password"
        testid="recover-password"
        type="password"
        autocomplete="new-password"
        hint="At least 8 characters. Every device is signed out."
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
      <Codes codes={codes.value ?? []} />
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
