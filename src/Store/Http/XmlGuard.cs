using System.Xml;

namespace SyncAgent.Store;

/// <summary>
/// Keeps documents from a parser that would take them as they are: document types, whose entities can grow to anything, and elements nested
/// deeper than in any answer of a store. A parser keeps something for every open element: 16 MiB of beginnings would take a gigabyte.
/// </summary>
internal static class XmlGuard
{
    /// <summary>Elements within elements; answers of stores have five.</summary>
    public const int MostLevels = 32;

    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, CheckCharacters = false };

    private static ReadOnlySpan<byte> DocumentType => "<!DOCTYPE"u8;

    /// <summary>Why a document must not be parsed, or null. What is no XML at all is the parser's to refuse.</summary>
    public static string? FindFault(byte[] document)
    {
        if (document.AsSpan().IndexOf(DocumentType) >= 0) return "it has a document type";
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(document, writable: false), Settings);
            while (reader.Read())
            {
                if (reader.Depth > MostLevels) return $"it is nested deeper than {MostLevels} levels";
            }
        }
        catch (XmlException)
        {
            return null;
        }

        return null;
    }

    /// <summary>Leaves an element behind with all that is in it.</summary>
    /// <exception cref="XmlException">It is nested too deep.</exception>
    public static void Skip(XmlReader reader)
    {
        var depth = reader.Depth;
        if (!reader.IsEmptyElement)
        {
            while (reader.Read() && reader.Depth > depth)
            {
                if (reader.Depth > MostLevels) throw new XmlException($"it is nested deeper than {MostLevels} levels");
            }
        }

        reader.Read();
    }
}
