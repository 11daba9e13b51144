import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Act } from "./contacts.js";
import { useClient, useLoaded } from "./use.js";
import { nameOf, whenOf } from "./words.js";

const WEEK_HOURS = 7 * 24;

/** The address that lets somebody into a group. */
const addressOf = (token: string): string => `${location.origin}/#join/${token}`;

/** The links to a group; nothing where the server has none. */
export function Links({ c }: { c: string }) {
  const client = useClient();
  const from = useLoaded(() => client.people.invites(c), c);
  const [fresh, setFresh] = useState<string | null>(null);
  const [copied, setCopied] = useState(false);
  const { names, me } = client.store;
  if (from.missing) return null;
  return (
    <div class="stack">
      <h3 class="section">Invite links</h3>
      {fresh !== null && (
        <div class="field">
          <input
            type="text"
            readOnly
            aria-label="The new link"
            data-testid="link-address"
            value={addressOf(fresh)}
            onFocus={(event) => event.currentTarget.select()}
          />
          <p class="hint">Whoever has it can join for a week. It is shown this once.</p>
          <button
            type="button"
            class="link"
            onClick={() => {
              void navigator.clipboard?.writeText(addressOf(fresh)).then(() => setCopied(true));
            }}
          >
            {copied ? "Copied" : "Copy"}
          </button>
        </div>
      )}
      <ul class="members" aria-label="Invite links">
        {(from.value ?? []).map(({ id, by, expires }) => (
          <li class="member" key={id} data-testid="link-row">
            <span class="member-name">
              <bdi>By {nameOf(by, names.value, me)}</bdi>
              <span class="hint">Good until {whenOf(expires)}</span>
            </span>
            <Act
              label="End"
              testid="link-revoke"
              danger
              act={() => client.people.revokeInvite(c, id)}
              onDone={from.again}
            />
          </li>
        ))}
      </ul>
      <Act
        label="Make a link"
        testid="link-make"
        act={async () => {
          setCopied(false);
          setFresh(await client.people.makeInvite(c, WEEK_HOURS));
        }}
        onDone={from.again}
      />
    </div>
  );
}
