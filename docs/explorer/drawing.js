// Charts as text of SVG, one unit to a pixel, so that letters keep their size on a narrow screen.
"use strict";

const drawing = (() => {
  const MARGIN = { left: 40, right: 12, top: 24, bottom: 36 };
  const px = (x) => x.toFixed(1);
  /** A number with a minus sign, which is as wide as a digit. */
  const signed = (x) => String(x).replaceAll("-", "\u2212");

  const scale = ([low, high], [from, to]) => (x) => from + ((x - low) / (high - low)) * (to - from);

  /** Round numbers in [low, high], about `count` of them. */
  function ticks([low, high], count) {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].find((m) => m * power >= rough) * power;
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => Number(((first + i) * step).toPrecision(6)));
  }

  /** n + 1 numbers from low to high. */
  const grid = (low, high, n) => Array.from({ length: n + 1 }, (_, i) => low + ((high - low) * i) / n);

  const words = (x, y, text, how = "") => `<text x="${px(x)}" y="${px(y)}" ${how}>${text}</text>`;
  const line = (x1, y1, x2, y2, name) =>
    `<line class="${name}" x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`;
  const box = (x, y, width, height, name) =>
    `<rect class="${name}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(Math.max(height, 0))}"/>`;
  const disc = (x, y, r, name) => `<circle class="${name}" cx="${px(x)}" cy="${px(y)}" r="${r}"/>`;
  const joined = (points) => points.map(([x, y]) => `${px(x)},${px(y)}`).join(" ");
  const curve = (points, name) => `<polyline class="line ${name}" points="${joined(points)}"/>`;
  const area = (points, ground, name) => {
    const ends = [
      [points.at(-1)[0], ground],
      [points[0][0], ground],
    ];
    return `<polygon class="${name}" points="${joined([...points, ...ends])}"/>`;
  };

  /**
   * A chart with its axes; `draw({ x, y })` makes what is inside, which is cut off at the frame. `x` and `y` are ranges,
   * `labels` their names, and ticks below `ground` are left out.
   */
  function chart({ top = 0, width, height, x, y, labels, ground = -Infinity }, draw) {
    const left = MARGIN.left;
    const right = width - MARGIN.right;
    const high = top + MARGIN.top;
    const low = top + height - MARGIN.bottom;
    const to = { x: scale(x, [left, right]), y: scale(y, [low, high]) };
    const across = ticks(x, width / 90).map((t) => words(to.x(t), low + 15, signed(t), 'text-anchor="middle"'));
    const up = ticks(y, height / 60)
      .filter((t) => t >= ground)
      .map((t) => line(left, to.y(t), right, to.y(t), "grid") + words(left - 5, to.y(t) + 4, signed(t), 'text-anchor="end"'));
    const names = words(right, low + 30, labels[0], 'text-anchor="end"') + words(left - 22, high - 10, labels[1]);
    const inside = { x: scale(x, [0, right - left]), y: scale(y, [low - high, 0]) };
    const frame = `x="${left}" y="${high}" width="${right - left}" height="${low - high}"`;
    return `${up.join("")}${across.join("")}<svg ${frame}>${draw(inside)}</svg>${names}`;
  }

  return { signed, grid, words, line, box, disc, curve, area, chart };
})();
