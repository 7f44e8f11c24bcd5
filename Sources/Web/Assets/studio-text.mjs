import { clock } from "./text.mjs";

const number = (value, digits = 0) =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** How the show stands: the badge, its kind, and two lines. `hasFeed`: an encoder is connected. */
export function standing(show) {
    const hasFeed = show.feed !== null;
    switch (show.state) {
        case "rehearsal":
            return {
                badge: "Rehearsal",
                kind: "rehearsal",
                title: "Rehearsal: only you can see this",
                line: hasFeed ? "Nothing is shown to viewers, and nothing is recorded." : "Start streaming in your encoder; nobody else will see it.",
            };
        case "live":
            if (hasFeed && !show.renditions.length) {
                return { badge: "Live", kind: "live", title: "Going live…", line: "Viewers get your picture from its next keyframe on." };
            }
            return hasFeed
                ? { badge: "Live", kind: "live", title: "You are live", line: watching(show.viewers) }
                : { badge: "Paused", kind: "", title: "Your encoder is away", line: "Viewers are told that you will be right back. Start streaming again to go on." };
        case "ended":
        case "replay":
            return { badge: "Ended", kind: "", title: "The show has ended", line: "An operator can open it again." };
        case "cancelled":
            return { badge: "Cancelled", kind: "", title: "The show is cancelled", line: "" };
        default:
            return {
                badge: "Off air",
                kind: "",
                title: hasFeed ? "Going on air…" : "Ready when you are",
                line: show.rehearsesFirst
                    ? "Start streaming in your encoder. Only you will see it until you go live."
                    : "The show goes live by itself when your encoder starts. Press Rehearse first to try it out unseen.",
            };
    }
}

function watching(count) {
    return count === 1 ? "1 viewer is watching." : `${number(count)} viewers are watching.`;
}

/** There will be nothing more to stream. */
export const isOver = (show) => ["ended", "replay", "cancelled"].includes(show.state);

/** What stands where the picture will be, or why it is not there. */
export function emptyPreview(show, player) {
    if (player === "unplayable") return ["No preview", "This browser cannot play it; your viewers' can."];
    if (player === "blocked") return ["The preview is ready", "Your browser plays it as soon as you ask for it."];
    if (isOver(show)) return ["No picture", "The show is over."];
    if (!show.feed) return ["No picture yet", "Start streaming in your encoder with this show's key."];
    return ["One moment", "Your picture is on its way."];
}

/** The line beside the heading of the findings. */
export function verdict(show) {
    if (!show.feed) return "No stream";
    const count = (severity) => show.findings.filter((finding) => finding.severity === severity).length;
    const [errors, warnings] = [count("error"), count("warning")];
    if (errors) return errors === 1 ? "1 serious problem" : `${errors} serious problems`;
    if (warnings) return warnings === 1 ? "1 thing to improve" : `${warnings} things to improve`;
    return { off: "Not looked at", starting: "Looking…" }[show.feed.observed] ?? "All good";
}

/** What the list says while there are no findings: good news only where somebody has looked. */
export function noFindings({ feed }) {
    if (!feed) {
        return { code: "absent", severity: "info", title: "Your encoder is not connected.", fix: "As soon as you start streaming, everything that can be improved is listed here." };
    }
    switch (feed.observed) {
        case "off":
            return { code: "unseen", severity: "info", title: "Your stream is not looked at.", fix: "This server does not look for problems. Watch and listen to the preview yourself." };
        case "starting":
            return { code: "starting", severity: "info", title: "Looking at your stream…", fix: "It takes a few seconds until there is something to say." };
        default:
            return { code: "none", severity: "good", title: "Nothing to complain about.", fix: "Picture, sound and connection are as they should be." };
    }
}

/** How a place that the stream is sent on to stands, as a note. */
export function elsewhere({ name, state, since, trouble, retrySeconds }) {
    const note = (severity, title, fix) => ({ code: name, severity, title: `${name}: ${title}`, fix });
    switch (state) {
        case "connected":
            return note("good", "connected", `It takes your stream, for ${clock((Date.now() - Date.parse(since)) / 1000)} now.`);
        case "slow":
            return note("warning", "too slow", "It takes less than you send, so viewers there miss some of it. Send fewer kbit/s, or ask the service.");
        case "connecting":
            return note("info", "connecting…", "It is being called.");
        case "retrying": {
            const wait = Math.ceil(retrySeconds ?? 0);
            return note("warning", `retrying${wait ? ` in ${wait} s` : "…"}`, `${trouble?.title ?? "It could not be reached."} ${trouble?.fix ?? ""}`.trim());
        }
        default:
            return note("info", "waiting", "It gets your stream once you are on air.");
    }
}

