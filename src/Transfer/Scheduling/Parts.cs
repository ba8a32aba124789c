namespace SyncAgent.Transfer;

/// <summary>Puts the pieces together that carry out steps.</summary>
internal static class Parts
{
    public static StepExecutor Compose(TransferContext context, UploadCheckpoint checkpoint)
    {
        var guard = new RemoteGuard(context);
        var confirmer = new Confirmer(context);
        var write = new GuardedWrite(guard, confirmer, checkpoint);
        var starter = new UploadStarter(context, checkpoint);
        var stored = new StoredRangesFinder(context);
        var completer = new UploadCompleter(context, guard, confirmer, checkpoint, stored);
        var copier = new MultipartCopier(context, guard, confirmer, checkpoint, starter, completer);
        var multipart = new MultipartSender(context, guard, confirmer, checkpoint, starter, completer, stored);
        return new StepExecutor(
            context, new ContentSender(context, new Hydrator(context), write, multipart, checkpoint), new SmallObjects(context, write),
            new ServerCopy(context, write, copier, confirmer, checkpoint));
    }
}
