namespace SyncAgent.DevStore;

/// <summary>ACL and tags of objects: kept and returned, not enforced (every request is signed by the owner). Restoring from an archive
/// class.</summary>
internal sealed class AttributeOperations(Catalog catalog)
{
    public Task<OssResponse> GetAclAsync(OssRequest request) => Task.FromResult(OssXml.AccessControlPolicy(Find(request).Acl));

    public async Task<OssResponse> PutAclAsync(OssRequest request)
    {
        string acl = AttributeReader.Acl(request) ?? throw OssErrors.MissingArgument("x-oss-object-acl");
        await ChangeAsync(request, attributes => attributes with { Acl = acl });
        return new OssResponse();
    }

    public Task<OssResponse> GetTaggingAsync(OssRequest request)
    {
        ObjectAttributes attributes = Find(request);
        return Task.FromResult(OssResponse.Xml("Tagging", xml =>
        {
            xml.WriteStartElement("TagSet");
            foreach (ObjectTag tag in attributes.Tags)
            {
                xml.WriteStartElement("Tag");
                xml.WriteElementString("Key", tag.Key);
                xml.WriteElementString("Value", tag.Value);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }));
    }

    public async Task<OssResponse> PutTaggingAsync(OssRequest request)
    {
        IReadOnlyList<ObjectTag> tags = AttributeReader.Tags(RequestBody.ParseXml(await request.Body.ReadAllAsync()));
        await ChangeAsync(request, attributes => attributes with { Tags = tags });
        return new OssResponse();
    }

    public async Task<OssResponse> DeleteTaggingAsync(OssRequest request)
    {
        await ChangeAsync(request, attributes => attributes with { Tags = [] });
        return new OssResponse { Status = 204 };
    }

    /// <summary>RestoreObject: 202 begins, 200 when it is restored. Here it is done at once.</summary>
    public async Task<OssResponse> RestoreAsync(OssRequest request)
    {
        ObjectAttributes attributes = Find(request);
        if (!attributes.IsArchived) throw new OssException(400, "OperationNotSupported", "The operation is not supported for this resource.");
        if (attributes.IsRestored) return new OssResponse();
        await ChangeAsync(request, now => now with { IsRestored = true });
        return new OssResponse { Status = 202 };
    }

    private ObjectAttributes Find(OssRequest request) => catalog.Read(state => Named(state, request).Attributes);

    private static ObjectRecord Named(CatalogState state, OssRequest request) =>
        state.GetObject(request.Bucket, request.Key, request.Parameter("versionId"));

    private async Task ChangeAsync(OssRequest request, Func<ObjectAttributes, ObjectAttributes> change) => await catalog.CommitAsync(state =>
    {
        ObjectRecord item = Named(state, request);
        return new LogRecord.ObjectSet(item with { Attributes = change(item.Attributes) });
    });
}
