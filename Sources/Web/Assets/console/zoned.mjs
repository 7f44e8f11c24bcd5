/** Local times of a zone: what a form shows, and the instants that are stored. */

const formats = new Map();

function parts(instant, zone) {
    if (!formats.has(zone)) {
        formats.set(zone, new Intl.DateTimeFormat("en-US", {
            timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
        }));
    }
    return Object.fromEntries(formats.get(zone).formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
}

/** Milliseconds that the zone is ahead of UTC at an instant. */
function ahead(instant, zone) {
    const { year, month, day, hour, minute, second } = parts(instant, zone);
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant.getTime() / 1000) * 1000;
}

/** `2026-12-01T19:00` in a zone, as `datetime-local` has it, for an instant. */
export function localText(instant, zone) {
    const shifted = new Date(instant.getTime() + ahead(instant, zone));
    return shifted.toISOString().slice(0, 16);
}

/** The instant of a `datetime-local` text in a zone; null where the text is none. A time that a change of clocks leaves out moves on. */
export function instantOf(text, zone) {
    const plain = Date.parse(`${text}:00Z`);
    if (Number.isNaN(plain)) return null;
    const first = new Date(plain - ahead(new Date(plain), zone));
    // Near a change of clocks the offset is another on its other side.
    return new Date(plain - ahead(first, zone));
}

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export const zones = () => {
    const known = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
    return [...new Set(["UTC", ownZone(), ...known])];
};
