/**
 * What the page says in the reader's language, and numbers, times and dates as that language writes them.
 * The words come with the page (`<script type="application/json" id="messages">`), from the catalogue that the server
 * filled the page's own text from. `{name}` in a message is a place for a value; a message with plural forms is chosen by
 * the value `count`.
 */
const carried = document.getElementById("messages");
const { language, words } = carried ? JSON.parse(carried.textContent) : { language: document.documentElement.lang, words: {} };
export { language };

/**
 * What numbers and dates are written for: the page's language as the reader's own country has it (`en-GB`), where the
 * browser says so and the script is the same.
 */
const locale = (() => {
    const plain = (tag) => {
        try {
            const { language: name, script } = new Intl.Locale(tag).maximize();
            return `${name}-${script}`;
        } catch {
            return "";
        }
    };
    return navigator.languages.find((tag) => plain(tag) === plain(language)) ?? language;
})();

const formats = new Map();

/** Intl's formats are dear to make and are kept. */
function format(Kind, options = {}) {
    const key = `${Kind.name} ${JSON.stringify(options)}`;
    if (!formats.has(key)) formats.set(key, new Kind(locale, options));
    return formats.get(key);
}

/** The message with its places filled: numbers as the language writes them, everything else as it is. */
export function say(key, values = {}) {
    const message = words[key];
    if (message === undefined) return key;
    const form = typeof message === "string" ? message : (message[format(Intl.PluralRules).select(values.count)] ?? message.other);
    return form.replace(/\{([A-Za-z]+)\}/g, (place, name) => {
        if (!(name in values)) return place;
        return typeof values[name] === "number" ? number(values[name]) : String(values[name]);
    });
}

export function number(value, digits = 0) {
    return format(Intl.NumberFormat, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** `2.5s`, `30 kB`: a number with its unit, as short as it is read. */
export function unit(value, name, digits = 0, unitDisplay = "narrow") {
    const options = { style: "unit", unit: name, unitDisplay, minimumFractionDigits: digits, maximumFractionDigits: digits };
    return format(Intl.NumberFormat, options).format(value);
}

/** `1:02:03`, or `2:03`. */
export function clock(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const two = (part) => String(part).padStart(2, "0");
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole / 60) % 60)];
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** `2 hours 3 minutes`: as it is spoken. */
export function spoken(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const parts = [
        [Math.floor(whole / 3600), "hour"],
        [Math.floor((whole / 60) % 60), "minute"],
        [whole % 60, "second"],
    ];
    const said = parts.filter(([value]) => value).map(([value, name]) => unit(value, name, 0, "long"));
    return format(Intl.ListFormat, { type: "unit", style: "narrow" }).format(said) || unit(0, "second", 0, "long");
}

const isPlain = (date) => !Number.isNaN(date.getTime());

/** A day and a time of the reader's zone, with the zone's name: `Tue, 1 December, 19:00 GMT+1`. */
export function moment(date, options = {}) {
    if (!isPlain(date)) return "";
    const isFar = Math.abs(date - Date.now()) > 300 * 86_400_000;
    return format(Intl.DateTimeFormat, {
        weekday: "short", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", timeZoneName: "short",
        ...(isFar ? { year: "numeric" } : {}), ...options,
    }).format(date);
}

/** A day alone. */
export function day(date, options = {}) {
    return isPlain(date) ? format(Intl.DateTimeFormat, { dateStyle: "long", ...options }).format(date) : "";
}

/** Writes every `<time datetime>` below `place` in the reader's zone; the server wrote them in UTC. */
export function localise(place = document) {
    for (const time of place.querySelectorAll("time[datetime]")) {
        const said = moment(new Date(time.dateTime));
        if (said && time.textContent !== said) time.textContent = said;
    }
}

// The choice is kept in a cookie: an address that is passed on leaves its reader's language to the reader.
const address = new URL(location.href);
if (address.searchParams.has("lang")) {
    address.searchParams.delete("lang");
    history.replaceState(history.state, "", address);
}

// A menu of languages closes like every menu.
for (const menu of document.querySelectorAll("details.languages")) {
    document.addEventListener("pointerdown", (event) => {
        if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !menu.open) return;
        menu.open = false;
        menu.querySelector("summary").focus();
        event.stopPropagation();
    });
}
