/** Small plots of figures over time, as SVG that reads aloud as one sentence. */
import { vector } from "./elements.mjs";

const [width, height] = [600, 140];

/** 1, 2 or 5 with zeros: what people read off an axis. */
export function roundUp(value) {
    const step = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
    return [1, 2, 3, 4, 5, 6, 8, 10].map((part) => part * step).find((round) => round >= value * 0.999) ?? value;
}

/**
 * @param {(number|null)[][]} lines each with a value a step, oldest first; null where there is none
 * @param {{ label: string, least?: number, steps?: number }} options what it shows, in words
 */
export function plot(lines, { label, least = 1, steps = 0 }) {
    const top = roundUp(Math.max(least, ...lines.flat().filter((value) => value !== null)));
    const count = Math.max(steps, ...lines.map((line) => line.length), 2);
    const svg = vector("svg", { class: "plot-svg", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label });
    for (const part of [0, 0.5, 1]) svg.append(vector("line", { class: "plot-rule", x1: 0, x2: width, y1: place(part, 1), y2: place(part, 1) }));
    lines.forEach((line, index) => {
        for (const run of runs(line)) {
            const points = run.map(([step, value]) => `${across(step + count - line.length, count)},${place(value, top)}`);
            if (points.length === 1) points.push(`${Number(points[0].split(",")[0]) + 2},${points[0].split(",")[1]}`);
            svg.append(vector("polyline", { class: `plot-line plot-line-${index}`, points: points.join(" ") }));
        }
    });
    return { svg, top };
}

const across = (step, count) => ((step * width) / (count - 1)).toFixed(1);
const place = (value, top) => (height - 3 - ((height - 6) * value) / top).toFixed(1);

/** Stretches of a line that have values. */
function runs(line) {
    const found = [];
    let last = -2;
    line.forEach((value, step) => {
        if (value === null || value === undefined) return;
        if (step !== last + 1) found.push([]);
        found.at(-1).push([step, value]);
        last = step;
    });
    return found;
}
