using System.Xml;

namespace SyncAgent.DevStore;

/// <summary>Pieces that several answers share.</summary>
internal static class OssXml
{
    private const string OwnerId = "devstore";

    public static void WriteOwner(XmlWriter xml)
    {
        xml.WriteStartElement("Owner");
        xml.WriteElementString("ID", OwnerId);
        xml.WriteElementString("DisplayName", OwnerId);
        xml.WriteEndElement();
    }

    public static void WriteGrant(XmlWriter xml, string acl)
    {
        xml.WriteStartElement("AccessControlList");
        xml.WriteElementString("Grant", acl);
        xml.WriteEndElement();
    }

    public static OssResponse AccessControlPolicy(string acl) => OssResponse.Xml("AccessControlPolicy", xml =>
    {
        WriteOwner(xml);
        WriteGrant(xml, acl);
    });
}
