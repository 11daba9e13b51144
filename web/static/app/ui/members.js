import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Links } from "./links_of.js";
import { Avatar, Confirm, Field, Form, Glyph } from "./parts.js";
import { namesIn, Picker } from "./picker.js";
import { MenuItem, Popup } from "./popup.js";
import { go } from "./route.js";
import { useClient, useTask } from "./use.js";
/** Who is in a group, and what one may do about it. */
export function Members({ conversation }) {
    const client = useClient();
    const { c, title } = conversation.line.value;
    const members = conversation.members.value ?? [];
    const me = members.find((member) => member.u === client.store.me);
    const leads = me !== undefined && me.role !== "member" && !conversation.gone.value;
    return (h("section", { class: "stack" },
        h("h3", { class: "section" }, members.length === 1 ? "1 member" : `${members.length} members`),
        h("ul", { class: "members", "aria-label": "Members" }, members.map((member) => (h(Row, { key: member.u, conversation: conversation, member: member, me: me })))),
        leads && h(Inviting, { c: c }),
        leads && h(Links, { c: c }),
        leads && (h(Form, { key: title, submit: "Rename", testid: "rename-submit", onSubmit: ({ title: next = "" }) => client.rename(c, next.trim()) },
            h(Field, { label: "Title", name: "title", testid: "rename-title", value: title }))),
        me !== undefined && !conversation.gone.value && h(Leaving, { c: c })));
}
function Inviting({ c }) {
    const client = useClient();
    const [chosen, setChosen] = useState([]);
    const [text, setText] = useState("");
    const invite = async () => {
        const ids = chosen.map((person) => person.id);
        await client.invite(c, namesIn(text), ids);
        setChosen([]);
        setText("");
    };
    return (h(Form, { submit: "Invite", testid: "invite-submit", onSubmit: invite },
        h(Picker, { label: "Invite people", testid: "invite-name", chosen: chosen, text: text, onChoose: setChosen, onText: setText })));
}
function Leaving({ c }) {
    const client = useClient();
    const leaving = useTask();
    const [sure, setSure] = useState(false);
    return (h("div", { class: "leave" },
        h("p", { class: "error", role: "alert" }, leaving.error),
        h("button", { type: "button", class: "danger", "data-testid": "leave", disabled: leaving.busy, onClick: () => setSure(true) }, "Leave group"),
        sure && (h(Confirm, { title: "Leave this group?", text: "What was said up to now stays readable.", yes: "Leave", onYes: () => leaving.run(() => client.leave(c)), onClose: () => setSure(false) }))));
}
function Row({ conversation, member, me }) {
    const client = useClient();
    const task = useTask();
    const { c } = conversation;
    const self = member.u === client.store.me;
    const rules = me?.role === "owner" || (me?.role === "admin" && member.role === "member");
    const changes = rules && !self && member.role !== "owner" && !conversation.gone.value;
    const raises = changes && me?.role === "owner";
    const [menu, setMenu] = useState(null);
    const pick = (job) => () => {
        setMenu(null);
        job();
    };
    const role = member.role === "admin" ? "member" : "admin";
    return (h("li", { class: "member", "data-testid": "member-row", "data-u": member.u, "data-role": member.role },
        h(Avatar, { id: member.u, name: member.name, dot: self ? undefined : member.u }),
        h("span", { class: "member-name" },
            h("bdi", null, member.name || "Deleted account"),
            self && " (you)"),
        member.role !== "member" && h("span", { class: "role" }, member.role),
        !self && member.name !== "" && (h("button", { type: "button", class: "icon", "data-testid": "member-more", "aria-label": `More about ${member.name}`, "aria-haspopup": "menu", disabled: task.busy, onClick: (event) => setMenu(event.currentTarget.getBoundingClientRect()) },
            h(Glyph, { name: "more" }))),
        menu !== null && (h(Popup, { at: menu, label: member.name, menu: true, onClose: () => setMenu(null) },
            h(MenuItem, { glyph: "chat", label: "Message", testid: "member-chat", onPick: pick(() => go(client, client.chatTo({ id: member.u, name: member.name }))) }),
            raises && (h(MenuItem, { glyph: "key", label: role === "admin" ? "Make admin" : "Make member", testid: "member-role", onPick: pick(() => task.run(() => client.setRole(c, member.u, role))) })),
            changes && (h(MenuItem, { glyph: "out", label: "Remove from the group", testid: "kick", danger: true, onPick: pick(() => task.run(() => client.kick(c, member.u))) })))),
        task.error !== "" && (h("p", { class: "error", role: "alert" }, task.error))));
}
