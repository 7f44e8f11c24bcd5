/** What the studio says of a show and its feed, in the reader's language. */
import { clock, number, say } from "./messages.mjs";

/** How the show stands: the badge, its kind, and two lines. `hasFeed`: an encoder is connected. */
export function standing(show) {
    const hasFeed = show.feed !== null;
    switch (show.state) {
        case "rehearsal":
            return {
                badge: say("studio.rehearsal"),
                kind: "rehearsal",
                title: say("studio.rehearsal.title"),
                line: hasFeed ? say("studio.rehearsal.line") : say("studio.rehearsal.start"),
            };
        case "live":
            if (hasFeed && !show.renditions.length) {
                return { badge: say("badge.live"), kind: "live", title: say("studio.goingLive"), line: say("studio.goingLive.line") };
            }
            return hasFeed
                ? { badge: say("badge.live"), kind: "live", title: say("studio.live"), line: say("studio.watching", { count: show.viewers }) }
                : { badge: say("badge.paused"), kind: "", title: say("studio.away"), line: say("studio.away.line") };
        case "ended":
        case "replay":
            return { badge: say("badge.ended"), kind: "", title: say("studio.ended"), line: say("studio.ended.line") };
        case "cancelled":
            return { badge: say("console.state.cancelled"), kind: "", title: say("studio.cancelled"), line: "" };
        default:
            return {
                badge: say("studio.off"),
                kind: "",
                title: say(hasFeed ? "studio.goingOn" : "studio.ready"),
                line: show.rehearsesFirst
                    ? say("studio.ready.rehearsal")
                    : say("studio.ready.live"),
            };
    }
}

/** There will be nothing more to stream. */
export const isOver = (show) => ["ended", "replay", "cancelled"].includes(show.state);

/** What stands where the picture will be, or why it is not there. */
export function emptyPreview(show, player) {
    if (player === "unplayable") return [say("studio.noPreview"), say("studio.noPreview.line")];
    if (player === "blocked") return [say("studio.blocked"), say("studio.blocked.line")];
    if (isOver(show)) return [say("studio.noPicture"), say("studio.over")];
    if (!show.feed) return [say("studio.noPictureYet"), say("studio.noPictureYet.line")];
    return [say("studio.moment"), say("studio.moment.line")];
}

/** The line beside the heading of the findings. */
export function verdict(show) {
    if (!show.feed) return say("studio.noStream");
    const count = (severity) => show.findings.filter((finding) => finding.severity === severity).length;
    const [errors, warnings] = [count("error"), count("warning")];
    if (errors) return say("studio.errors", { count: errors });
    if (warnings) return say("studio.warnings", { count: warnings });
    return { off: say("studio.unseen.short"), starting: say("studio.looking.short") }[show.feed.observed] ?? say("studio.allGood");
}

/** What the list says while there are no findings: good news only where somebody has looked. */
export function noFindings({ feed }) {
    if (!feed) {
        return { code: "absent", severity: "info", title: say("studio.absent"), fix: say("studio.absent.fix") };
    }
    switch (feed.observed) {
        case "off":
            return { code: "unseen", severity: "info", title: say("studio.unseen"), fix: say("studio.unseen.fix") };
        case "starting":
            return { code: "starting", severity: "info", title: say("studio.looking"), fix: say("studio.looking.fix") };
        default:
            return { code: "none", severity: "good", title: say("studio.well"), fix: say("studio.well.fix") };
    }
}

/** How a place that the stream is sent on to stands, as a note. */
export function elsewhere({ name, state, since, trouble, retrySeconds }) {
    const note = (severity, key, values = {}) => ({
        code: name, severity, title: `${name}: ${say(`studio.elsewhere.${key}`, values)}`, fix: say(`studio.elsewhere.${key}.line`, values),
    });
    switch (state) {
        case "connected":
            return note("good", "connected", { time: clock((Date.now() - Date.parse(since)) / 1000) });
        case "slow":
            return note("warning", "slow");
        case "connecting":
            return note("info", "connecting");
        case "retrying": {
            const wait = Math.ceil(retrySeconds ?? 0);
            const why = trouble ? `${trouble.title} ${trouble.fix}` : say("studio.elsewhere.unreached");
            return { ...note("warning", wait ? "retrying" : "retryingNow", { seconds: wait }), fix: why };
        }
        default:
            return note("info", "waiting");
    }
}

export function elsewhereVerdict(targets) {
    const well = targets.filter(({ state }) => state === "connected").length;
    return targets.length ? say("studio.elsewhere.verdict", { well, all: targets.length }) : "";
}

