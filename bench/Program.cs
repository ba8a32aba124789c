using SyncAgent.Bench.Put;
using SyncAgent.Bench.Sink;

// put [--size MIB] [--rounds N] [--link MIB]   a file of that size by us and by each peer that is installed, against one cheap server
//                                               behind a link of so many MiB/s, or of none
// sink PORTFILE LINK                            that server
// send FILE URL PARTMIB PARALLEL   the bare sender: the ceiling
return args switch
{
    ["sink", var portFile, var link] => await SinkServer.RunAsync(portFile, Number(link)),
    ["send", var file, var url, var part, var parallel] => await BareSender.RunAsync(file, new Uri(url), Number(part) << 20, Number(parallel)),
    ["put", .. var options] => await PutBenchmark.RunAsync(Option(options, "--size", 1024), Option(options, "--rounds", 5), Option(options, "--link", 0)),
    _ => Usage(),
};

static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

static int Option(string[] options, string name, int otherwise) =>
    Array.IndexOf(options, name) is >= 0 and var at && at + 1 < options.Length ? Number(options[at + 1]) : otherwise;

static int Usage()
{
    Console.Error.WriteLine("usage: bench put [--size MIB] [--rounds N] [--link MIB]");
    return 64;
}
