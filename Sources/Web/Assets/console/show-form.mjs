/** The fields of a show: what is typed becomes the draft that the API takes. */
import { say } from "../messages.mjs";
import { CaptionFields } from "./caption-fields.mjs";
import { choice, field, h, select } from "./elements.mjs";
import { instantOf, localText, ownZone, zones } from "./zoned.mjs";

const languages = ["en", "zh-Hans", "es", "pt", "fr", "id", "ja", "de", "it", "ko", "ms", "vi", "th", "ar", "ru"];
const nameOf = (tag) => {
    try {
        return new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "language" }).of(tag);
    } catch {
        return tag;
    }
};

export class ShowForm {
    /** @param {object} show as the API has it, or {} for a new one */
    constructor(show, { people = [], isNew = false } = {}) {
        this.zone = show.zone ?? ownZone();
        this.id = isNew ? h("input", { type: "text", maxlength: 64, pattern: "[a-z0-9][a-z0-9_\\-]*", autocapitalize: "none", spellcheck: "false" }) : null;
        this.language = select(withOwn(languages, show.language).map((tag) => [tag, nameOf(tag)]), show.language ?? "en");
        this.start = h("input", { type: "datetime-local", step: 60, value: show.start ? localText(new Date(show.start), this.zone) : "" });
        this.zoneBox = select(withOwn(zones(), this.zone).map((zone) => [zone, zone.replaceAll("_", " ")]), this.zone);
        this.length = h("input", { type: "number", min: 1, max: 1440, inputmode: "numeric", value: show.lengthMinutes ?? "" });
        this.weekly = choice(say("console.form.weekly"), Boolean(show.recurrence), { hint: say("console.form.weekly.hint") });
        this.visibility = select(["public", "unlisted", "token"].map((name) => [name, say(`console.form.visibility.${name}`)]), show.visibility ?? "public");
        this.tags = h("input", { type: "text", maxlength: 400, value: (show.tags ?? []).join(", ") });
        this.profile = select(["low", "balanced", "quality"].map((name) => [name, say(`console.form.profile.${name}`)]), show.profile ?? "balanced");
        this.source = choice(say("console.form.source"), show.source ?? true, { hint: say("console.form.source.hint") });
        this.rehearsal = choice(say("console.form.rehearsal"), show.rehearsal ?? true, { hint: say("console.form.rehearsal.hint") });
        this.startsWithFeed = choice(say("console.form.startsWithFeed"), show.startsWithFeed ?? false, { hint: say("console.form.startsWithFeed.hint") });
        this.embed = h("textarea", { rows: 2, spellcheck: "false" });
        this.embed.value = (show.embedOrigins ?? []).join("\n");
        this.captions = new CaptionFields(show.captions ?? [], languages);
        this.hosts = people.length ? h("select", { multiple: true, size: Math.min(5, people.length) }, people.map((person) => h("option", { value: person.id, selected: (show.hosts ?? []).includes(person.id) }, person.name))) : null;
        this.texts = h("div", { class: "texts" });
        for (const tag of new Set([show.language ?? "en", ...Object.keys(show.titles ?? {}), ...Object.keys(show.descriptions ?? {})])) {
            this.#addText(tag, show.titles?.[tag] ?? "", show.descriptions?.[tag] ?? "");
        }
        const more = select([["", say("console.form.addLanguage")], ...languages.map((tag) => [tag, nameOf(tag)])], "", { "aria-label": say("console.form.addLanguage") });
        more.addEventListener("change", () => {
            if (more.value && !this.#boxes.has(more.value)) this.#addText(more.value, "", "").focus();
            more.value = "";
        });

        this.fields = {
            start: field(say("console.form.start"), this.start),
            zone: field(say("console.form.zone"), this.zoneBox),
            lengthMinutes: field(say("console.form.length"), this.length),
            language: field(say("console.form.language"), this.language, { hint: say("console.form.language.hint") }),
            visibility: field(say("console.form.visibility"), this.visibility),
            tags: field(say("console.form.tags"), this.tags, { hint: say("console.form.tags.hint") }),
            profile: field(say("console.form.profile"), this.profile),
            embedOrigins: field(say("console.form.embed"), this.embed, { hint: say("console.form.embed.hint"), wide: true }),
            captions: this.captions,
            ...(this.hosts ? { hosts: field(say("console.form.hosts"), this.hosts, { hint: say("console.form.hosts.hint") }) } : {}),
            ...(this.id ? { id: field(say("console.form.id"), this.id, { hint: say("console.form.id.hint") }) } : {}),
        };
        this.rest = h("p", { class: "trouble", role: "alert" });
        const group = (title, ...content) => h("fieldset", { class: "card" }, h("legend", {}, title), ...content);
        this.place = h("div", { class: "stack" },
            group(say("console.form.words"), this.texts, more),
            group(say("console.form.time"), h("div", { class: "fields" }, this.fields.start, this.fields.zone, this.fields.lengthMinutes), this.weekly),
            group(say("console.form.audience"), h("div", { class: "fields" }, this.fields.language, this.fields.visibility, this.fields.tags, this.fields.hosts, this.fields.id)),
            group(say("console.form.captions"), this.captions.place),
            group(say("console.form.stream"), h("div", { class: "fields" }, this.fields.profile), this.source, this.rehearsal, this.startsWithFeed),
            group(say("console.form.elsewhere"), this.fields.embedOrigins),
            this.rest);
    }

    #boxes = new Map();

    #addText(tag, title, description) {
        const name = h("input", { type: "text", maxlength: 200, value: title, lang: tag });
        const line = h("textarea", { rows: 3, maxlength: 5000, lang: tag });
        line.value = description;
        const titleField = field(`${say("console.form.title")} (${nameOf(tag)})`, name, { wide: true });
        const lineField = field(`${say("console.form.description")} (${nameOf(tag)})`, line, { wide: true });
        this.#boxes.set(tag, { name, line, titleField, lineField });
        this.texts.append(titleField, lineField);
        return name;
    }

