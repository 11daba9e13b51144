import { h } from "../../vendor/preact.js";
import { Avatar, Field, Form, Sheet } from "./parts.js";
import { useClient, useTask } from "./use.js";
/** Who is in a group, and what one may do about it. */
export function Members({ conversation, onClose }) {
    const client = useClient();
    const leaving = useTask();
    const { c, title } = conversation.line.value;
    const members = conversation.members.value ?? [];
    const me = members.find((member) => member.u === client.store.me);
    const leads = me !== undefined && me.role !== "member" && !conversation.gone.value;
    return (h(Sheet, { title: title, onClose: onClose },
        h("ul", { class: "members", "aria-label": "Members" }, members.map((member) => (h(Row, { key: member.u, conversation: conversation, member: member, me: me })))),
        leads && (h(Form, { submit: "Invite", testid: "invite-submit", onSubmit: ({ name = "" }) => client.invite(c, name.trim()) },
            h(Field, { label: "Invite by name", name: "name", testid: "invite-name", autocomplete: "off" }))),
        leads && (h(Form, { key: title, submit: "Rename", testid: "rename-submit", onSubmit: ({ title: next = "" }) => client.rename(c, next.trim()) },
            h(Field, { label: "Title", name: "title", testid: "rename-title", value: title }))),
        me !== undefined && !conversation.gone.value && (h("div", { class: "leave" },
            h("p", { class: "error", role: "alert" }, leaving.error),
            h("button", { type: "button", class: "danger", "data-testid": "leave", disabled: leaving.busy, onClick: () => leaving.run(async () => {
                    await client.leave(c);
                    onClose();
                }) }, "Leave group")))));
}
function Row({ conversation, member, me }) {
    const client = useClient();
    const task = useTask();
    const { c } = conversation;
    const self = member.u === client.store.me;
    const rules = me?.role === "owner" || (me?.role === "admin" && member.role === "member");
    const changes = rules && !self && member.role !== "owner" && !conversation.gone.value;
    const raises = changes && me?.role === "owner";
    return (h("li", { class: "member", "data-testid": "member-row", "data-u": member.u, "data-role": member.role },
        h(Avatar, { id: member.u, name: member.name, dot: self ? undefined : member.u }),
        h("span", { class: "member-name" },
            member.name,
            self && " (you)"),
        h("span", { class: "role" }, member.role),
        changes && (h("span", { class: "actions" },
            raises && (h("button", { type: "button", class: "link", "data-testid": "member-role", disabled: task.busy, onClick: () => {
                    const role = member.role === "admin" ? "member" : "admin";
                    task.run(() => client.setRole(c, member.u, role));
                } }, member.role === "admin" ? "Make member" : "Make admin")),
            h("button", { type: "button", class: "link danger-text", "data-testid": "kick", disabled: task.busy, onClick: () => task.run(() => client.kick(c, member.u)) }, "Remove"))),
        task.error !== "" && (h("p", { class: "error", role: "alert" }, task.error))));
}
