// What can be changed while the agent runs, and what it is.

import { perform } from '../actions.js';
import { api } from '../api.js';
import { button, h, keyed, setHidden, setText } from '../dom.js';
import { count, moment, rate, shownName } from '../format.js';
import { currentScheme, SCHEMES, setScheme } from '../theme.js';

const UNITS = [['KiB/s', 2 ** 10], ['MiB/s', 2 ** 20], ['GiB/s', 2 ** 30]];
const SCHEME_LABELS = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** One direction of the bandwidth: as configured, none, or a figure. */
class Limit {
  #name;
  #mode;
  #figure;
  #unit;
  #custom;
  #now = h('p', { class: 'muted small' });
  #dirty = false;

  constructor(name, title) {
    this.#name = name;
    const id = `limit-${name}`;
    const changed = { on: { input: () => this.#changed() } };
    this.#mode = h('select', { id, ...changed },
      h('option', { value: 'configured', text: 'As configured' }), h('option', { value: 'none', text: 'No limit' }), h('option', { value: 'custom', text: 'At most …' }));
    this.#figure = h('input', { type: 'number', min: '1', step: 'any', 'aria-label': `${title}, at most`, ...changed });
    this.#unit = h('select', { 'aria-label': `${title}, unit`, ...changed }, ...UNITS.map(([text, factor]) => h('option', { value: factor, text })));
    this.#unit.value = String(2 ** 20);
    this.#custom = h('span', { class: 'limit-custom' }, this.#figure, this.#unit);
    this.element = h('div', { class: 'limit' }, h('label', { for: id, text: title }), h('div', { class: 'limit-fields' }, this.#mode, this.#custom), this.#now);
  }

  /** Shows what holds, unless somebody is just changing it. */
  update(limits) {
    const value = limits?.[this.#name] ?? 0;
    const byHand = limits?.[`${this.#name}ByHand`] ?? false;
    setText(this.#now, `Now: ${value > 0 ? rate(value) : 'no limit'}${byHand ? ', set by hand' : ''}`);
    if (!this.#dirty) {
      this.#mode.value = !byHand ? 'configured' : value === 0 ? 'none' : 'custom';
      if (value > 0) {
        const [, factor] = [...UNITS].reverse().find(([, unit]) => value >= unit) ?? UNITS[0];
        this.#unit.value = String(factor);
        this.#figure.value = String(Math.round((value / factor) * 100) / 100);
      }
    }
    setHidden(this.#custom, this.#mode.value !== 'custom');
  }

  saved() {
    this.#dirty = false;
  }

  get isValid() {
    return this.#mode.value !== 'custom' || this.#figure.valueAsNumber > 0;
  }

  focus() {
    this.#figure.focus();
  }

  /** What the API wants to hear. */
  get wanted() {
    switch (this.#mode.value) {
      case 'configured': return {};
      case 'none': return { bytesPerSecond: 0 };
      default: return { bytesPerSecond: Math.round(this.#figure.valueAsNumber * Number(this.#unit.value)) };
    }
  }

  #changed() {
    this.#dirty = true;
    setHidden(this.#custom, this.#mode.value !== 'custom');
  }
}

class Fact {
  #value = h('dd');

  constructor(name) {
    this.element = h('div', {}, h('dt', { text: name }), this.#value);
  }

  update([, value]) {
    setText(this.#value, value);
  }
}

const winFspNotice = 'WinFsp - Windows File System Proxy, Copyright (C) Bill Zissimopoulos, github.com/winfsp/winfsp';

export class SettingsView {
  #model;
  #upload = new Limit('upload', 'Upload');
  #download = new Limit('download', 'Download');
  #next = h('p', { class: 'muted small', hidden: true });
  #save;
  #facts = h('dl', { class: 'facts' });
  #requests = h('dl', { class: 'facts' });
  #requestsCard;

  constructor(model) {
    this.#model = model;
    this.#save = button('Apply', { kind: 'primary', onClick: () => this.#apply() });
    const scheme = h('fieldset', { class: 'segments' }, h('legend', { text: 'Colours' }),
      ...SCHEMES.map(name => h('label', {},
        h('input', { type: 'radio', name: 'scheme', value: name, checked: name === currentScheme(), on: { change: () => setScheme(name) } }),
        h('span', { text: SCHEME_LABELS[name] }))));
    this.#requestsCard = h('section', { class: 'card', 'aria-labelledby': 'requests-title' },
      h('h2', { id: 'requests-title', text: 'Requests to the store' }),
      h('p', { class: 'muted small', text: 'Since the agent started. Stores charge for them.' }), this.#requests);
    this.element = h('div', { class: 'view narrow' }, h('h1', { tabindex: '-1', text: 'Settings' }),
      h('section', { class: 'card', 'aria-labelledby': 'limits-title' },
        h('h2', { id: 'limits-title', text: 'Bandwidth' }),
        h('p', { class: 'muted', text: 'Holds at once for everything on its way, and is kept when the agent starts anew.' }),
        h('form', { on: { submit: event => { event.preventDefault(); this.#apply(); } } },
          this.#upload.element, this.#download.element, this.#next, h('div', { class: 'form-buttons' }, this.#save))),
      h('section', { class: 'card', 'aria-labelledby': 'look-title' }, h('h2', { id: 'look-title', text: 'This page' }), scheme),
      this.#requestsCard,
      h('section', { class: 'card', 'aria-labelledby': 'agent-title' }, h('h2', { id: 'agent-title', text: 'The agent' }), this.#facts));
  }

  show() {
    for (const input of this.element.querySelectorAll('[name=scheme]')) input.checked = input.value === currentScheme();
  }

  update() {
    const { snapshot } = this.#model;
    if (!snapshot) return;
    this.#upload.update(snapshot.limits);
    this.#download.update(snapshot.limits);
    const next = snapshot.limits?.nextChange;
    setHidden(this.#next, !next);
    setText(this.#next, next ? `The timetable changes them next at ${moment(next)}.` : '');
    const { agent } = snapshot;
    showFacts(this.#facts, [
      ['Version', agent.version], ['Running since', moment(agent.started)], ['Process', String(agent.pid)], ['State folder', shownName(agent.state)],
      // WinFsp's licence asks for this notice wherever it is used: on Windows, where state folders are on a lettered drive.
      ...(/^[A-Za-z]:\\/.test(agent.state) ? [['Drives by', winFspNotice]] : []),
    ]);
    const requests = Object.entries(snapshot.requests ?? {}).map(([kind, number]) => [kind[0].toUpperCase() + kind.slice(1), count(number)]);
    showFacts(this.#requests, requests);
    setHidden(this.#requestsCard, requests.length === 0);
  }

  #apply() {
    const wrong = [this.#upload, this.#download].find(limit => !limit.isValid);
    if (wrong) {
      wrong.focus();
      return;
    }
    perform(this.#save, async () => {
      await api.setLimits({ upload: this.#upload.wanted, download: this.#download.wanted });
      this.#upload.saved();
      this.#download.saved();
    }, 'The limits hold now.');
  }
}

const showFacts = (list, facts) => keyed(list, facts, ([name]) => name, ([name]) => new Fact(name));
