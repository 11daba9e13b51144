import { h } from "../../vendor/preact.js";

/** Recovery codes, to be written down. */
export function Codes({ codes }: { codes: readonly string[] }) {
  return (
    <ol class="codes" data-testid="recovery-codes">
      {codes.map((code) => (
        <li key={code}>
          <code>{code}</code>
        </li>
      ))}
    </ol>
  );
}
