using System.Text;
using System.Xml;

namespace SyncAgent.Store.Tests;

public class OssXmlTests
{
    [Fact]
    public void A_listing_is_decoded_whatever_the_order_namespace_and_unknown_elements()
    {
        var page = Parse("ListBucketResult", OssXml.ReadObjects, """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com">
              <Contents><Unknown><Key>no</Key></Unknown><Key>dir%2Fa+b%2B%E4%BD%A0</Key><LastModified>2023-03-17T06:07:05.000Z</LastModified>
                <ETag>"ABC"</ETag><Type>Normal</Type><Size>344606000000</Size><StorageClass>IA</StorageClass><Owner><ID>1</ID></Owner></Contents>
              <CommonPrefixes><Prefix>d%20x%2F</Prefix><Prefix>e%2F</Prefix></CommonPrefixes>
              <CommonPrefixes/>
              <NextContinuationToken>CgJiYw--%2B</NextContinuationToken>
              <IsTruncated>true</IsTruncated>
              <EncodingType>url</EncodingType>
            </ListBucketResult>
            """);

        Assert.Equal(
            new ListedObject("dir/a b+你", 344606000000, "ABC", new DateTimeOffset(2023, 3, 17, 6, 7, 5, TimeSpan.Zero), "IA"), Assert.Single(page.Objects));
        Assert.Equal(["d x/", "e/"], page.CommonPrefixes);
        Assert.Equal("CgJiYw--+", page.ContinuationToken);
    }

    [Fact]
    public void Without_an_encoding_type_nothing_is_decoded()
    {
        var page = Parse("ListBucketResult", OssXml.ReadObjects,
            "<ListBucketResult><Contents><Key>a+b%41</Key><Size>0</Size></Contents><IsTruncated>false</IsTruncated></ListBucketResult>");
        Assert.Equal("a+b%41", Assert.Single(page.Objects).Key);
        Assert.Null(page.ContinuationToken);
    }

    [Fact]
    public void An_empty_listing() => Assert.Empty(Parse("ListBucketResult", OssXml.ReadObjects, "<ListBucketResult/>").Objects);

    [Theory]
    [InlineData("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")]
    [InlineData("<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>")]
    [InlineData("<ListBucketResult><Contents><Key>k</Key></Contents>")]
    [InlineData("<html><body>Sign in</body></html>")]
    [InlineData("")]
    [InlineData("<!DOCTYPE x [<!ENTITY e \"boom\">]><ListBucketResult><Contents><Key>&e;</Key></Contents></ListBucketResult>")]
    public void What_could_hide_objects_is_refused(string xml) =>
        Assert.Throws<XmlException>(() => Parse("ListBucketResult", OssXml.ReadObjects, xml));

    [Fact]
    public void Parts_with_and_without_a_checksum()
    {
        var page = Parse("ListPartsResult", OssXml.ReadParts, """
            <ListPartsResult><NextPartNumberMarker>5</NextPartNumberMarker><IsTruncated>true</IsTruncated>
            <Part><PartNumber>1</PartNumber><ETag>"E1"</ETag><HashCrc64ecma>18446744073709551615</HashCrc64ecma><Size>6291456</Size></Part>
            <Part><PartNumber>5</PartNumber><ETag>E5</ETag><Size>1024</Size></Part></ListPartsResult>
            """);
        Assert.Equal([new ListedPart(1, 6291456, "E1", ulong.MaxValue), new ListedPart(5, 1024, "E5", null)], page.Parts);
        Assert.Equal(5, page.NextPartNumberMarker);

        var empty = Parse("ListPartsResult", OssXml.ReadParts,
            "<ListPartsResult><NextPartNumberMarker></NextPartNumberMarker><IsTruncated>false</IsTruncated></ListPartsResult>");
        Assert.Null(empty.NextPartNumberMarker);
    }

    [Fact]
    public void Uploads()
    {
        var page = Parse("ListMultipartUploadsResult", OssXml.ReadUploads, """
            <ListMultipartUploadsResult><EncodingType>url</EncodingType><NextKeyMarker>b%2Bc</NextKeyMarker><NextUploadIdMarker>U2</NextUploadIdMarker>
            <IsTruncated>true</IsTruncated><Upload><Key>a+b</Key><UploadId>U1</UploadId><Initiated>2012-02-23T04:18:23.000Z</Initiated></Upload>
            </ListMultipartUploadsResult>
            """);
        Assert.Equal(new ListedUpload("a b", "U1", new DateTimeOffset(2012, 2, 23, 4, 18, 23, TimeSpan.Zero)), Assert.Single(page.Uploads));
        Assert.Equal(("b+c", "U2"), (page.NextKeyMarker, page.NextUploadIdMarker));
    }

    [Fact]
    public void Complete_names_parts_in_order_and_escapes_etags() => Assert.Equal(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"A&amp;\"</ETag></Part><Part><PartNumber>7</PartNumber><ETag>\"B\"</ETag></Part></CompleteMultipartUpload>",
        Encoding.UTF8.GetString(OssXml.WriteComplete([new(1, "A&"), new(7, "B")])));

    [Theory]
    [InlineData(null)]
    [InlineData("not base64!")]
    [InlineData("bm90IHhtbA==")]
    public void An_unusable_head_error_is_none(string? header) => Assert.Null(OssXml.TryParseHeadError(header));

    private static T Parse<T>(string root, Func<XmlReader, T> read, string xml) => OssXml.Parse(Encoding.UTF8.GetBytes(xml), root, read);
}