    /** What the API takes. */
    get draft() {
        const kept = (pick) => Object.fromEntries([...this.#boxes].map(([tag, box]) => [tag, pick(box).value.trim()]).filter(([, words]) => words));
        const zone = this.zoneBox.value;
        const start = this.start.value ? instantOf(this.start.value, zone) : null;
        return {
            titles: kept((box) => box.name),
            descriptions: kept((box) => box.line),
            language: this.language.value,
            start: start?.toISOString() ?? null,
            zone: start ? zone : null,
            lengthMinutes: this.length.value ? Number(this.length.value) : null,
            recurrence: this.weekly.box.checked ? { weekly: true } : null,
            visibility: this.visibility.value,
            tags: split(this.tags.value, ","),
            profile: this.profile.value,
            source: this.source.box.checked,
            rehearsal: this.rehearsal.box.checked,
            startsWithFeed: this.startsWithFeed.box.checked,
            embedOrigins: split(this.embed.value, "\n"),
            captions: this.captions.draft,
            ...(this.hosts ? { hosts: [...this.hosts.selectedOptions].map((option) => option.value) } : {}),
            ...(this.id?.value ? { id: this.id.value } : {}),
        };
    }

    /** Marks what the server did not take, and goes to the first of it. */
    blame(refusal, words) {
        const rest = [];
        let first = null;
        for (const { field: name, reason } of refusal.errors ?? []) {
            const [head, tag] = name.split(".");
            const text = this.#boxes.get(tag);
            const place = this.fields[head] ?? (text && (head === "titles" ? text.titleField : text.lineField)) ?? (head === "titles" ? [...this.#boxes.values()][0].titleField : null);
            if (!place) {
                rest.push(`${name}: ${reason}`);
                continue;
            }
            place.fault(reason);
            first ??= place;
        }
        this.rest.textContent = rest.length || !first ? [words, ...rest].join(" ") : "";
        first?.querySelector("input, select, textarea")?.focus();
    }
}

const split = (text, mark) => text.split(mark).map((part) => part.trim()).filter(Boolean);
const withOwn = (known, own) => (own && !known.includes(own) ? [own, ...known] : known);