export const severities = { error: say("studio.severity.error"), warning: say("studio.severity.warning"), info: say("studio.severity.info") };

export function loudness(levels) {
    if (!levels) return "";
    if (levels.shortTerm < -70) return say("studio.silent");
    const value = `${number(levels.shortTerm, 1).replace("-", "−")} LUFS`;
    if (levels.shortTerm < -28) return say("studio.quiet", { value });
    return levels.shortTerm > -10 ? say("studio.loud", { value }) : say("studio.good", { value });
}

export const kilobits = (value) => say("console.kilobits", { count: value });

export function plotLabel(series) {
    if (!series.length) return say("studio.rate.none");
    return say("studio.rate.label", { seconds: series.length, least: Math.min(...series), most: kilobits(Math.max(...series)), now: kilobits(series.at(-1)) });
}

/** Pairs of a word and what there is to say of it. */
export function facts(show) {
    const { feed } = show;
    if (!feed) return [[say("studio.fact.stream"), say("studio.fact.absent")]];
    const since = (Date.now() - Date.parse(feed.connectedSince)) / 1000;
    const rows = [[say("studio.fact.connected"), say("studio.fact.since", { protocol: feed.protocol.toUpperCase(), time: clock(since) })]];
    if (feed.encoder) rows.push([say("studio.fact.encoder"), feed.encoder]);
    const { video, audio, srt } = feed;
    if (video) {
        const rate = video.framesPerSecond ? `, ${number(video.framesPerSecond, video.framesPerSecond % 1 ? 2 : 0)} fps` : "";
        rows.push([say("studio.fact.picture"), `${video.width}×${video.height}${rate}, ${codecName(video.codec)}`]);
        if (video.keyframeIntervalSeconds) rows.push([say("studio.fact.keyframes"), say("studio.fact.every", { seconds: number(video.keyframeIntervalSeconds, 1) })]);
    }
    if (audio) rows.push([say("studio.sound"), `${codecName(audio.codec)}, ${number(audio.sampleRate / 1000, 1)} kHz, ${audio.channels === 1 ? say("studio.fact.mono") : audio.channels === 2 ? say("studio.fact.stereo") : say("studio.fact.channels", { count: audio.channels })}`]);
    if (srt) {
        rows.push([say("studio.fact.roundTrip"), say("studio.fact.buffered", { trip: Math.round(srt.roundTripMilliseconds), buffer: Math.round(srt.bufferMilliseconds) })]);
        const share = srt.received ? (100 * srt.lost) / srt.received : 0;
        rows.push([say("studio.fact.lost"), say("studio.fact.losses", { lost: srt.lost, share: number(share, 2), again: srt.retransmitted, dropped: srt.dropped })]);
    }
    const names = show.renditions.map((rendition) => {
        if (rendition.isShed) return say("studio.fact.shed", { name: rendition.name });
        if (rendition.isHalved) return say("studio.fact.halved", { name: rendition.name });
        return rendition.isPassthrough && rendition.height ? say("studio.fact.own", { name: rendition.name, size: String(Math.min(rendition.width, rendition.height)) }) : rendition.name;
    });
    if (names.length) rows.push([say("studio.fact.qualities"), names.join(", ")]);
    if (names.length && show.unfit.length) rows.push([say("studio.fact.anew"), say("studio.fact.unfit", { reasons: show.unfit.join("; ") })]);
    return rows;
}

export const questions = {
    end: { title: say("studio.end.title"), line: say("studio.end.line"), yes: say("studio.end.yes") },
    grave: { title: say("studio.grave"), line: say("studio.grave.line"), yes: say("studio.goLive") },
    off: { title: say("studio.unchecked"), line: say("studio.unchecked.off"), yes: say("studio.goLive") },
    starting: { title: say("studio.unchecked"), line: say("studio.unchecked.starting"), yes: say("studio.goLive") },
};

/** What is asked before going live; null where nothing speaks against it. */
export function doubt({ findings, feed }) {
    if (findings.some((finding) => finding.severity === "error")) return questions.grave;
    return (feed && questions[feed.observed]) || null;
}

export const entry = {
    wrong: say("studio.entry.wrong"),
    slow: say("studio.entry.slow"),
    open: say("studio.entry.open"),
    away: say("studio.entry.away"),
    awaited: say("studio.entry.awaited"),
    lost: say("studio.entry.lost"),
};

/** The name that people know a codec by, of its RFC 6381 name. */
function codecName(codec) {
    const names = { avc1: "H.264", hvc1: "HEVC", hev1: "HEVC", av01: "AV1", mp4a: "AAC", opus: "Opus" };
    return names[codec.split(".")[0]] ?? codec;
}
