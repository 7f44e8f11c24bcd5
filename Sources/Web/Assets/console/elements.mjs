/** Makes elements: `h("p", { class: "soft" }, "words", node)`. Strings become text, never markup. */
export function h(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else if (key in properties) made[properties[key]] = value;
        else made.setAttribute(key, value === true ? "" : String(value));
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
}

/** What an attribute would set only once. */
const properties = { value: "value", checked: "checked", disabled: "disabled", selected: "selected" };

export function vector(name, attributes = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    made.append(...children);
    return made;
}

/** Writes only what differs, so that nothing is laid out or spoken anew. */
export function put(place, words) {
    if (place.textContent !== words) place.textContent = words;
}

/** Brings one of a row that scrolls sideways into sight; the page itself stays where it is. */
export function reveal(item) {
    const row = item.parentElement;
    const [own, all] = [item.getBoundingClientRect(), row.getBoundingClientRect()];
    if (own.left < all.left || own.right > all.right) row.scrollLeft += own.left - all.left - (all.width - own.width) / 2;
}

export const icon = (name) => {
    const made = vector("svg", { "aria-hidden": "true", class: "icon" });
    made.append(vector("use", { href: `#i-${name}` }));
    return made;
};

let serial = 0;

/** A labelled field; `hint` is read with it, and `fault(words)` marks it wrong until it is changed. */
export function field(label, control, { hint = "", wide = false } = {}) {
    const id = control.id || `f${(serial += 1)}`;
    control.id = id;
    const trouble = h("p", { class: "field-trouble", id: `${id}-trouble` });
    const help = hint ? h("p", { class: "field-hint", id: `${id}-hint` }, hint) : null;
    control.setAttribute("aria-describedby", [help?.id, trouble.id].filter(Boolean).join(" "));
    const box = h("div", { class: wide ? "field field-wide" : "field" }, h("label", { for: id }, label), control, help, trouble);
    box.fault = (words) => {
        put(trouble, words);
        if (words) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
    };
    control.addEventListener("input", () => box.fault(""));
    return box;
}

export function choice(label, checked, { hint = "", name = "" } = {}) {
    const box = h("input", { type: "checkbox", checked, name });
    const made = h("label", { class: "choice" }, box, h("span", {}, h("span", { class: "choice-label" }, label), hint && h("span", { class: "choice-hint" }, hint)));
    made.box = box;
    return made;
}

export function select(options, value, attributes = {}) {
    return h("select", attributes, options.map(([key, words]) => h("option", { value: key, selected: key === value }, words)));
}
