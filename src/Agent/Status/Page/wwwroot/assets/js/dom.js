// The only place where elements are made. Text is always a text node: names of files come from anybody.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Makes an element.
 * @param {string} tag
 * @param {Record<string, unknown>} [props] attributes; `text` is its text, `on` its listeners; null and false leave one out.
 * @param {...(Node | string | null | undefined | false)} children
 */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'text') element.textContent = String(value);
    else if (name === 'on') for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** Changes a text only when it is another one: what has not changed is neither laid out nor read aloud again. */
export function setText(element, text) {
  const wanted = String(text ?? '');
  if (element.textContent !== wanted) element.textContent = wanted;
}

/** Sets, changes or removes an attribute, only when that changes something. */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, String(value));
  }
}

export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/**
 * Brings the children of a list in line with items. An element stays with its key, so that focus and hover stay where they are.
 * @template T
 * @param {HTMLElement} parent holds nothing but these children
 * @param {T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => {element: HTMLElement, update: (item: T) => void}} create
 */
export function keyed(parent, items, keyOf, create) {
  const parts = (parent.keyedParts ??= new Map());
  const wanted = new Map(items.map(item => [keyOf(item), item]));
  for (const [key, part] of parts) {
    if (wanted.has(key)) continue;
    part.element.remove();
    parts.delete(key);
  }
  let place = parent.firstElementChild;
  for (const [key, item] of wanted) {
    let part = parts.get(key);
    if (!part) parts.set(key, part = create(item));
    part.update(item);
    if (part.element === place) place = place.nextElementSibling;
    else parent.insertBefore(part.element, place);
  }
}

/** A button with a word and, where given, an icon. */
export function button(text, { icon = null, kind = '', label = null, onClick }) {
  const element = h('button', { type: 'button', class: `button ${kind}`, 'aria-label': label, on: { click: onClick } }, icon, h('span', { text }));
  return element;
}
