// What happened, newest first.

import { api } from '../api.js';
import { h, setAttribute, setText } from '../dom.js';
import { bytes, moment, plural } from '../format.js';
import { FileName, StateSign } from '../parts/file-row.js';
import { PagedList } from '../parts/paged-list.js';
import { SearchField } from '../parts/search-field.js';
import { eventKind } from '../states.js';

const PAGE = 200;

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
  #newest = '';
  #list;
  #field;

  constructor(model) {
    this.#model = model;
    this.#list = new PagedList({
      label: 'History',
      fetch: async (cursor, signal) => {
        const answer = await api.history({ search: this.#search, before: cursor, limit: PAGE }, signal);
        return { rows: answer.entries, next: answer.next ?? null };
      },
      create: () => new Entry(),
      describe: known => this.#describe(known),
    });
    this.#field = new SearchField('Search by name or folder', text => {
      this.#search = text;
      this.#list.refresh();
    });
    this.element = h('div', { class: 'view tall' },
      h('div', { class: 'view-head' }, h('div', {}, h('h1', { tabindex: '-1', text: 'History' }), this.#list.summary), h('div', { class: 'filters' }, this.#field.element)),
      ...this.#list.elements);
  }

  show() {
    this.#visible = true;
    this.#list.refresh();
  }

  hide() {
    this.#visible = false;
  }

  update() {
    const newest = JSON.stringify([this.#model.drives.map(drive => drive.recent?.[0]), this.#model.snapshot?.totals.problems]);
    if (newest === this.#newest || !this.#visible || !this.#list.mayRefresh) return;
    this.#newest = newest;
    this.#list.refresh();
  }

  #describe({ length, complete }) {
    if (complete && length === 0) return this.#search ? 'Nothing of such a name.' : 'Nothing has happened yet.';
    return complete ? plural(length, 'entry', 'entries') : 'newest first';
  }
}
