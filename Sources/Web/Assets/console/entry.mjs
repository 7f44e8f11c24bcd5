/** The two ways in: signing in, and the one-time link with which somebody sets a password. */
import { say } from "../messages.mjs";
import { Api } from "./api.mjs";
import { put } from "./elements.mjs";

const $ = (id) => document.getElementById(id);
const api = new Api();
const form = $("entry");
const secret = location.pathname.startsWith("/welcome/") ? location.pathname.slice("/welcome/".length) : null;

/** Only a place of this server: an address that leads elsewhere is not followed. */
function next() {
    const wanted = new URLSearchParams(location.search).get("next") ?? "";
    // What browsers take out of an address, such as a tab, could make another one of it.
    if (!/^\/(?![/\\])[^\s\\]*$/.test(wanted)) return "/console";
    const url = new URL(wanted, location.origin);
    const path = url.pathname + url.search + url.hash;
    return url.origin === location.origin && !path.startsWith("//") ? path : "/console";
}

form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [button, trouble] = [$("enter"), $("entry-trouble")];
    button.disabled = true;
    put(trouble, "");
    try {
        if (secret) {
            if ($("password").value !== $("again").value) throw Object.assign(new Error(say("entry.differ")), { status: 422 });
            // Who has set a password is signed in.
            await api.welcome(secret, $("password").value, $("name").value.trim());
        } else {
            await api.signIn($("login").value.trim(), $("password").value);
        }
        location.replace(next());
    } catch (refusal) {
        const words = { 0: say("console.unreachable"), 401: say("entry.wrong"), 404: say("entry.void"), 410: say("entry.void") }[refusal.status];
        put(trouble, words ?? refusal.errors?.[0]?.reason ?? refusal.message);
        $("password").focus();
        $("password").select();
    } finally {
        button.disabled = false;
    }
});
