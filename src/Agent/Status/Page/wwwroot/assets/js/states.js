// What the states are called, which sign and tone they have, and what can be done about them.

/** States of a file. `tone` is good, busy, quiet, warn or bad. */
export const FILE_STATES = {
  open: { label: 'Being written', icon: 'pen', tone: 'quiet' },
  closing: { label: 'Being made safe', icon: 'lock', tone: 'quiet' },
  queued: { label: 'Waiting', icon: 'clock', tone: 'quiet' },
  uploading: { label: 'Uploading', icon: 'arrowUp', tone: 'busy' },
  synced: { label: 'In the bucket', icon: 'check', tone: 'good' },
  remote: { label: 'Only in the bucket', icon: 'check', tone: 'good' },
  paused: { label: 'Paused', icon: 'pause', tone: 'warn' },
  ignored: { label: 'Ignored', icon: 'close', tone: 'quiet' },
  interrupted: { label: 'Interrupted', icon: 'alert', tone: 'warn' },
  incomplete: { label: 'Incomplete', icon: 'alert', tone: 'bad' },
  conflict: { label: 'Conflict', icon: 'conflict', tone: 'bad' },
  failed: { label: 'Failed', icon: 'alert', tone: 'bad' },
};

const UNKNOWN = { label: 'Unknown', icon: 'file', tone: 'quiet' };

export const fileState = state => FILE_STATES[state.toLowerCase()] ?? { ...UNKNOWN, label: state };

/** States of the agent and of drives. */
export const OVERALL = {
  idle: { label: 'Up to date', icon: 'check', tone: 'good' },
  syncing: { label: 'Syncing', icon: 'arrowUp', tone: 'busy' },
  paused: { label: 'Paused', icon: 'pause', tone: 'warn' },
  attention: { label: 'Needs you', icon: 'alert', tone: 'bad' },
  offline: { label: 'Offline', icon: 'cloudOff', tone: 'warn' },
  away: { label: 'No answer', icon: 'cloudOff', tone: 'bad' },
};

/** Why a file waits, where the agent gives no reason of its own. Most wait for nothing but their turn: the list says so once. */
export function waitReason(state, drive) {
  switch (state) {
    case 'open': return 'A program has it open. It is sent when it is closed.';
    case 'closing': return 'It is being made durable on this disk; that takes about a second.';
    case 'queued':
      return drive?.state === 'offline' ? 'The store does not answer. It is sent as soon as it does.' : '';
    case 'paused': return drive?.paused ? 'Its drive is paused.' : 'You paused it.';
    case 'ignored': return 'A rule of the drive keeps it on this machine.';
    default: return '';
  }
}

/** What happened, in the words of the history. */
export const EVENTS = {
  uploaded: { label: 'Uploaded', icon: 'arrowUp', tone: 'good' },
  copied: { label: 'Copied in the bucket', icon: 'copy', tone: 'good' },
  updated: { label: 'Attributes updated', icon: 'pen', tone: 'good' },
  deleted: { label: 'Deleted in the bucket', icon: 'trash', tone: 'quiet' },
  failed: { label: 'Failed', icon: 'alert', tone: 'bad' },
  conflict: { label: 'Conflict', icon: 'conflict', tone: 'bad' },
  cancelled: { label: 'Cancelled', icon: 'close', tone: 'quiet' },
};

export const eventKind = what => EVENTS[what] ?? { label: what, icon: 'file', tone: 'quiet' };

/** What verify finds, the gravest first. */
export const FINDINGS = {
  damaged: { label: 'Damaged', icon: 'alert', tone: 'bad' },
  missing: { label: 'Missing', icon: 'cloudOff', tone: 'bad' },
  changed: { label: 'Changed by somebody', icon: 'pen', tone: 'warn' },
  unverifiable: { label: 'Not verifiable', icon: 'lock', tone: 'quiet' },
};

export const findingKind = kind => FINDINGS[kind] ?? { ...UNKNOWN, label: kind };
