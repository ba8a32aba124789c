/* Requests as the driver and the DLL above it make them: in the order, under the guards and with the flags that the documentation says. */
#include "standin.h"
#include <stdlib.h>
#include <stdio.h>

SRWLOCK Guard = SRWLOCK_INIT;

static volatile LONG64 calls[Slots];
static volatile LONG64 pendingAnswers;
static volatile LONG64 nextHint = 1;

/* What waits for an answer by SendResponse. */
typedef struct Waiting {
    uint64_t Hint;
    HANDLE Done;
    Response Answer;
    struct Waiting *Next;
} Waiting;

static SRWLOCK waitingLock = SRWLOCK_INIT;
static Waiting *waiting;

static __thread Request request;
static __thread Response response;
static __thread OperationContext context = { 0 };

OperationContext *StandInContext(void)
{
    return context.Request ? &context : NULL;
}

Status StandInComplete(const Response *answer)
{
    Status status = INVALID_REQUEST;
    AcquireSRWLockExclusive(&waitingLock);
    for (Waiting *one = waiting; one; one = one->Next)
    {
        if (one->Hint != answer->Hint) continue;
        one->Answer = *answer;
        SetEvent(one->Done);
        status = OK;
        break;
    }

    ReleaseSRWLockExclusive(&waitingLock);
    return status;
}

static void Begin(Waiting *wait, int slot)
{
    InterlockedIncrement64(&calls[slot]);
    memset(&request, 0, sizeof request);
    memset(&response, 0, sizeof response);
    request.Size = response.Size = sizeof request;
    response.Size = sizeof response;
    request.Kind = response.Kind = (uint32_t)slot + 1;
    request.Hint = response.Hint = (uint64_t)InterlockedIncrement64(&nextHint);
    context.Request = &request;
    context.Response = &response;
    memset(wait, 0, sizeof *wait);
    wait->Hint = request.Hint;
    wait->Done = CreateEventW(NULL, TRUE, FALSE, NULL);
    AcquireSRWLockExclusive(&waitingLock);
    wait->Next = waiting;
    waiting = wait;
    ReleaseSRWLockExclusive(&waitingLock);
}

/* The outcome; of a pending request as soon as it is answered. */
static Status End(Waiting *wait, Status status, uint32_t *done)
{
    if (status == PENDING)
    {
        InterlockedIncrement64(&pendingAnswers);
        WaitForSingleObject(wait->Done, INFINITE);
        status = wait->Answer.Status;
        if (done) *done = wait->Answer.Information;
    }

    AcquireSRWLockExclusive(&waitingLock);
    for (Waiting **at = &waiting; *at; at = &(*at)->Next)
    {
        if (*at != wait) continue;
        *at = wait->Next;
        break;
    }

    ReleaseSRWLockExclusive(&waitingLock);
    CloseHandle(wait->Done);
    context.Request = NULL;
    return status;
}

#define CALL(slot, type, ...) (((Status (*) type)fs->Table[slot])(__VA_ARGS__))
#define HAS(slot) (fs->Table[slot] != NULL)

uint64_t KernelCalls(int slot) { return (uint64_t)calls[slot]; }
uint64_t KernelPending(void) { return (uint64_t)pendingAnswers; }

Status KernelVolume(FileSystem *fs, VolumeInfo *info)
{
    Waiting wait;
    Begin(&wait, SlotGetVolumeInfo);
    AcquireSRWLockShared(&Guard);
    Status status = CALL(SlotGetVolumeInfo, (FileSystem *, VolumeInfo *), fs, info);
    ReleaseSRWLockShared(&Guard);
    return End(&wait, status, NULL);
}

Status KernelSecurity(FileSystem *fs, const wchar_t *name, uint32_t *attributes, uint64_t *size)
{
    /* First without room for the descriptor, then with: as the DLL does. */
    uint8_t descriptor[1024];
    Waiting wait;
    *size = 0;
    Begin(&wait, SlotGetSecurityByName);
    Status status = End(&wait, CALL(SlotGetSecurityByName, (FileSystem *, const wchar_t *, uint32_t *, void *, uint64_t *), fs, name, attributes, NULL, NULL), NULL);
    if (status != OK) return status;
    *size = 4;
    Begin(&wait, SlotGetSecurityByName);
    status = End(&wait, CALL(SlotGetSecurityByName, (FileSystem *, const wchar_t *, uint32_t *, void *, uint64_t *), fs, name, attributes, descriptor, size), NULL);
    if (status == OK) return *size == 0 ? OK : (Status)0xC000000D; /* four bytes hold no descriptor */
    if (status != (Status)0x80000005 || *size > sizeof descriptor) return status;
    Begin(&wait, SlotGetSecurityByName);
    status = End(&wait, CALL(SlotGetSecurityByName, (FileSystem *, const wchar_t *, uint32_t *, void *, uint64_t *), fs, name, attributes, descriptor, size), NULL);
    return status == OK && !IsValidSecurityDescriptor(descriptor) ? (Status)0xC0000079 : status;
}

