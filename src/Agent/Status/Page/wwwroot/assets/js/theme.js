// Light, dark, or as the system says.

export const SCHEMES = ['system', 'light', 'dark'];

/** The scheme in force. */
export function currentScheme() {
  return document.documentElement.dataset.scheme ?? 'system';
}

/** Changes the scheme and remembers it where the browser lets us. */
export function setScheme(scheme) {
  if (scheme === 'system') delete document.documentElement.dataset.scheme;
  else document.documentElement.dataset.scheme = scheme;
  try {
    if (scheme === 'system') localStorage.removeItem('scheme');
    else localStorage.setItem('scheme', scheme);
  } catch {
    // storage is switched off: it holds until the page is closed
  }
}
