// Runs before the first paint, so that a chosen scheme never flashes in the other one.
(() => {
  try {
    const scheme = localStorage.getItem('scheme');
    if (scheme === 'light' || scheme === 'dark') document.documentElement.dataset.scheme = scheme;
  } catch {
    // storage is switched off: the system's scheme holds
  }
})();
