import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import type { Member } from "../core/wire.js";
import { Avatar, Field, Form, Sheet } from "./parts.js";
import { useClient, useTask } from "./use.js";

interface Props {
  conversation: Conversation;
  onClose(): void;
}

/** Who is in a group, and what one may do about it. */
export function Members({ conversation, onClose }: Props) {
  const client = useClient();
  const leaving = useTask();
  const { c, title } = conversation.line.value;
  const members = conversation.members.value ?? [];
  const me = members.find((member) => member.u === client.store.me);
  const leads = me !== undefined && me.role !== "member" && !conversation.gone.value;
  return (
    <Sheet title={title} onClose={onClose}>
      <ul class="members" aria-label="Members">
        {members.map((member) => (
          <Row key={member.u} conversation={conversation} member={member} me={me} />
        ))}
      </ul>
      {leads && (
        <Form
          submit="Invite"
          testid="invite-submit"
          onSubmit={({ name = "" }) => client.invite(c, name.trim())}
        >
          <Field label="Invite by name" name="name" testid="invite-name" autocomplete="off" />
        </Form>
      )}
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
      {me !== undefined && !conversation.gone.value && (
        <div class="leave">
          <p class="error" role="alert">
            {leaving.error}
          </p>
          <button
            type="button"
            class="danger"
            data-testid="leave"
            disabled={leaving.busy}
            onClick={() =>
              leaving.run(async () => {
                await client.leave(c);
                onClose();
              })
            }
          >
            Leave group
          </button>
        </div>
      )}
    </Sheet>
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
  return (
    <li class="member" data-testid="member-row" data-u={member.u} data-role={member.role}>
      <Avatar id={member.u} name={member.name} dot={self ? undefined : member.u} />
      <span class="member-name">
        {member.name}
        {self && " (you)"}
      </span>
      <span class="role">{member.role}</span>
      {changes && (
        <span class="actions">
          {raises && (
            <button
              type="button"
              class="link"
              data-testid="member-role"
              disabled={task.busy}
              onClick={() => {
                const role = member.role === "admin" ? "member" : "admin";
                task.run(() => client.setRole(c, member.u, role));
              }}
            >
              {member.role === "admin" ? "Make member" : "Make admin"}
            </button>
          )}
          <button
            type="button"
            class="link danger-text"
            data-testid="kick"
            disabled={task.busy}
            onClick={() => task.run(() => client.kick(c, member.u))}
          >
            Remove
          </button>
        </span>
      )}
      {task.error !== "" && (
        <p class="error" role="alert">
          {task.error}
        </p>
      )}
    </li>
  );
}
