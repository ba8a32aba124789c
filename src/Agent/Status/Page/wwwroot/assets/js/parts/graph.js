// Throughput of the last minutes: a drawing for the eye, a sentence and a table for those who do not see it.

import { h, setAttribute, setHidden, setText, svg } from '../dom.js';
import { rate } from '../format.js';

const WIDTH = 300;
const HEIGHT = 100;
const TABLE_ROWS = 10;
const CALM_SAMPLES = 5;

/** Parts of a file arrive in bursts: what is drawn is the mean of so many seconds. */
const SMOOTHED = 5;

/** A flat line at nothing still needs a scale. */
const LOWEST_TOP = 1024;

export class Graph {
  #model;
  #up = svg('path', { class: 'graph-up' });
  #upFill = svg('path', { class: 'graph-up-fill' });
  #down = svg('path', { class: 'graph-down' });
  #top = h('span', { class: 'graph-top' });
  #nowUp = h('strong');
  #nowDown = h('strong');
  #drawing = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': 'Throughput of the last five minutes' });
  #body = h('tbody');
  #details;
  #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #skipped = 0;

  constructor(model) {
    this.#model = model;
    this.#drawing.append(
      ...[0.25, 0.5, 0.75].map(part => svg('line', { class: 'graph-line', x1: 0, x2: WIDTH, y1: HEIGHT * part, y2: HEIGHT * part })),
      this.#upFill, this.#up, this.#down);
    this.#details = h('details', { on: { toggle: () => this.#fillTable() } },
      h('summary', { text: 'As a table' }),
      h('table', {},
        h('thead', {}, h('tr', {}, ...['Minutes ago', 'Up', 'Down'].map(text => h('th', { scope: 'col', text })))), this.#body));
    this.element = h('div', { class: 'graph' },
      h('p', { class: 'graph-now' },
        h('span', { class: 'key-up' }, 'Up ', this.#nowUp), h('span', { class: 'key-down' }, 'Down ', this.#nowDown)),
      h('div', { class: 'graph-drawing' }, this.#top, this.#drawing),
      h('p', { class: 'graph-axis', 'aria-hidden': 'true' }, h('span', { text: '5 min ago' }), h('span', { text: 'now' })),
      this.#details);
    model.addEventListener('sample', () => this.#sampled());
  }

  /** The figures of this moment. */
  update() {
    const speed = this.#model.snapshot?.speed ?? { upload: 0, download: 0 };
    setText(this.#nowUp, rate(speed.upload));
    setText(this.#nowDown, rate(speed.download));
  }

  #sampled() {
    if (!this.element.isConnected || document.hidden) return;
    if (this.#calm.matches && ++this.#skipped % CALM_SAMPLES !== 0) return;
    const samples = smooth(this.#model.samples);
    const highest = Math.max(0, ...samples.map(sample => Math.max(sample?.upload ?? 0, sample?.download ?? 0)));
    const top = niceTop(Math.max(highest, LOWEST_TOP));
    setText(this.#top, rate(top));
    setHidden(this.#top, highest === 0);
    const up = this.#path(samples, 'upload', top);
    this.#up.setAttribute('d', up.line);
    this.#upFill.setAttribute('d', up.area);
    const downloads = samples.some(sample => sample?.download > 0);
    this.#down.setAttribute('d', downloads ? this.#path(samples, 'download', top).line : '');
    const most = Math.max(0, ...samples.map(sample => sample?.upload ?? 0));
    setAttribute(this.#drawing, 'aria-label', `Throughput of the last five minutes. Up at most ${rate(most)}.`);
    if (this.#details.open) this.#fillTable();
  }

  #path(samples, direction, top) {
    const step = WIDTH / (samples.length - 1);
    let line = '';
    let area = '';
    let begun = null;
    samples.forEach((sample, index) => {
      const x = (index * step).toFixed(1);
      if (!sample) {
        if (begun !== null) area += `V${HEIGHT}H${begun}Z`;
        begun = null;
        return;
      }
      const y = (HEIGHT - (sample[direction] / top) * (HEIGHT - 4) - 1).toFixed(1);
      line += `${begun === null ? 'M' : 'L'}${x} ${y}`;
      area += begun === null ? `M${x} ${HEIGHT}L${x} ${y}` : `L${x} ${y}`;
      begun ??= x;
    });
    if (begun !== null) area += `V${HEIGHT}H${begun}Z`;
    return { line, area };
  }

  #fillTable() {
    if (!this.#details.open) return;
    const samples = this.#model.samples;
    const each = samples.length / TABLE_ROWS;
    const mean = (part, direction) => {
      const heard = part.filter(sample => sample);
      return heard.length === 0 ? '–' : rate(heard.reduce((sum, sample) => sum + sample[direction], 0) / heard.length);
    };
    this.#body.replaceChildren(...Array.from({ length: TABLE_ROWS }, (_, row) => {
      const part = samples.slice(samples.length - (row + 1) * each, samples.length - row * each);
      return h('tr', {}, h('th', { scope: 'row', text: `${(row * each) / 60} to ${((row + 1) * each) / 60}` }),
        h('td', { text: mean(part, 'upload') }), h('td', { text: mean(part, 'download') }));
    }));
  }
}

/** Each sample as the mean of itself and those before it that were heard. */
function smooth(samples) {
  return samples.map((sample, index) => {
    if (!sample) return null;
    const near = samples.slice(Math.max(0, index - SMOOTHED + 1), index + 1).filter(other => other);
    const mean = direction => near.reduce((sum, other) => sum + other[direction], 0) / near.length;
    return { upload: mean('upload'), download: mean('download') };
  });
}

/** The next of 1, 2, 5 times a power of two of bytes, so that the scale does not dance. */
function niceTop(value) {
  let unit = 1;
  while (value / unit >= 1000) unit *= 1024;
  const factor = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find(step => step >= value / unit);
  return factor * unit;
}
