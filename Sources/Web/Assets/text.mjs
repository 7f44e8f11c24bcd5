/** `1:02:03`, or `2:03`. */
export function clock(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole / 60) % 60)];
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function spoken(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const say = (number, unit) => (number ? [`${number} ${unit}${number === 1 ? "" : "s"}`] : []);
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole / 60) % 60)];
    const words = [...say(hours, "hour"), ...say(minutes, "minute"), ...say(whole % 60, "second")];
    return words.join(" ") || "0 seconds";
}

/** What the watch page says, in one place. */
export const text = {
    soon: {
        badge: "Starting soon",
        title: "Starting soon",
        line: "Keep this page open. The show begins here by itself.",
    },
    starting: {
        badge: "Live",
        title: "One moment",
        line: "The picture is on its way.",
    },
    live: { badge: "Live", title: "", line: "" },
    away: {
        badge: "Paused",
        title: "The host will be right back",
        line: "The show goes on here as soon as the host is connected again.",
    },
    reconnecting: {
        badge: "Reconnecting",
        title: "Your connection dropped",
        line: "Trying again. There is nothing that you need to do.",
    },
    blocked: {
        badge: "Live",
        title: "The show is live",
        line: "Your device asks for a tap before it plays.",
    },
    ended: {
        badge: "Ended",
        title: "The show has ended",
        line: "Thank you for watching.",
    },
    cancelled: {
        badge: "Cancelled",
        title: "This show was cancelled",
        line: "We are sorry. See what else is on.",
    },
    missing: {
        badge: "Gone",
        title: "This show is no longer here",
        line: "See what else is on.",
    },
    unplayable: {
        badge: "Live",
        title: "This browser cannot play the show",
        line: "Open this page in a current version of Safari, Chrome, Edge or Firefox.",
    },

    replay: { badge: "Replay" },

    behind: (seconds) => (seconds < 60 ? `${seconds.toFixed(1)} s behind live` : `${clock(seconds)} behind live`),
    /** A place in a live show, as it is spoken. */
    spokenBehind: (seconds) => (seconds < 1 ? "Live" : `${spoken(seconds)} behind live`),
    spokenPlace: (seconds, length) => `${spoken(seconds)} of ${spoken(length)}`,
    ago: (seconds) => (seconds < 1 ? "Live" : `\u2212${clock(seconds)}`),
    place: (seconds, length) => `${clock(seconds)} / ${clock(length)}`,
    watching: (count) => `${count.toLocaleString()} watching`,
    auto: (name) => (name ? `Auto (${name})` : "Auto"),
    original: (name) => `Original (${name})`,
    play: "Play",
    pause: "Pause",
    mute: "Mute",
    unmute: "Turn the sound on",
    fullScreen: "Full screen",
    leaveFullScreen: "Leave full screen",
    copied: "Link copied",
    soundOn: "Sound on",
    soundOff: "Sound off",
    quality: (name) => `Quality: ${name}`,
};
