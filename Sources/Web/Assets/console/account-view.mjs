/** One's own password and tokens. */
import { say } from "../messages.mjs";
import { field, h } from "./elements.mjs";
import { tokensPanel } from "./tokens-panel.mjs";

export async function view(context) {
    const { api, me, talk } = context;
    const current = h("input", { type: "password", autocomplete: "current-password", required: true, maxlength: 200 });
    const fresh = h("input", { type: "password", autocomplete: "new-password", required: true, minlength: 10, maxlength: 200 });
    const change = h("button", { class: "act act-main", type: "submit" }, say("console.account.change"));
    const fields = { current: field(say("console.account.current"), current), new: field(say("console.account.new"), fresh, { hint: say("console.password.hint") }) };
    const form = h("form", { class: "card stack", onsubmit: async (event) => {
        event.preventDefault();
        change.disabled = true;
        try {
            await api.post("password", { current: current.value, new: fresh.value });
            current.value = "";
            fresh.value = "";
            talk.tell(say("console.account.changed"));
        } catch (refusal) {
            const fault = refusal.errors?.[0];
            (fields[fault?.field] ?? fields.current).fault(fault?.reason ?? talk.words(refusal));
        } finally {
            change.disabled = false;
        }
    } }, h("h2", {}, say("console.account.password")), h("input", { type: "text", autocomplete: "username", value: me.login, hidden: true, readonly: true }), h("div", { class: "fields" }, fields.current, fields.new), h("div", { class: "acts" }, change));
    return h("div", { class: "stack" },
        h("div", { class: "head" }, h("h1", {}, me.name), h("p", { class: "soft" }, me.login)),
        form, await tokensPanel(context, me));
}