static Handle *NewHandle(FileSystem *fs, const wchar_t *name, const FileInfo *info)
{
    Handle *handle = calloc(1, sizeof *handle);
    handle->Fs = fs;
    handle->Directory = (info->Attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    wcsncpy(handle->Name, name, 1023);
    return handle;
}

Status KernelCreate(FileSystem *fs, const wchar_t *name, uint32_t options, uint32_t access, uint32_t attributes, uint64_t allocation, Handle **result, FileInfo *info)
{
    Waiting wait;
    OpenFileInfo open;
    wchar_t normalized[1024] = { 0 };
    void *file = NULL;
    memset(&open, 0, sizeof open);
    open.NormalizedName = normalized;
    open.NormalizedNameSize = sizeof normalized;
    Begin(&wait, SlotCreate);
    AcquireSRWLockExclusive(&Guard);
    Status status = CALL(SlotCreate, (FileSystem *, const wchar_t *, uint32_t, uint32_t, uint32_t, void *, uint64_t, void **, OpenFileInfo *),
        fs, name, options, access, attributes, NULL, allocation, &file, &open);
    ReleaseSRWLockExclusive(&Guard);
    status = End(&wait, status, NULL);
    if (status != OK) return status;
    *info = open.Info;
    *result = NewHandle(fs, name, info);
    (*result)->Context = file;
    (*result)->Modified = !(*result)->Directory;
    return OK;
}

Status KernelOpen(FileSystem *fs, const wchar_t *name, uint32_t options, uint32_t access, Handle **result, FileInfo *info)
{
    Waiting wait;
    OpenFileInfo open;
    wchar_t normalized[1024] = { 0 };
    void *file = NULL;
    memset(&open, 0, sizeof open);
    open.NormalizedName = normalized;
    open.NormalizedNameSize = sizeof normalized;
    Begin(&wait, SlotOpen);
    AcquireSRWLockShared(&Guard);
    Status status = CALL(SlotOpen, (FileSystem *, const wchar_t *, uint32_t, uint32_t, void **, OpenFileInfo *), fs, name, options, access, &file, &open);
    ReleaseSRWLockShared(&Guard);
    status = End(&wait, status, NULL);
    if (status != OK) return status;
    *info = open.Info;
    *result = NewHandle(fs, name, info);
    (*result)->Context = file;
    return OK;
}

Status KernelOverwrite(Handle *handle, uint64_t allocation, FileInfo *info)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    Begin(&wait, SlotOverwrite);
    Status status = End(&wait, CALL(SlotOverwrite, (FileSystem *, void *, uint32_t, uint8_t, uint64_t, FileInfo *), fs, handle->Context, 0x20, 0, allocation, info), NULL);
    if (status == OK) handle->Modified = 1;
    return status;
}

Status KernelRead(Handle *handle, void *buffer, uint64_t offset, uint32_t length, uint32_t *done)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    *done = 0;
    Begin(&wait, SlotRead);
    return End(&wait, CALL(SlotRead, (FileSystem *, void *, void *, uint64_t, uint32_t, uint32_t *), fs, handle->Context, buffer, offset, length, done), done);
}

Status KernelWrite(Handle *handle, const void *buffer, uint64_t offset, uint32_t length, int toEnd, int constrained, uint32_t *done)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    FileInfo info;
    *done = 0;
    Begin(&wait, SlotWrite);
    Status status = End(&wait, CALL(SlotWrite, (FileSystem *, void *, const void *, uint64_t, uint32_t, uint8_t, uint8_t, uint32_t *, FileInfo *),
        fs, handle->Context, buffer, toEnd ? (uint64_t)-1 : offset, length, (uint8_t)toEnd, (uint8_t)constrained, done, &info), done);
    if (status == OK) handle->Modified = 1, handle->TimeSet = 0;
    return status;
}

Status KernelFlush(Handle *handle)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    FileInfo info;
    Begin(&wait, SlotFlush);
    return End(&wait, CALL(SlotFlush, (FileSystem *, void *, FileInfo *), fs, handle->Context, &info), NULL);
}

Status KernelInfo(Handle *handle, FileInfo *info)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    Begin(&wait, SlotGetFileInfo);
    return End(&wait, CALL(SlotGetFileInfo, (FileSystem *, void *, FileInfo *), fs, handle->Context, info), NULL);
}

