import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import type { Found } from "../core/people.js";
import type { Member } from "../core/wire.js";
import { Links } from "./links_of.js";
import { Avatar, Confirm, Field, Form, Glyph } from "./parts.js";
import { namesIn, Picker } from "./picker.js";
import { MenuItem, Popup } from "./popup.js";
import { go } from "./route.js";
import { useClient, useTask } from "./use.js";

/** Who is in a group, and what one may do about it. */
export function Members({ conversation }: { conversation: Conversation }) {
  const client = useClient();
  const { c, title } = conversation.line.value;
  const members = conversation.members.value ?? [];
  const me = members.find((member) => member.u === client.store.me);
  const leads = me !== undefined && me.role !== "member" && !conversation.gone.value;
  return (
    <section class="stack">
      <h3 class="section">{members.length === 1 ? "1 member" : `${members.length} members`}</h3>
      <ul class="members" aria-label="Members">
        {members.map((member) => (
          <Row key={member.u} conversation={conversation} member={member} me={me} />
        ))}
      </ul>
      {leads && <Inviting c={c} />}
      {leads && <Links c={c} />}
      {leads && (
        <Form
          key={title}
          submit="Rename"
          testid="rename-submit"
          onSubmit={({ title: next = "" }) => client.rename(c, next.trim())}
        >
          <Field label="Title" name="title" testid="rename-title" value={title} />
        </Form>
      )}
      {me !== undefined && !conversation.gone.value && <Leaving c={c} />}
    </section>
  );
}

function Inviting({ c }: { c: string }) {
  const client = useClient();
  const [chosen, setChosen] = useState<readonly Found[]>([]);
  const [text, setText] = useState("");
  const invite = async (): Promise<void> => {
    const ids = chosen.map((person) => person.id);
    await client.invite(c, namesIn(text), ids);
    setChosen([]);
    setText("");
  };
  return (
    <Form submit="Invite" testid="invite-submit" onSubmit={invite}>
      <Picker
        label="Invite people"
        testid="invite-name"
        chosen={chosen}
        text={text}
        onChoose={setChosen}
        onText={setText}
      />
    </Form>
  );
}

function Leaving({ c }: { c: string }) {
  const client = useClient();
  const leaving = useTask();
  const [sure, setSure] = useState(false);
  return (
    <div class="leave">
      <p class="error" role="alert">
        {leaving.error}
      </p>
      <button
        type="button"
        class="danger"
        data-testid="leave"
        disabled={leaving.busy}
        onClick={() => setSure(true)}
      >
        Leave group
      </button>
      {sure && (
        <Confirm
          title="Leave this group?"
          text="What was said up to now stays readable."
          yes="Leave"
          onYes={() => leaving.run(() => client.leave(c))}
          onClose={() => setSure(false)}
        />
      )}
    </div>
  );
}

interface RowProps {
  conversation: Conversation;
  member: Member;
  me: Member | undefined;
}

function Row({ conversation, member, me }: RowProps) {
  const client = useClient();
  const task = useTask();
  const { c } = conversation;
  const self = member.u === client.store.me;
  const rules = me?.role === "owner" || (me?.role === "admin" && member.role === "member");
  const changes = rules && !self && member.role !== "owner" && !conversation.gone.value;
  const raises = changes && me?.role === "owner";
  const [menu, setMenu] = useState<DOMRect | null>(null);
  const pick = (job: () => void) => () => {
    setMenu(null);
    job();
  };
  const role = member.role === "admin" ? "member" : "admin";
  return (
    <li class="member" data-testid="member-row" data-u={member.u} data-role={member.role}>
      <Avatar id={member.u} name={member.name} dot={self ? undefined : member.u} />
      <span class="member-name">
        <bdi>{member.name || "Deleted account"}</bdi>
        {self && " (you)"}
      </span>
      {member.role !== "member" && <span class="role">{member.role}</span>}
      {!self && member.name !== "" && (
        <button
          type="button"
          class="icon"
          data-testid="member-more"
          aria-label={`More about ${member.name}`}
          aria-haspopup="menu"
          disabled={task.busy}
          onClick={(event) => setMenu(event.currentTarget.getBoundingClientRect())}
        >
          <Glyph name="more" />
        </button>
      )}
      {menu !== null && (
        <Popup at={menu} label={member.name} menu onClose={() => setMenu(null)}>
          <MenuItem
            glyph="chat"
            label="Message"
            testid="member-chat"
            onPick={pick(() => go(client, client.chatTo({ id: member.u, name: member.name })))}
          />
          {raises && (
            <MenuItem
              glyph="key"
              label={role === "admin" ? "Make admin" : "Make member"}
              testid="member-role"
              onPick={pick(() => task.run(() => client.setRole(c, member.u, role)))}
            />
          )}
          {changes && (
            <MenuItem
              glyph="out"
              label="Remove from the group"
              testid="kick"
              danger
              onPick={pick(() => task.run(() => client.kick(c, member.u)))}
            />
          )}
        </Popup>
      )}
      {task.error !== "" && (
        <p class="error" role="alert">
          {task.error}
        </p>
      )}
    </li>
  );
}
