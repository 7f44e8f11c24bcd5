/** Runs the room: nothing slows them down. */
export const isStaff = ({ badge }) => ["host", "moderator", "operator"].includes(badge);

/** What a reader may do: "write", "name" (first), or what stands in the way. */
export function standing({ you, mode }, hasDoor = false) {
    if (you.canWrite) return "write";
    if (you.why === "banned") return "banned";
    if (you.why === "timed-out") return "timedOut";
    const isNameless = !you.id || !you.name;
    switch (mode.writing) {
        case "nobody":
            return "nobody";
        case "signedIn":
            return "signIn";
        case "link":
            return isNameless && hasDoor ? "name" : "link";
        default:
            return isNameless ? "name" : "refused";
    }
}
