// What happened, newest first.

import { api } from '../api.js';
import { h, setAttribute, setHidden, setText } from '../dom.js';
import { bytes, moment, plural } from '../format.js';
import { PagedRows } from '../paged.js';
import { FileName, StateSign } from '../parts/file-row.js';
import { SearchField } from '../parts/search-field.js';
import { eventKind } from '../states.js';
import { VirtualList } from '../virtual-list.js';

const PAGE = 200;
const REFRESH_MS = 2000;

class Entry {
  #sign = new StateSign();
  #name = new FileName();
  #what = h('span', { class: 'row-state' });
  #reason = h('span', { class: 'row-reason' });
  #size = h('span', { class: 'row-size' });
  #time = h('time', { class: 'row-time' });
  element = h('li', { class: 'row' }, this.#sign.element, this.#name.element,
    h('span', { class: 'row-middle' }, h('span', { class: 'row-words' }, this.#what, this.#reason)), this.#size, this.#time);

  update(entry) {
    setAttribute(this.element, 'data-empty', entry ? null : 'yes');
    if (!entry) return;
    const kind = eventKind(entry.what);
    this.#sign.update(kind);
    this.#name.update(entry.path ?? entry.key, entry.mount);
    setText(this.#what, kind.label);
    setAttribute(this.#what, 'data-tone', kind.tone);
    setText(this.#reason, entry.reason ?? '');
    setAttribute(this.#reason, 'title', entry.reason);
    setText(this.#size, entry.size === undefined ? '' : bytes(entry.size));
    setText(this.#time, moment(entry.time));
    this.#time.dateTime = entry.time;
    setAttribute(this.#time, 'title', new Date(entry.time).toLocaleString());
  }
}

export class HistoryView {
  #model;
  #search = '';
  #visible = false;
  #refreshed = 0;
  #newest = '';
  #rows;
  #list;
  #field;
  #summary = h('p', { class: 'muted', role: 'status' });
  #none = h('p', { class: 'empty card', hidden: true });

  constructor(model) {
    this.#model = model;
    this.#rows = new PagedRows(async (cursor, signal) => {
      const answer = await api.history({ search: this.#search, before: cursor, limit: PAGE }, signal);
      return { rows: answer.entries, next: answer.next ?? null };
    });
    this.#rows.addEventListener('change', () => this.#arrived());
    this.#rows.addEventListener('error', ({ detail }) => setText(this.#summary, detail.message));
    this.#list = new VirtualList({ label: 'History', rows: this.#rows, create: () => new Entry() });
    this.#field = new SearchField('Search by name or folder', text => {
      this.#search = text;
      this.#refresh();
    });
    this.element = h('div', { class: 'view tall' },
      h('div', { class: 'view-head' }, h('div', {}, h('h1', { tabindex: '-1', text: 'History' }), this.#summary), h('div', { class: 'filters' }, this.#field.element)),
      this.#none, this.#list.element);
  }

  show() {
    this.#visible = true;
    this.#refresh();
  }

  hide() {
    this.#visible = false;
  }

  update() {
    const newest = JSON.stringify([this.#model.drives.map(drive => drive.recent?.[0]), this.#model.snapshot?.totals.problems]);
    if (newest === this.#newest || !this.#visible || !this.#list.isAtRest || performance.now() - this.#refreshed < REFRESH_MS) return;
    this.#newest = newest;
    this.#refresh();
  }

  #refresh() {
    this.#refreshed = performance.now();
    this.#list.toTop();
    this.#rows.restart();
  }

  #arrived() {
    const { length, complete } = this.#rows;
    const empty = complete && length === 0;
    setHidden(this.#none, !empty);
    setHidden(this.#list.element, empty);
    setText(this.#none, this.#search ? 'Nothing of such a name.' : 'Nothing has happened yet.');
    setText(this.#summary, empty ? '' : complete ? plural(length, 'entry', 'entries') : 'newest first');
  }
}