Status KernelTimes(Handle *handle, uint32_t attributes, uint64_t creation, uint64_t write)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    FileInfo info;
    Begin(&wait, SlotSetBasicInfo);
    Status status = End(&wait, CALL(SlotSetBasicInfo, (FileSystem *, void *, uint32_t, uint64_t, uint64_t, uint64_t, uint64_t, FileInfo *),
        fs, handle->Context, attributes, creation, 0, write, 0, &info), NULL);
    if (status == OK && write) handle->TimeSet = 1;
    return status;
}

Status KernelSize(Handle *handle, uint64_t size, int isAllocation)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    FileInfo info;
    Begin(&wait, SlotSetFileSize);
    Status status = End(&wait, CALL(SlotSetFileSize, (FileSystem *, void *, uint64_t, uint8_t, FileInfo *), fs, handle->Context, size, (uint8_t)isAllocation, &info), NULL);
    if (status == OK) handle->Modified = 1;
    return status;
}

Status KernelDisposition(Handle *handle, int remove)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    int slot = HAS(SlotSetDelete) ? SlotSetDelete : SlotCanDelete;
    Begin(&wait, slot);
    AcquireSRWLockShared(&Guard);
    Status status = slot == SlotSetDelete ? CALL(SlotSetDelete, (FileSystem *, void *, const wchar_t *, uint8_t), fs, handle->Context, handle->Name, (uint8_t)remove)
        : remove && HAS(SlotCanDelete) ? CALL(SlotCanDelete, (FileSystem *, void *, const wchar_t *), fs, handle->Context, handle->Name)
        : OK;
    ReleaseSRWLockShared(&Guard);
    status = End(&wait, status, NULL);
    if (status == OK) handle->DeletePending = remove;
    return status;
}

Status KernelRename(Handle *handle, const wchar_t *name, int replace)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    Begin(&wait, SlotRename);
    AcquireSRWLockExclusive(&Guard);
    Status status = CALL(SlotRename, (FileSystem *, void *, const wchar_t *, const wchar_t *, uint8_t), fs, handle->Context, handle->Name, name, (uint8_t)replace);
    ReleaseSRWLockExclusive(&Guard);
    status = End(&wait, status, NULL);
    if (status == OK) wcsncpy(handle->Name, name, 1023);
    return status;
}

Status KernelList(Handle *handle, uint32_t bufferSize, void (*each)(void *state, const DirInfo *entry), void *state)
{
    FileSystem *fs = handle->Fs;
    uint8_t *buffer = malloc(bufferSize);
    wchar_t marker[256];
    int first = 1;
    Status status;
    for (;;)
    {
        Waiting wait;
        uint32_t done = 0, at = 0;
        int count = 0;
        Begin(&wait, SlotReadDirectory);
        AcquireSRWLockShared(&Guard);
        status = CALL(SlotReadDirectory, (FileSystem *, void *, const wchar_t *, const wchar_t *, void *, uint32_t, uint32_t *),
            fs, handle->Context, NULL, first ? NULL : marker, buffer, bufferSize, &done);
        ReleaseSRWLockShared(&Guard);
        status = End(&wait, status, &done);
        if (status != OK) break;
        while (at + 2 <= done)
        {
            const DirInfo *entry = (const DirInfo *)(buffer + at);
            if (entry->Size == 0) goto out; /* the end */
            size_t length = (entry->Size - offsetof(DirInfo, Name)) / sizeof(wchar_t);
            memcpy(marker, entry->Name, length * sizeof(wchar_t));
            marker[length] = 0;
            each(state, entry);
            count++;
            at += (entry->Size + 7u) & ~7u;
        }

        first = 0;
        if (count == 0) break;
    }

out:
    free(buffer);
    return status;
}

void KernelCleanup(Handle *handle)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    uint32_t flags = 0;
    int remove = handle->DeletePending;
    if (remove) flags |= CleanupDelete;
    if (handle->Modified) flags |= CleanupArchive | CleanupChangeTime | CleanupAllocation | (handle->TimeSet ? 0 : CleanupWriteTime);
    Begin(&wait, SlotCleanup);
    if (remove) AcquireSRWLockExclusive(&Guard);
    ((void (*)(FileSystem *, void *, const wchar_t *, uint32_t))fs->Table[SlotCleanup])(fs, handle->Context, remove ? handle->Name : NULL, flags);
    if (remove) ReleaseSRWLockExclusive(&Guard);
    End(&wait, OK, NULL);
}

void KernelClose(Handle *handle)
{
    FileSystem *fs = handle->Fs;
    Waiting wait;
    Begin(&wait, SlotClose);
    ((void (*)(FileSystem *, void *))fs->Table[SlotClose])(fs, handle->Context);
    End(&wait, OK, NULL);
    free(handle);
}
