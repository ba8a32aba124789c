namespace SyncAgent.Fs.Windows.Interop;

/// <summary>NTSTATUS values that the adapter itself answers (MS-ERREF 2.3.1); those of errors of the file system are in <see cref="NtStatusMap"/>.</summary>
internal static class NtStatus
{
    public const int Success = 0;
    public const int Pending = 0x00000103;
    public const int BufferOverflow = unchecked((int)0x80000005);
    public const int InvalidParameter = unchecked((int)0xC000000D);
    public const int EndOfFile = unchecked((int)0xC0000011);
    public const int AccessDenied = unchecked((int)0xC0000022);
    public const int ObjectNameInvalid = unchecked((int)0xC0000033);
    public const int ObjectNameNotFound = unchecked((int)0xC0000034);
    public const int ObjectNameCollision = unchecked((int)0xC0000035);
    public const int ObjectPathNotFound = unchecked((int)0xC000003A);
    public const int SharingViolation = unchecked((int)0xC0000043);
    public const int FileIsADirectory = unchecked((int)0xC00000BA);
    public const int UnexpectedIoError = unchecked((int)0xC00000E9);
    public const int DirectoryNotEmpty = unchecked((int)0xC0000101);
    public const int NotADirectory = unchecked((int)0xC0000103);
    public const int CannotDelete = unchecked((int)0xC0000121);
    public const int FileClosed = unchecked((int)0xC0000128);
}
