// Is what was confirmed still there? Starts a run of verify, shows how far it is, and what it found with what helps.

import { perform } from '../actions.js';
import { api } from '../api.js';
import { button, h, keyed, setAttribute, setHidden, setText } from '../dom.js';
import { count, plural, shownName } from '../format.js';
import { FileName, StateSign } from '../parts/file-row.js';
import { figuresOf, isRunning, showProgress, verdictOf, verifyAddress } from '../parts/verify-run.js';
import { FINDINGS, findingKind } from '../states.js';

/** More are counted; the command line names them all. */
const MOST = 500;

const WAYS = {
  quick: { label: 'By what the bucket states', hint: 'Finds what is missing or was changed by somebody else. It costs a request per thousand objects.' },
  deep: { label: 'Byte by byte', hint: 'Reads every object back and finds damaged ones too. It takes as long, and costs as much, as downloading them all.' },
};

class Finding {
  #name = new FileName();
  #reason = h('p', { class: 'muted small' });
  element = h('li', {}, this.#name.element, this.#reason);

  update({ path, reason, mount }) {
    this.#name.update(path, mount);
    setText(this.#reason, reason);
  }
}

/** All findings of one kind, with the one thing that helps. */
class Group {
  #sign = new StateSign();
  #title = h('h2');
  #remedy = h('p', { class: 'remedy' });
  #list = h('ul', { class: 'findings' });
  element = h('li', { class: 'card finding' }, this.#sign.element, h('div', { class: 'problem-body' }, this.#title, this.#remedy, this.#list));

  update({ kind, findings }) {
    const { label, icon, tone } = findingKind(kind);
    this.#sign.update({ icon, tone });
    setText(this.#title, `${label}: ${plural(findings.length, 'object')}`);
    setText(this.#remedy, findings[0].remedy);
    keyed(this.#list, findings, finding => finding.key, () => new Finding());
  }
}

export class VerifyView {
  #model;
  #mount = '';
  #visible = false;
  #drive;
  #driveField;
  #way = 'quick';
  #hint = h('p', { class: 'field-hint', id: 'verify-hint' });
  #act;
  #run = h('section', { class: 'card verify-run', 'aria-labelledby': 'verify-run-title', hidden: true });
  #title = h('h2', { id: 'verify-run-title' });
  #bar = h('progress', { max: 100, 'aria-labelledby': 'verify-run-title' });
  #verdict = h('p', { class: 'verdict', role: 'status' });
  #figures = h('p', { class: 'muted small' });
  #groups = h('ul', { class: 'problems' });
  #more = h('p', { class: 'muted', hidden: true });
  #findings = [];
  #started = null;
  #loading = false;

  constructor(model) {
    this.#model = model;
    this.#drive = h('select', { id: 'verify-drive', on: { change: () => this.#choose(this.#drive.value) } });
    this.#driveField = h('div', { class: 'field' }, h('label', { for: 'verify-drive', text: 'Drive' }), this.#drive);
    this.#act = button('Verify', { kind: 'primary', onClick: () => this.#startOrStop() });
    const ways = h('fieldset', { class: 'segments', 'aria-describedby': 'verify-hint' }, h('legend', { text: 'How to compare' }),
      ...Object.entries(WAYS).map(([name, { label }]) => h('label', {},
        h('input', { type: 'radio', name: 'verify-way', value: name, checked: name === this.#way, on: { change: () => this.#chooseWay(name) } }), h('span', { text: label }))));
    this.#chooseWay(this.#way);
    this.#run.append(this.#title, this.#bar, this.#verdict, this.#figures);
    this.element = h('div', { class: 'view narrow' },
      h('div', {}, h('h1', { tabindex: '-1', text: 'Verify' }),
        h('p', { class: 'muted', text: 'Holds what the bucket has confirmed, since this machine sent it, against what the bucket holds now.' })),
      h('form', { class: 'card', on: { submit: event => event.preventDefault() } }, this.#driveField, ways, this.#hint, h('div', { class: 'form-buttons' }, this.#act)),
      this.#run, this.#groups, this.#more);
  }

  show(query) {
    this.#visible = true;
    this.#mount = query.get('mount') ?? this.#mount;
  }

  hide() {
    this.#visible = false;
  }

  update() {
    const drives = this.#model.drives.filter(drive => drive.mounted);
    if (!drives.some(drive => drive.mountPoint === this.#mount)) this.#mount = drives[0]?.mountPoint ?? '';
    keyed(this.#drive, drives, drive => drive.mountPoint, ({ mountPoint }) => ({ element: h('option', { value: mountPoint, text: shownName(mountPoint) }), update: () => {} }));
    this.#drive.value = this.#mount;
    setHidden(this.#driveField, drives.length < 2);
    const run = drives.find(drive => drive.mountPoint === this.#mount)?.verify;
    setText(this.#act.lastElementChild, isRunning(run) ? 'Stop' : 'Verify');
    setHidden(this.#act, drives.length === 0);
    this.#showRun(run);
    this.#load(run);
    this.#showFindings(run);
  }

  #choose(mount) {
    history.replaceState(null, '', verifyAddress({ mountPoint: mount }));
    this.#mount = mount;
    this.update();
  }

  #chooseWay(way) {
    this.#way = way;
    setText(this.#hint, WAYS[way].hint);
  }

  #startOrStop() {
    const run = this.#model.drives.find(drive => drive.mountPoint === this.#mount)?.verify;
    perform(this.#act, () => (isRunning(run) ? api.stopVerify(this.#mount) : api.startVerify(this.#mount, this.#way === 'deep')));
  }

  #showRun(run) {
    setHidden(this.#run, !run);
    if (!run) return;
    setText(this.#title, `${shownName(run.path)}, ${run.deep ? 'byte by byte' : 'by what the bucket states'}`);
    setHidden(this.#bar, !isRunning(run));
    showProgress(this.#bar, run);
    const { text, tone } = verdictOf(run);
    setText(this.#verdict, text);
    setAttribute(this.#verdict, 'data-tone', tone);
    setText(this.#figures, figuresOf(run));
  }

  /** Fetches what was found since the last look; the picture that says how many there are comes by itself. */
  async #load(run) {
    const started = run?.started ?? null;
    if (this.#started !== started) [this.#started, this.#findings] = [started, []];
    if (this.#loading || !this.#visible || this.#findings.length >= Math.min(run?.differences ?? 0, MOST)) return;
    this.#loading = true;
    const known = this.#findings.length;
    try {
      const mount = this.#mount;
      const { runs: [answer] } = await api.verifyFound({ mount, after: known, limit: MOST - known });
      if (answer?.status.started === this.#started) this.#findings.push(...answer.findings.map(finding => ({ ...finding, kind: finding.finding.toLowerCase(), mount })));
    } catch (error) {
      setText(this.#figures, error.message);
    } finally {
      this.#loading = false;
    }
    if (this.#findings.length > known || this.#started !== started) this.update();
  }

  #showFindings(run) {
    const kinds = new Set([...Object.keys(FINDINGS), ...this.#findings.map(({ kind }) => kind)]);
    const groups = [...kinds].map(kind => ({ kind, findings: this.#findings.filter(finding => finding.kind === kind) }));
    keyed(this.#groups, groups.filter(({ findings }) => findings.length > 0), ({ kind }) => kind, () => new Group());
    setHidden(this.#groups, this.#findings.length === 0);
    const unnamed = (run?.differences ?? 0) - this.#findings.length;
    setHidden(this.#more, this.#findings.length < MOST || unnamed <= 0);
    setText(this.#more, `and ${count(unnamed)} more: "syncagent verify" names them`);
  }
}
