using System.Runtime.Versioning;
using SyncAgent.Wine.Tests.Support;

// Wine runs on Linux; so does the store.
[assembly: SupportedOSPlatform("linux")]
// One machine, one desktop.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(WineMachine))]
