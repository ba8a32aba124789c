using SyncAgent.Model.Tests.Operations;

namespace SyncAgent.Model.Tests.Reference;

internal sealed partial class ModelTree
{
    /// <summary>Taken from the permissions of what is made: the tests run under it.</summary>
    public const uint ModelUmask = 0b000_010_010;

    /// <summary>Splits a path and finds what stands there, or says why there is no such place.</summary>
    private Outcome? Find(string path, out ModelDirectory? directory, out string name, out ModelNode? node)
    {
        directory = Root;
        node = Root;
        name = "";
        if (path.Length == 0) return null;
        var names = path.Split('/');
        for (var i = 0; i < names.Length; i++)
        {
            if (node is not ModelDirectory at) return new Outcome(node is null or ModelLink ? Errno.NotFound : Errno.NotDirectory);
            (directory, name) = (at, names[i]);
            node = at.Children.GetValueOrDefault(name);
        }

        return null;
    }

    private ModelNode? At(string path) => Find(path, out _, out _, out var node) is null ? node : null;

    private Outcome Make(string path, ModelNode node)
    {
        if (Find(path, out var directory, out var name, out var found) is { } error) return error;
        if (found is not null) return new Outcome(Errno.Exists);
        if (node is ModelDirectory) node.Mode &= ~ModelUmask;
        Attach(directory!, name, node);
        return Outcome.Done;
    }

    private Outcome RemoveName(Unlink unlink)
    {
        if (Find(unlink.Path, out var directory, out var name, out var node) is { } error) return error;
        if (node is null) return new Outcome(Errno.NotFound);
        if (node is ModelDirectory) return new Outcome(Errno.IsDirectory);
        Detach(directory!, name);
        return Outcome.Done;
    }

    private Outcome Remove(RemoveDirectory remove)
    {
        if (Find(remove.Path, out var directory, out var name, out var node) is { } error) return error;
        if (node is null) return new Outcome(Errno.NotFound);
        if (node is not ModelDirectory found) return new Outcome(Errno.NotDirectory);
        if (found.Children.Count > 0) return new Outcome(Errno.NotEmpty);
        Detach(directory!, name);
        return Outcome.Done;
    }

    private Outcome ReadTarget(ReadLink read)
    {
        if (Find(read.Path, out _, out _, out var node) is { } error) return error;
        return node switch
        {
            null => new Outcome(Errno.NotFound),
            ModelLink link => new Outcome(0, link.Target),
            _ => new Outcome(Errno.Invalid),
        };
    }

    /// <summary>The checks and their order are those of Linux's do_renameat2 and vfs_rename.</summary>
    private Outcome Move(Rename rename)
    {
        if (Find(rename.From, out var from, out var formerName, out var node) is { } sourceError) return sourceError;
        if (Find(rename.To, out var to, out var newName, out var target) is { } targetError) return targetError;
        if (node is null) return new Outcome(Errno.NotFound);
        if (rename.Kind == RenameKind.NoReplace && target is not null) return new Outcome(Errno.Exists);
        if (rename.Kind == RenameKind.Exchange && target is null) return new Outcome(Errno.NotFound);
        if (IsAtOrBelow(rename.To, rename.From) && rename.To != rename.From) return new Outcome(Errno.Invalid);
        if (IsAtOrBelow(rename.From, rename.To) && rename.To != rename.From) return new Outcome(rename.Kind == RenameKind.Exchange ? Errno.Invalid : Errno.NotEmpty);
        if (node == target) return Outcome.Done;
        if (rename.Kind == RenameKind.Exchange)
        {
            (from!.Children[formerName], to!.Children[newName]) = (target!, node);
            (from.ModifyTime, to.ModifyTime) = (null, null);
            return Outcome.Done;
        }

        if (target is not null)
        {
            if (node is ModelDirectory && target is not ModelDirectory) return new Outcome(Errno.NotDirectory);
            if (node is not ModelDirectory && target is ModelDirectory) return new Outcome(Errno.IsDirectory);
            if (target is ModelDirectory { Children.Count: > 0 }) return new Outcome(Errno.NotEmpty);
            Detach(to!, newName);
        }

        from!.Children.Remove(formerName);
        from.ModifyTime = null;
        Attach(to!, newName, node);
        return Outcome.Done;
    }

    private static bool IsAtOrBelow(string path, string directory) => path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal);

    private Outcome SetMode(ChangeMode mode)
    {
        if (Find(mode.Path, out _, out _, out var node) is { } error) return error;
        if (node is null or ModelLink) return new Outcome(Errno.NotFound);
        (node.Mode, node.SaysAttributes) = (mode.Permissions, true);
        node.Version++;
        return Outcome.Done;
    }

    private Outcome SetTime(ChangeTime time)
    {
        if (Find(time.Path, out _, out _, out var node) is { } error) return error;
        if (node is null) return new Outcome(Errno.NotFound);
        (node.ModifyTime, node.SaysAttributes) = (time.Nanoseconds, true);
        node.Version++;
        return Outcome.Done;
    }

    private Outcome Status(Stat stat)
    {
        if (Find(stat.Path, out _, out _, out var node) is { } error) return error;
        return node is null ? new Outcome(Errno.NotFound) : new Outcome(0, Status: StatusOf(node));
    }

    public static NodeStatus StatusOf(ModelNode node) => node switch
    {
        ModelFile file => new NodeStatus("file", file.Mode, file.Bytes.Length, file.ModifyTime),
        ModelLink link => new NodeStatus("link", link.Mode, link.Target.Length, link.ModifyTime),
        _ => new NodeStatus("directory", node.Mode, 0, node.ModifyTime),
    };

    private Outcome List(ReadDirectory read)
    {
        if (Find(read.Path, out _, out _, out var node) is { } error) return error;
        return node switch
        {
            null or ModelLink => new Outcome(Errno.NotFound),
            ModelDirectory directory => new Outcome(0, string.Join('/', directory.Children.Keys)),
            _ => new Outcome(Errno.NotDirectory),
        };
    }

    private static void Attach(ModelDirectory directory, string name, ModelNode node)
    {
        directory.Children.Add(name, node);
        directory.ModifyTime = null;
    }

    private static void Detach(ModelDirectory directory, string name)
    {
        directory.Children.Remove(name, out var node);
        directory.ModifyTime = null;
        if (node is ModelFile file) file.HasName = false;
    }
}
