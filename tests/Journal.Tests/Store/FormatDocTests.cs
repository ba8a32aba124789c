using System.Reflection;
using Microsoft.Data.Sqlite;
using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

/// <summary>docs/journal.md speaks of every table and column that there is, and of the format that is written.</summary>
public sealed class FormatDocTests
{
    [Fact]
    public void The_page_on_the_format_names_every_table_and_column()
    {
        using var drive = new TestDrive(new ManualTimeProvider());
        using var journal = new SqliteConnection($"Data Source={Path.Combine(drive.Folder, "journal.db")}");
        journal.Open();
        var page = File.ReadAllText(Path.Combine(Root, "docs/journal.md"));
        Assert.Contains($"Format {Text("PRAGMA user_version").Single()},", page, StringComparison.Ordinal);
        foreach (var table in Text("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite%'"))
        {
            var from = page.IndexOf($"**{table}**", StringComparison.Ordinal);
            Assert.True(from >= 0, table);
            var to = page.IndexOf("\n**", from + 1, StringComparison.Ordinal);
            var section = to < 0 ? page[from..] : page[from..to];
            foreach (var column in Text($"SELECT name FROM pragma_table_info('{table}')"))
                Assert.True(section.Contains($"`{column}`", StringComparison.Ordinal), $"{table}.{column}");
        }

        List<string> Text(string sql)
        {
            using var command = journal.CreateCommand();
#pragma warning disable CA2100 // constants of this file and names of the schema
            command.CommandText = sql;
#pragma warning restore CA2100
            using var rows = command.ExecuteReader();
            var found = new List<string>();
            while (rows.Read()) found.Add(rows.GetValue(0).ToString()!);
            return found;
        }
    }

    private static string Root => typeof(FormatDocTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;
}
