// The first view: how it stands, what is being sent, how fast, and where.

import { h, keyed, setHidden, setText } from '../dom.js';
import { bytes, moment, percent } from '../format.js';
import { Drives } from '../parts/drives.js';
import { FileName, StateSign } from '../parts/file-row.js';
import { Graph } from '../parts/graph.js';
import { Headline } from '../parts/headline.js';
import { Meter } from '../parts/meter.js';
import { Uploads } from '../parts/uploads.js';
import { FILE_STATES } from '../states.js';

const RECENT = 8;

class Recent {
  #sign = new StateSign();
  #name = new FileName();
  #size = h('span', { class: 'muted' });
  #time = h('time', { class: 'muted' });

  constructor() {
    this.element = h('li', {}, this.#sign.element, this.#name.element, this.#size, this.#time);
    this.#sign.update(FILE_STATES.synced);
  }

  update({ path, size, time, mountPoint }) {
    this.#name.update(path, mountPoint);
    setText(this.#size, size === undefined ? '' : bytes(size));
    setText(this.#time, moment(time));
    this.#time.dateTime = time;
  }
}

export class OverviewView {
  #model;
  #headline;
  #uploads;
  #graph;
  #drives;
  #staged = new Meter('Waiting on this disk', { warns: true });
  #cache = new Meter('Read cache');
  #served = h('p', { class: 'muted small', hidden: true });
  #free = h('p', { class: 'muted small' });
  #recovery = h('p', { class: 'card note', hidden: true });
  #recent = h('ul', { class: 'recent' });
  #recentCard;
  #storageCard;
  #columns;

  constructor(model) {
    this.#model = model;
    this.#headline = new Headline(model);
    this.#uploads = new Uploads(model);
    this.#graph = new Graph(model);
    this.#drives = new Drives(model);
    this.#recentCard = h('section', { class: 'card', 'aria-labelledby': 'recent-title' },
      h('div', { class: 'card-head' }, h('h2', { id: 'recent-title', text: 'Just arrived' }), h('a', { class: 'more', href: '#/history', text: 'History' })), this.#recent);
    this.#storageCard = h('section', { class: 'card', 'aria-labelledby': 'storage-title' },
      h('h2', { id: 'storage-title', text: 'On this machine' }), this.#staged.element, this.#cache.element, this.#served, this.#free);
    this.#columns = h('div', { class: 'columns' },
      h('div', { class: 'column' }, this.#uploads.element, this.#drives.element, this.#recentCard),
      h('div', { class: 'column side' },
        h('section', { class: 'card', 'aria-labelledby': 'graph-title' }, h('h2', { id: 'graph-title', text: 'Throughput' }), this.#graph.element),
        this.#storageCard));
    this.element = h('div', { class: 'view' }, this.#headline.element, this.#recovery, this.#columns);
  }

  update() {
    const { snapshot, drives } = this.#model;
    this.#headline.update();
    setHidden(this.#columns, drives.length === 0);
    if (!snapshot) return;
    this.#uploads.update();
    this.#graph.update();
    this.#drives.update();
    setHidden(this.#recovery, !snapshot.recovery);
    setText(this.#recovery, snapshot.recovery ?? '');
    this.#showStorage(snapshot);
    const recent = drives.flatMap(drive => (drive.recent ?? []).map(file => ({ ...file, mountPoint: drive.mountPoint })))
      .sort((a, b) => Date.parse(b.time) - Date.parse(a.time)).slice(0, RECENT);
    keyed(this.#recent, recent, file => `${file.time} ${file.path}`, () => new Recent());
    setHidden(this.#recentCard, recent.length === 0);
  }

  #showStorage({ storage }) {
    setHidden(this.#storageCard, !storage);
    if (!storage) return;
    this.#staged.update(storage.stagedBytes, storage.stagingLimit);
    this.#cache.update(storage.cacheBytes, storage.cacheLimit);
    const { cacheHitBytes: hit, cacheMissedBytes: missed } = storage;
    setHidden(this.#served, hit + missed === 0);
    setText(this.#served, `${percent(hit, hit + missed)} % of ${bytes(hit + missed)} read came from the cache`);
    setText(this.#free, `${bytes(storage.diskFree)} free on the disk`);
  }
}
