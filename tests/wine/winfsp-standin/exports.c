/* The exports that the adapter binds. */
#include "standin.h"
#include <stdlib.h>
#include <stdio.h>

#define EXPORT __declspec(dllexport)

Status StandInComplete(const Response *response);
OperationContext *StandInContext(void);

EXPORT Status FspVersion(uint32_t *version)
{
    const char *given = getenv("WINFSP_STANDIN_VERSION"); /* "2.0", to see what an old one gives */
    unsigned major = 2, minor = 2;
    if (given) sscanf(given, "%u.%u", &major, &minor);
    *version = major << 16 | minor;
    return OK;
}

EXPORT Status FspFileSystemPreflight(const wchar_t *device, const wchar_t *mount)
{
    if (wcscmp(device, L"WinFsp.Disk") != 0) return (Status)0xC0000034;
    if (mount && mount[0] && mount[1] == L':' && !mount[2] && (GetLogicalDrives() >> ((mount[0] | 32) - L'a') & 1)) return NAME_COLLISION;
    return OK;
}

EXPORT Status FspFileSystemCreate(const wchar_t *device, const void *params, void **table, FileSystem **result)
{
    FileSystem *fs = calloc(1, sizeof *fs);
    (void)device;
    if (!fs) return NO_MEMORY;
    fs->Version = 792;
    memcpy(fs->Params, params, *(const uint16_t *)params == sizeof fs->Params ? sizeof fs->Params : 456);
    fs->Table = table;
    *result = fs;
    return OK;
}

EXPORT Status FspFileSystemSetMountPoint(FileSystem *fs, const wchar_t *mount)
{
    if (!mount)
    {
        wchar_t letter = L'Z';
        while (letter > L'C' && (GetLogicalDrives() >> (letter - L'A') & 1)) letter--;
        fs->MountName[0] = letter, fs->MountName[1] = L':', fs->MountName[2] = 0;
    }
    else wcsncpy(fs->MountName, mount, 259);
    fs->MountPoint = fs->MountName;
    return OK;
}

EXPORT Status FspFileSystemStartDispatcher(FileSystem *fs, uint32_t threads)
{
    (void)threads; /* each connection of the test has its own */
    return CommandsStart(fs);
}

EXPORT void FspFileSystemStopDispatcher(FileSystem *fs)
{
    CommandsStop();
    if (fs->Table[SlotDispatcherStopped]) ((void (*)(FileSystem *, uint8_t))fs->Table[SlotDispatcherStopped])(fs, 1);
}

EXPORT void FspFileSystemDelete(FileSystem *fs)
{
    free(fs);
}

EXPORT void FspFileSystemSendResponse(FileSystem *fs, const Response *response)
{
    (void)fs;
    if (response->Size != sizeof *response || StandInComplete(response) != OK)
        fprintf(stderr, "stand-in: an answer that nobody waits for: size %u, hint %llx\n", response->Size, (unsigned long long)response->Hint);
}

EXPORT OperationContext *FspFileSystemGetOperationContext(void)
{
    return StandInContext();
}

/* An entry goes to the next multiple of 8; NULL marks the end of the listing by an entry of size 0. */
EXPORT uint8_t FspFileSystemAddDirInfo(const DirInfo *entry, void *buffer, uint32_t length, uint32_t *done)
{
    uint32_t at = *done;
    if (!entry)
    {
        if (at + 2 > length) return 0;
        *(uint16_t *)((uint8_t *)buffer + at) = 0;
        *done = at + 2;
        return 1;
    }

    uint32_t size = (entry->Size + 7u) & ~7u;
    if (at + size > length) return 0;
    memcpy((uint8_t *)buffer + at, entry, entry->Size);
    *done = at + size;
    return 1;
}
