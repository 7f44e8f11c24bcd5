/**
 * What the viewer sees, from what the server says of the show and how the player fares. Pure.
 * @param {{show: {state: string, isPaused: boolean}, isGone: boolean, status: string, hasData: boolean, hasOpening: boolean, isReplay: boolean,
 *     isOnline: boolean, previous: string}} facts `previous` is the scene until now
 * @returns {"soon"|"starting"|"live"|"away"|"reconnecting"|"blocked"|"ended"|"cancelled"|"missing"|"unplayable"}
 */
export function sceneOf({ show, isGone, status, hasData, hasOpening, isReplay, isOnline, previous }) {
    // What is buffered plays to its end, whatever the server says meanwhile.
    if (hasOpening || status === "playing" || (status === "gap" && hasData)) return "live";
    // After an outage the words stay until the picture is back.
    const isReturning = previous === "away" && ["waiting", "loading"].includes(status);
    if (status === "waiting" && !show.isPaused && !isReturning) return isOnline ? "live" : "reconnecting";
    if (isGone) return "missing";
    if (isReplay && ["loading", "waiting", "trouble"].includes(status)) {
        return status === "trouble" || !isOnline ? "reconnecting" : "starting";
    }
    switch (show.state) {
        case "live":
            break;
        case "ended":
        case "replay":
            return "ended";
        case "cancelled":
            return "cancelled";
        default:
            return "soon";
    }
    if (status === "over") return "ended";
    if (status === "unplayable" || status === "blocked") return status;
    if (status === "gap" || show.isPaused || isReturning) return "away";
    return status === "trouble" || !isOnline ? "reconnecting" : "starting";
}