export function elsewhereVerdict(targets) {
    const well = targets.filter(({ state }) => state === "connected").length;
    return targets.length ? `${well} of ${targets.length} connected` : "";
}

export const severities = { error: "Serious problem", warning: "Warning", info: "Note" };

export function loudness(levels) {
    if (!levels) return "";
    if (levels.shortTerm < -70) return "Silent";
    const value = `${number(levels.shortTerm, 1).replace("-", "−")} LUFS`;
    if (levels.shortTerm < -28) return `${value}, quiet`;
    return levels.shortTerm > -10 ? `${value}, too loud` : `${value}, good`;
}

export const kilobits = (value) => `${number(value)} kbit/s`;

export function plotLabel(series) {
    if (!series.length) return "No bitrate yet";
    return `Bitrate of the last ${series.length} seconds: between ${number(Math.min(...series))} and ${kilobits(Math.max(...series))}, now ${kilobits(series.at(-1))}`;
}

/** Pairs of a word and what there is to say of it. */
export function facts(show) {
    const { feed } = show;
    if (!feed) return [["Stream", "not connected"]];
    const since = (Date.now() - Date.parse(feed.connectedSince)) / 1000;
    const rows = [["Connected", `${feed.protocol.toUpperCase()}, for ${clock(since)}`]];
    if (feed.encoder) rows.push(["Encoder", feed.encoder]);
    const { video, audio, srt } = feed;
    if (video) {
        const rate = video.framesPerSecond ? `, ${number(video.framesPerSecond, video.framesPerSecond % 1 ? 2 : 0)} fps` : "";
        rows.push(["Picture", `${video.width}×${video.height}${rate}, ${codecName(video.codec)}`]);
        if (video.keyframeIntervalSeconds) rows.push(["Keyframes", `every ${number(video.keyframeIntervalSeconds, 1)} s`]);
    }
    if (audio) rows.push(["Sound", `${codecName(audio.codec)}, ${number(audio.sampleRate / 1000, 1)} kHz, ${audio.channels === 1 ? "mono" : audio.channels === 2 ? "stereo" : `${audio.channels} channels`}`]);
    if (srt) {
        rows.push(["Round trip", `${number(srt.roundTripMilliseconds)} ms, ${number(srt.bufferMilliseconds)} ms buffered`]);
        const share = srt.received ? (100 * srt.lost) / srt.received : 0;
        rows.push(["Lost packets", `${number(srt.lost)} (${number(share, 2)} %), ${number(srt.retransmitted)} sent again, ${number(srt.dropped)} given up`]);
    }
    const names = show.renditions.map((rendition) =>
        rendition.isPassthrough && rendition.height ? `${rendition.name} (${Math.min(rendition.width, rendition.height)}p, your own picture)` : rendition.name);
    if (names.length) rows.push(["Qualities", names.join(", ")]);
    if (names.length && show.unfit.length) rows.push(["Encoded anew", `since ${show.unfit.join("; ")}`]);
    return rows;
}

export const questions = {
    end: { title: "End the show?", line: "Viewers see that it is over, and the replay is made. Only an operator can open it again.", yes: "End the show" },
    grave: { title: "Go live all the same?", line: "There are serious problems with your stream; viewers will notice.", yes: "Go live" },
    off: { title: "Go live unchecked?", line: "Nobody looks for problems in your stream. Have you watched and listened to the preview?", yes: "Go live" },
    starting: { title: "Go live unchecked?", line: "Your stream has only just begun to be looked at; it takes a few seconds to find problems.", yes: "Go live" },
};

/** What is asked before going live; null where nothing speaks against it. */
export function doubt({ findings, feed }) {
    if (findings.some((finding) => finding.severity === "error")) return questions.grave;
    return (feed && questions[feed.observed]) || null;
}

export const entry = {
    wrong: "This is not the key of this show. Copy it again from where you got it.",
    slow: "Too many wrong keys. Wait a few seconds, then try again.",
    open: "This page is not encrypted: who shares your network can read the key. Open it with https:// if you can.",
    away: "The server cannot be reached. Check your connection and try again.",
    awaited: "The server cannot be reached. Trying again with the key of this tab.",
    lost: "The connection to the server is lost. Trying again; your stream is not touched by this.",
};

/** The name that people know a codec by, of its RFC 6381 name. */
function codecName(codec) {
    const names = { avc1: "H.264", hvc1: "HEVC", hev1: "HEVC", av01: "AV1", mp4a: "AAC", opus: "Opus" };
    return names[codec.split(".")[0]] ?? codec;
}
