// A first drive: which bucket, with which keys, where. Everything is tried before anything is written down.

import { api } from '../api.js';
import { button, h, setAttribute, setHidden, setText } from '../dom.js';
import { icon } from '../icons.js';
import { Field } from '../parts/field.js';
import { StateSign } from '../parts/file-row.js';
import { toast } from '../toasts.js';

const STORES = {
  oss: {
    label: 'Alibaba Cloud OSS', endpoint: 'https://oss-cn-hangzhou.aliyuncs.com', region: 'cn-hangzhou',
    hint: 'May be left empty: the region has an endpoint of its own.',
  },
  s3: {
    label: 'S3 and compatible', endpoint: 'https://s3.eu-central-1.amazonaws.com', region: 'eu-central-1',
    hint: 'Of Amazon it may be left empty; other stores need it.',
  },
};

const CHECKS = {
  connection: 'Connection', clock: 'Clock', keys: 'Keys', bucket: 'Bucket', list: 'Right to list', read: 'Right to read', write: 'Right to write',
  delete: 'Right to delete',
};

export class SetupView {
  #model;
  #store = 'oss';
  #tested = null;
  #busy = false;
  #fields;
  #http = h('input', { type: 'checkbox', id: 'field-allowHttp' });
  #form;
  #test;
  #add;
  #error = h('p', { class: 'form-error', role: 'alert', hidden: true });
  #checks = h('ul', { class: 'checks' });
  #verdict = h('p', { class: 'verdict' });
  #result = h('section', { class: 'card', 'aria-labelledby': 'checks-title', 'aria-live': 'polite', hidden: true },
    h('h2', { id: 'checks-title', text: 'The test' }), this.#checks, this.#verdict);

