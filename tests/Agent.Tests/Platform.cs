using System.Runtime.Versioning;

// Modes, signals and sessions are Linux's; the Windows agent has tests of its own.
[assembly: SupportedOSPlatform("linux")]
