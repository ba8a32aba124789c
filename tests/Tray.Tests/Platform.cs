using System.Runtime.Versioning;

// Mounts, modes and signals are those of Linux.
[assembly: SupportedOSPlatform("linux")]