  constructor(model) {
    this.#model = model;
    this.#fields = this.#makeFields();
    const { endpoint, region, bucket, prefix, accessKeyId, accessKeySecret, securityToken, mountPoint } = this.#fields;
    this.#test = button('Test', { onClick: () => this.#run(() => this.#testTarget()) });
    this.#add = button('Add the drive', { kind: 'primary', icon: icon('plus'), onClick: () => this.#run(() => this.#addDrive()) });
    this.#form = h('form', { class: 'card', novalidate: true, autocomplete: 'off', on: { submit: event => { event.preventDefault(); this.#run(() => this.#testTarget()); } } },
      this.#error,
      h('fieldset', { class: 'segments' }, h('legend', { text: 'Store' }),
        ...Object.entries(STORES).map(([store, { label }]) => h('label', {},
          h('input', { type: 'radio', name: 'store', value: store, checked: store === this.#store, on: { change: () => this.#chooseStore(store) } }),
          h('span', { text: label })))),
      pair(endpoint, region), pair(bucket, prefix), pair(accessKeyId, accessKeySecret), mountPoint.element,
      h('details', {}, h('summary', { text: 'More' }), securityToken.element,
        h('label', { class: 'check-label' }, this.#http, 'Allow http to another machine: names, contents and times can be read on the way')),
      h('div', { class: 'form-buttons' }, this.#test, this.#add));
    this.#form.addEventListener('input', () => { this.#tested = null; });
    this.element = h('div', { class: 'view narrow' },
      h('div', {}, h('h1', { tabindex: '-1', text: 'Set up a drive' }),
        h('p', { class: 'muted', text: 'A bucket becomes a folder: what you copy into it is sent by itself. The keys are kept in a file that only you can read.' })),
      this.#form, this.#result);
    this.#chooseStore(this.#store);
  }

  update() {
    // the form belongs to whoever fills it in
  }

  #makeFields() {
    const fields = [
      new Field({ name: 'endpoint', label: 'Endpoint', optional: true, inputmode: 'url' }),
      new Field({ name: 'region', label: 'Region', optional: true }),
      new Field({ name: 'bucket', label: 'Bucket' }),
      new Field({ name: 'prefix', label: 'Only below this prefix', optional: true, placeholder: 'documents/' }),
      new Field({ name: 'accessKeyId', label: 'Access key id' }),
      new Field({ name: 'accessKeySecret', label: 'Access key secret', type: 'password', autocomplete: 'new-password' }),
      new Field({ name: 'securityToken', label: 'Security token', optional: true, hint: 'Only with temporary keys.' }),
      new Field({ name: 'mountPoint', label: 'Folder for the drive', placeholder: '/home/you/drive', hint: 'The whole path of an empty folder, or of one that is made then.' }),
    ];
    return Object.fromEntries(fields.map(field => [field.name, field]));
  }

  #chooseStore(store) {
    this.#store = store;
    const { endpoint, region } = this.#fields;
    endpoint.input.placeholder = STORES[store].endpoint;
    endpoint.hint = STORES[store].hint;
    region.input.placeholder = STORES[store].region;
  }

  get #target() {
    const { endpoint, region, bucket, prefix, accessKeyId, accessKeySecret, securityToken } = this.#fields;
    return {
      store: this.#store, endpoint: endpoint.value || undefined, region: region.value || undefined, bucket: bucket.value, prefix: prefix.value || undefined,
      allowHttp: this.#http.checked || undefined,
      credentials: { accessKeyId: accessKeyId.value, accessKeySecret: accessKeySecret.input.value, securityToken: securityToken.value || undefined },
    };
  }

  async #run(work) {
    if (this.#busy) return;
    this.#busy = true;
    for (const each of [this.#test, this.#add]) setAttribute(each, 'aria-disabled', 'true');
    setHidden(this.#error, true);
    try {
      await work();
    } catch (error) {
      const field = this.#fields[error.field];
      if (field) this.#refuse(field, error.message);
      else this.#fail(error.message);
    } finally {
      this.#busy = false;
      for (const each of [this.#test, this.#add]) setAttribute(each, 'aria-disabled', null);
    }
  }

  async #testTarget() {
    const { mountPoint, ...others } = this.#fields;
    if (!this.#isFilled(Object.values(others))) return false;
    const target = this.#target;
    setHidden(this.#result, false);
    this.#checks.replaceChildren();
    setText(this.#verdict, 'Asking the store …');
    let answer;
    try {
      answer = await api.testTarget(target);
    } catch (error) {
      setHidden(this.#result, true);
      throw error;
    }
    this.#checks.replaceChildren(...answer.checks.map(check => showCheck(check, answer.ok)));
    this.#tested = answer.ok ? JSON.stringify(target) : null;
    setText(this.#verdict, answer.ok ? 'All is well. Nothing of the test stays in the bucket.' : 'Change what is named above, then test again.');
    setAttribute(this.#verdict, 'data-tone', answer.ok ? 'good' : 'bad');
    return answer.ok;
  }

  async #addDrive() {
    if (!this.#isFilled(Object.values(this.#fields))) return;
    if (this.#tested !== JSON.stringify(this.#target) && !await this.#testTarget()) return;
    const { mountPoint } = await api.addDrive({ ...this.#target, mountPoint: this.#fields.mountPoint.value });
    this.#fields.accessKeySecret.input.value = '';
    this.#form.reset();
    this.#chooseStore('oss');
    setHidden(this.#result, true);
    toast(`${mountPoint} is mounted. Copy something into it.`);
    location.hash = '#/';
  }

  #isFilled(fields) {
    const missing = fields.filter(field => field.input.required && !field.value);
    for (const field of missing) field.setError('This is needed.');
    missing[0]?.input.focus();
    return missing.length === 0;
  }

  #refuse(field, message) {
    field.element.closest('details')?.setAttribute('open', '');
    field.setError(message);
    field.input.focus();
  }

  #fail(message) {
    setText(this.#error, message);
    setHidden(this.#error, false);
    this.#error.scrollIntoView({ block: 'nearest' });
  }
}

const pair = (...fields) => h('div', { class: 'field-pair' }, ...fields.map(field => field.element));

function showCheck({ name, ok, detail, remedy }, allWell) {
  const sign = new StateSign();
  // What stands in the way is bad; what is only wrong is worth knowing.
  sign.update(ok ? { icon: 'check', tone: 'good' } : { icon: 'alert', tone: allWell ? 'warn' : 'bad' });
  return h('li', {}, sign.element,
    h('div', {}, h('p', { class: 'check-name' }, h('span', { class: 'visually-hidden', text: ok ? 'Passed: ' : 'Failed: ' }), CHECKS[name] ?? name),
      h('p', { class: 'muted', text: `${detail}.` }), !ok && remedy && h('p', { class: 'remedy', text: remedy })));
}
