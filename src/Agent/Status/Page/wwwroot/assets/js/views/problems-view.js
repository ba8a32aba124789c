// What needs the user: what is wrong, what helps, and the buttons that do it.

import { actions } from '../actions.js';
import { api } from '../api.js';
import { button, h, keyed, setHidden, setText } from '../dom.js';
import { count, plural, shownName } from '../format.js';
import { icon } from '../icons.js';
import { FileButtons, FileName, fittingActions, StateSign } from '../parts/file-row.js';
import { problemsOf } from '../problems.js';
import { fileState } from '../states.js';

const SIGNS = { agent: 'alert', store: 'cloudOff', drive: 'drive', deletes: 'trash' };

class ProblemCard {
  #problem;
  #sign = new StateSign();
  #title = h('h2');
  #name = new FileName();
  #where = h('p', { class: 'muted small' });
  #text = h('p', { class: 'problem-text' });
  #buttons = h('div', { class: 'problem-buttons' });
  #file = new FileButtons({ wordy: true });
  #named = null;

  constructor() {
    this.element = h('li', { class: 'card problem' }, this.#sign.element,
      h('div', { class: 'problem-body' }, this.#title, this.#where, this.#text, this.#buttons));
  }

  update(problem) {
    const first = !this.#problem;
    this.#problem = problem;
    const { kind, drive, path, text, tone } = problem;
    const state = path ? fileState(kind) : null;
    this.#sign.update({ icon: state?.icon ?? SIGNS[kind], tone });
    if (path) {
      if (first) this.#title.append(this.#name.element);
      this.#name.update(path, drive.mountPoint);
    } else {
      setText(this.#title, problem.title);
    }
    setText(this.#where, [state?.label, drive && shownName(drive.mountPoint)].filter(Boolean).join(' in '));
    setHidden(this.#where, !drive);
    setText(this.#text, text);
    if (path) this.#file.update(path, fittingActions(kind, drive));
    if (first) this.#addButtons(kind);
  }

  #addButtons(kind) {
    if (this.#problem.path) this.#buttons.append(this.#file.element);
    if (kind === 'deletes') this.#addDeletes();
    setHidden(this.#buttons, this.#buttons.childElementCount === 0);
  }

  #addDeletes() {
    const restore = button('Restore the files', { icon: icon('undo'), onClick: () => actions.restoreDeletes(restore, this.#problem.drive.mountPoint) });
    const confirm = button('Delete in the bucket', { kind: 'grave', icon: icon('trash'), onClick: () => actions.confirmDeletes(confirm, this.#problem.drive) });
    this.#named = h('ul', { class: 'named-files' });
    this.#buttons.append(restore, confirm);
    this.#buttons.after(h('details', { on: { toggle: event => event.target.open && this.#nameDeletes() } }, h('summary', { text: 'Which files' }), this.#named));
  }

  async #nameDeletes() {
    try {
      const { drives } = await api.deletes(this.#problem.drive.mountPoint);
      const { paths, count: all } = drives[0];
      this.#named.replaceChildren(...paths.map(path => h('li', {}, h('bdi', { text: shownName(path) }))));
      if (all > paths.length) this.#named.append(h('li', { class: 'muted', text: `and ${count(all - paths.length)} more` }));
    } catch (error) {
      this.#named.replaceChildren(h('li', { text: error.message }));
    }
  }
}

export class ProblemsView {
  #model;
  #list = h('ul', { class: 'problems' });
  #none = h('div', { class: 'card all-well' }, icon('check'), h('p', { text: 'Nothing needs you.' }));
  #summary = h('p', { class: 'muted' });
  #all;
  #more = h('a', { class: 'more', href: '#/files?state=failed', hidden: true });

  constructor(model) {
    this.#model = model;
    this.#all = button('Try all again', { icon: icon('retry'), onClick: () => actions.retryAll(this.#all) });
    this.element = h('div', { class: 'view' },
      h('div', { class: 'view-head' }, h('div', {}, h('h1', { tabindex: '-1', text: 'Problems' }), this.#summary), this.#all), this.#none, this.#list, this.#more);
  }

  update() {
    const problems = problemsOf(this.#model);
    keyed(this.#list, problems, problem => problem.key + problem.kind, () => new ProblemCard());
    setHidden(this.#none, problems.length > 0 || !this.#model.snapshot);
    setHidden(this.#list, problems.length === 0);
    const retried = problems.filter(({ kind }) => kind === 'failed' || kind === 'conflict').length;
    setHidden(this.#all, retried < 2);
    const unlisted = this.#model.drives.reduce((sum, drive) => sum + Math.max(0, drive.problemCount - drive.problems.length), 0);
    setHidden(this.#more, unlisted === 0);
    setText(this.#more, `and ${plural(unlisted, 'more file', 'more files')}`);
    setText(this.#summary, problems.length > 0 ? 'Each with what helps. What you do here is tried at once.' : '');
    setHidden(this.#summary, problems.length === 0);
  }
}
