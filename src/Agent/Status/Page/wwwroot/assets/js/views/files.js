// Every file that is not settled: what waits, and why. A hundred thousand of them are one page of the API at a time.

import { api } from '../api.js';
import { button, h, setAttribute, setHidden, setText } from '../dom.js';
import { bytes, count, percent, plural } from '../format.js';
import { icon } from '../icons.js';
import { FileButtons, FileName, fittingActions, StateSign } from '../parts/file-row.js';
import { PagedList } from '../parts/paged-list.js';
import { SearchField } from '../parts/search-field.js';
import { fileState, waitReason } from '../states.js';

const PAGE = 1000;
const FILTERS = ['', 'uploading', 'queued', 'paused', 'open', 'failed', 'conflict', 'interrupted', 'incomplete', 'ignored'];

/** States that the list without a filter holds. */
const UNSETTLED = ['open', 'closing', 'queued', 'uploading', 'paused', 'ignored', 'interrupted', 'incomplete', 'conflict', 'failed'];

class FileRow {
  #model;
  #index = -1;
  #sign = new StateSign();
  #name = new FileName();
  #state = h('span', { class: 'row-state' });
  #reason = h('span', { class: 'row-reason' });
  #size = h('span', { class: 'row-size' });
  #bar = h('progress', { max: 100, hidden: true, 'aria-label': 'Sent' });
  #buttons;

  constructor(model, list) {
    this.#model = model;
    this.#buttons = new FileButtons({ onDone: () => list.refreshAt(this.#index) });
    this.element = h('li', { class: 'row' }, this.#sign.element, this.#name.element,
      h('span', { class: 'row-middle' }, h('span', { class: 'row-words' }, this.#state, this.#reason), this.#bar), this.#size, this.#buttons.element);
  }

  update(file, index) {
    this.#index = index;
    setAttribute(this.element, 'data-empty', file ? null : 'yes');
    if (!file) return;
    const drive = this.#model.driveOf(file.path);
    const sending = drive && !drive.paused ? drive.active.find(active => active.path === file.path) : null;
    const state = sending ? 'uploading' : file.state.toLowerCase();
    const shown = fileState(state);
    this.#sign.update(shown);
    this.#name.update(file.path, drive?.mountPoint);
    const { sent, total } = sending ?? file;
    const done = state === 'uploading' && total > 0 ? percent(sent, total) : null;
    setText(this.#state, done === null ? shown.label : `${shown.label}, ${done} %`);
    setAttribute(this.#state, 'data-tone', shown.tone);
    const reason = file.reason ?? waitReason(state, drive);
    setText(this.#reason, done === null ? reason : '');
    setAttribute(this.#reason, 'title', reason);
    setHidden(this.#bar, done === null);
    if (done !== null) setAttribute(this.#bar, 'value', done);
    setText(this.#size, file.size === undefined ? '' : bytes(file.size));
    this.#buttons.update(file.path, fittingActions(state, drive));
  }
}

export class FilesView {
  #model;
  #state = '';
  #search = '';
  #visible = false;
  #stale = false;
  #signature = '';
  #list;
  #filter;
  #field;
  #fresh;

  constructor(model) {
    this.#model = model;
    this.#list = new PagedList({
      label: 'Files',
      fetch: async (cursor, signal) => {
        const answer = await api.files({ state: this.#state, search: this.#search, after: cursor, limit: PAGE }, signal);
        return { rows: answer.files, next: answer.more ? answer.next : null };
      },
      create: () => new FileRow(model, this.#list),
      describe: known => this.#describe(known),
    });
    this.#filter = h('select', { id: 'files-state', on: { change: () => this.#choose({ state: this.#filter.value }) } },
      ...FILTERS.map(state => h('option', { value: state, text: state ? fileState(state).label : 'All that are not settled' })));
    this.#field = new SearchField('Search by name or folder', text => this.#choose({ search: text }));
    this.#fresh = button('Show changes', { kind: 'quiet compact', icon: icon('retry'), onClick: () => this.#refresh() });
    this.element = h('div', { class: 'view tall' },
      h('div', { class: 'view-head' }, h('div', {}, h('h1', { tabindex: '-1', text: 'Files' }), this.#list.summary),
        h('div', { class: 'filters' }, this.#fresh, h('label', { class: 'visually-hidden', for: 'files-state', text: 'State' }), this.#filter, this.#field.element)),
      ...this.#list.elements);
  }

  show(query) {
    this.#visible = true;
    const state = query.get('state') ?? '';
    this.#state = FILTERS.includes(state) ? state : '';
    this.#search = query.get('search') ?? '';
    this.#filter.value = this.#state;
    this.#field.value = this.#search;
    this.#refresh();
  }

  hide() {
    this.#visible = false;
  }

  update() {
    this.#list.estimate = this.#search ? 0 : this.#expected();
    const signature = JSON.stringify(this.#model.counts);
    if (signature !== this.#signature) {
      this.#stale = this.#signature !== '';
      this.#signature = signature;
    }
    if (this.#stale && this.#visible && this.#list.mayRefresh) this.#refresh();
    setHidden(this.#fresh, !this.#stale || this.#list.isAtRest);
    this.#list.render();
  }

  /** A filter is part of the address: it can be linked to, and "back" undoes it. */
  #choose({ state = this.#state, search = this.#search }) {
    const query = new URLSearchParams(Object.entries({ state, search }).filter(([, value]) => value));
    history.replaceState(null, '', `#/files${query.size ? `?${query}` : ''}`);
    this.#state = state;
    this.#search = search;
    this.#refresh();
  }

  /** How long the list will be. The counts are of files; folders that the bucket has to learn of wait as files do. */
  #expected() {
    const { counts, drives } = this.#model;
    const files = (this.#state ? [this.#state] : UNSETTLED).reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    return drives.filter(drive => ['', drive.paused ? 'paused' : 'queued'].includes(this.#state)).reduce((sum, drive) => sum + drive.pendingFolders, files);
  }

  #refresh() {
    this.#stale = false;
    this.#list.refresh();
  }

  #describe({ length, complete }) {
    if (complete && length === 0) {
      return this.#search ? 'No file that is not settled has such a name.' : this.#state ? 'No file is in this state.' : 'Nothing waits: everything is in the bucket.';
    }
    let text = `${plural(length, 'entry', 'entries')}.`;
    if (!complete) text = this.#search ? `More than ${count(length)} entries.` : `About ${count(Math.max(length, this.#expected()))} entries.`;
    if (['', 'queued'].includes(this.#state)) text += ' What waits is sent in turn, a few at a time.';
    return text;
  }
}
