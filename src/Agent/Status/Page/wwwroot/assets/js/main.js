// Puts the page together: the stream feeds the model, the model changes, the view in sight draws it.

import { api, isUnreachable } from './api.js';
import { bytes, plural, shownName, splitPath } from './format.js';
import { Model } from './model.js';
import { Notices } from './notices.js';
import { Shell } from './shell.js';
import { fileState } from './states.js';
import { Stream } from './stream.js';
import { toast } from './toasts.js';
import { FilesView } from './views/files.js';
import { HistoryView } from './views/history.js';
import { OverviewView } from './views/overview.js';
import { ProblemsView } from './views/problems-view.js';
import { SettingsView } from './views/settings.js';
import { SetupView } from './views/setup.js';
import { VerifyView } from './views/verify.js';

const VIEWS = {
  '': OverviewView,
  files: FilesView,
  problems: ProblemsView,
  history: HistoryView,
  settings: SettingsView,
  setup: SetupView,
  verify: VerifyView,
};

const model = new Model();
const stream = new Stream();
const shell = new Shell(model);
const notices = new Notices(model, () => stream.retryNow());
const made = new Map();
const main = document.getElementById('main');
let view = null;

/** Shows the view that the address names: "#/files?state=failed". A view is made when it is first wanted, and kept. */
function route() {
  const [name, query] = location.hash.replace(/^#\/?/, '').split('?');
  const known = name in VIEWS ? name : '';
  const before = view;
  if (!made.has(known)) made.set(known, new VIEWS[known](model));
  view = made.get(known);
  if (before !== view) {
    before?.hide?.();
    main.replaceChildren(view.element);
    scrollTo(0, 0);
  }
  view.show?.(new URLSearchParams(query));
  shell.setRoute(known);
  draw();
  // A screen reader goes on at the heading of what has just come; the first view is read from its top anyway.
  if (before && before !== view) view.element.querySelector('h1')?.focus();
}

function draw() {
  shell.update();
  notices.update();
  view.update();
  document.title = `${shell.summary} – SyncAgent`;
}

/** The first time that an agent without any drive is seen, the way to the first one is what is wanted. */
function welcome() {
  if (model.snapshot.drives.length === 0 && location.hash === '') location.replace('#/setup');
}

stream.addEventListener('connection', ({ detail }) => model.setConnection(detail));
stream.addEventListener('status', ({ detail }) => {
  const first = model.snapshot === null;
  model.take(detail);
  if (first) welcome();
});
stream.addEventListener('problem', ({ detail }) => {
  toast(`${shownName(splitPath(detail.path).name)}: ${fileState(detail.state).label.toLowerCase()}. ${detail.reason ?? ''}`, 'bad');
});
stream.addEventListener('done', ({ detail: { files, bytes: size } }) =>
  toast(`${plural(files, 'file')} (${bytes(size)}) ${files === 1 ? 'is' : 'are'} in the bucket now.`));

// Many changes in one turn are one picture.
let pending = 0;
model.addEventListener('change', () => {
  pending ||= requestAnimationFrame(() => {
    pending = 0;
    draw();
  });
});
addEventListener('hashchange', route);

// The picture is asked for before the stream stands: it is there a moment sooner.
api.status().then(
  snapshot => {
    if (model.snapshot === null) {
      model.take(snapshot);
      welcome();
    }
  },
  error => {
    if (!isUnreachable(error)) throw error;
  });
route();
model.start();
stream.start();
