// What needs the user, drawn together from all places of a snapshot: one list for the badge, the overview and its own view.

/**
 * @typedef {object} Problem
 * @property {string} key
 * @property {string} kind "store", "agent", "drive", "deletes" or a state of a file
 * @property {string} tone "bad" or "warn"
 * @property {string} title
 * @property {string} [path] of a file
 * @property {string} text what is wrong and what helps
 * @property {object} [drive]
 */

/** @returns {Problem[]} the gravest first */
export function problemsOf(model) {
  const found = [];
  const snapshot = model.snapshot;
  if (!snapshot) return found;
  if (snapshot.readOnlyReason) found.push(about('read-only', 'bad', 'Nothing can be changed now', snapshot.readOnlyReason));
  if (snapshot.diskProblem) found.push(about('disk', 'bad', 'The local disk needs attention', snapshot.diskProblem));
  for (const drive of model.drives) found.push(...ofDrive(drive));
  if (snapshot.stateWarning) found.push(about('place', 'warn', 'The place of the state folder', snapshot.stateWarning));
  return found;
}

/** How many things need the user, also those that are not listed one by one. */
export function problemCount(model) {
  const listed = problemsOf(model);
  const unlisted = model.drives.reduce((sum, drive) => sum + Math.max(0, drive.problemCount - drive.problems.length), 0);
  return listed.filter(problem => problem.tone === 'bad' || problem.kind === 'interrupted').length + unlisted;
}

const about = (key, tone, title, text) => ({ key, kind: 'agent', tone, title, text });

function* ofDrive(drive) {
  const key = drive.mountPoint;
  if (drive.health.state === 'refused' || (drive.health.state === 'offline' && drive.health.error)) {
    const refused = drive.health.state === 'refused';
    yield {
      key: `store ${key}`, kind: 'store', tone: refused ? 'bad' : 'warn', drive,
      title: refused ? 'The store refuses' : 'The store does not answer',
      text: `${drive.health.error} What you save meanwhile is kept on this disk and sent by itself.`,
    };
  }
  if (!drive.mounted) {
    yield {
      key: `mount ${key}`, kind: 'drive', tone: 'bad', drive, title: 'Not mounted, and not everything is sent',
      text: 'Mount it again with the command that mounted it; what is pending goes on by itself.',
    };
  }
  if (drive.deletesHeld > 0) {
    yield {
      key: `deletes ${key}`, kind: 'deletes', tone: 'bad', drive, title: `${drive.deletesHeld.toLocaleString('en')} removed files wait for your word`,
      text: 'That is more than the limit of the drive, so nothing is deleted in the bucket before you say so. Restored files come back into the drive.',
    };
  }
  for (const file of drive.problems) {
    yield {
      key: `file ${file.path}`, kind: file.state.toLowerCase(), tone: file.state === 'Interrupted' ? 'warn' : 'bad', drive, path: file.path,
      title: '', text: file.reason ?? 'The agent gives no reason. Trying again may help; the log of the agent tells more.',
    };
  }
}
