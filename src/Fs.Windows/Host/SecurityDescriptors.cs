using System.Buffers.Binary;
using System.Globalization;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>Security descriptors in the self-relative form (MS-DTYP 2.4.6), made without Windows' help.</summary>
internal static class SecurityDescriptors
{
    /// <summary>Local System.</summary>
    public const string SystemSid = "S-1-5-18";

    /// <summary>Administrators.</summary>
    public const string AdministratorsSid = "S-1-5-32-544";

    private const int HeaderLength = 20;
    private const int AclHeaderLength = 8;
    private const int AceHeaderLength = 8;
    private const ushort SelfRelative = 0x8000;
    private const ushort DaclProtected = 0x1000;
    private const ushort DaclPresent = 0x0004;

    /// <summary>O:owner G:owner D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;owner)… : full access for these, none for others.</summary>
    /// <exception cref="FormatException">A SID is none.</exception>
    public static byte[] Build(string ownerSid, IEnumerable<string> otherSids)
    {
        var owner = ParseSid(ownerSid);
        var granted = otherSids.Prepend(ownerSid).Prepend(AdministratorsSid).Prepend(SystemSid)
            .Distinct(StringComparer.OrdinalIgnoreCase).Select(ParseSid).ToList();
        var aclLength = AclHeaderLength + granted.Sum(sid => AceHeaderLength + sid.Length);
        var descriptor = new byte[HeaderLength + (2 * owner.Length) + aclLength];
        var (group, acl) = (HeaderLength + owner.Length, HeaderLength + (2 * owner.Length));
        descriptor[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor.AsSpan(2), SelfRelative | DaclProtected | DaclPresent);
        BinaryPrimitives.WriteInt32LittleEndian(descriptor.AsSpan(4), HeaderLength);
        BinaryPrimitives.WriteInt32LittleEndian(descriptor.AsSpan(8), group);
        BinaryPrimitives.WriteInt32LittleEndian(descriptor.AsSpan(16), acl);
        owner.CopyTo(descriptor, HeaderLength);
        owner.CopyTo(descriptor, group);
        WriteAcl(descriptor.AsSpan(acl), granted);
        return descriptor;
    }

    /// <summary>A SID's binary form (MS-DTYP 2.4.2.2).</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static byte[] ParseSid(string text)
    {
        const int MostSubAuthorities = 15;
        var parts = text.Split('-');
        if (parts is not ["S" or "s", "1", var authority, .. var subAuthorities] || subAuthorities.Length is 0 or > MostSubAuthorities)
        {
            throw new FormatException($"\"{text}\" is no SID.");
        }

        var sid = new byte[8 + (4 * subAuthorities.Length)];
        BinaryPrimitives.WriteInt64BigEndian(sid, long.Parse(authority, NumberStyles.None, CultureInfo.InvariantCulture));
        (sid[0], sid[1]) = (1, (byte)subAuthorities.Length);
        for (var i = 0; i < subAuthorities.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(sid.AsSpan(8 + (4 * i)), uint.Parse(subAuthorities[i], NumberStyles.None, CultureInfo.InvariantCulture));
        }

        return sid;
    }

    private static void WriteAcl(Span<byte> acl, List<byte[]> granted)
    {
        acl[0] = 2;
        BinaryPrimitives.WriteUInt16LittleEndian(acl[2..], (ushort)acl.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(acl[4..], (ushort)granted.Count);
        var at = AclHeaderLength;
        foreach (var sid in granted)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(acl[(at + 2)..], (ushort)(AceHeaderLength + sid.Length));
            BinaryPrimitives.WriteUInt32LittleEndian(acl[(at + 4)..], (uint)AccessRights.All);
            sid.CopyTo(acl[(at + AceHeaderLength)..]);
            at += AceHeaderLength + sid.Length;
        }
    }
}
