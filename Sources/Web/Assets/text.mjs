import { clock, say, spoken, unit } from "./messages.mjs";

export { clock };

const scene = (name, badge = `scene.${name}.badge`) => ({
    badge: say(badge),
    title: say(`scene.${name}.title`),
    line: say(`scene.${name}.line`),
});

/** What the watch page says, in one place. */
export const text = {
    soon: scene("soon", "badge.soon"),
    starting: scene("starting", "badge.live"),
    live: { badge: say("badge.live"), title: "", line: "" },
    away: scene("away", "badge.paused"),
    reconnecting: scene("reconnecting"),
    blocked: scene("blocked", "badge.live"),
    ended: scene("ended", "badge.ended"),
    cancelled: scene("cancelled"),
    missing: scene("missing"),
    unplayable: scene("unplayable", "badge.live"),

    moved: (time) => say("watch.moved", { time }),
    replay: { badge: say("badge.replay") },
    scheduled: { badge: say("badge.scheduled") },

    behind: (seconds) => say("player.behind", { time: seconds < 60 ? unit(seconds, "second", 1) : clock(seconds) }),
    /** A place in a live show, as it is spoken. */
    spokenBehind: (seconds) => (seconds < 1 ? say("player.atLive") : say("player.behind", { time: spoken(seconds) })),
    spokenPlace: (seconds, length) => say("player.place", { place: spoken(seconds), length: spoken(length) }),
    ago: (seconds) => (seconds < 1 ? say("player.atLive") : `\u2212${clock(seconds)}`),
    place: (seconds, length) => `${clock(seconds)} / ${clock(length)}`,
    watching: (count) => say("player.watching", { count }),
    auto: (name) => (name ? say("player.autoNow", { name }) : say("player.auto")),
    original: (name) => say("player.original", { name }),
    play: say("player.play"),
    pause: say("player.pause"),
    mute: say("player.mute"),
    unmute: say("player.unmute"),
    fullScreen: say("player.fullScreen"),
    leaveFullScreen: say("player.leaveFullScreen"),
    copied: say("player.copied"),
    soundOn: say("player.soundOn"),
    soundOff: say("player.soundOff"),
    quality: (name) => say("player.quality", { name }),
    captions: (name) => say("player.captions", { name }),
    noCaptions: say("player.noCaptions"),
    machineMade: (name) => say("player.machineMade", { name }),
    back: say("player.back"),
    secondCaptions: say("player.captions.second"),
    captionLook: say("player.captions.look"),
    transcript: say("player.transcript"),
    closeTranscript: say("player.transcript.close"),
    look: {
        size: {
            title: say("player.look.size"),
            normal: say("player.look.size.normal"),
            small: say("player.look.size.small"),
            large: say("player.look.size.large"),
            huge: say("player.look.size.huge"),
        },
        place: { title: say("player.look.place"), bottom: say("player.look.place.bottom"), top: say("player.look.place.top") },
        backdrop: {
            title: say("player.look.backdrop"),
            shade: say("player.look.backdrop.shade"),
            solid: say("player.look.backdrop.solid"),
            none: say("player.look.backdrop.none"),
        },
        ink: {
            title: say("player.look.ink"),
            white: say("player.look.ink.white"),
            yellow: say("player.look.ink.yellow"),
            black: say("player.look.ink.black"),
        },
    },
};
