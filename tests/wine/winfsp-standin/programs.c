#include "programs.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define END_OF_FILE ((Status)0xC0000011)
#define DIFFERENT ((Status)0xE0000002)
#define ALL_ACCESS 0x12019F
#define DELETE_ACCESS 0x110080
#define NON_DIRECTORY 0x40
#define DIRECTORY 0x01

void TextAdd(Text *text, const char *format, ...)
{
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    text->Bytes = realloc(text->Bytes, (size_t)(text->Length + length + 1));
    memcpy(text->Bytes + text->Length, line, (size_t)length + 1);
    text->Length += length;
}

static void AddName(Text *text, const wchar_t *name, int length)
{
    char utf8[1024];
    int size = WideCharToMultiByte(CP_UTF8, 0, name, length, utf8, sizeof utf8 - 1, NULL, NULL);
    utf8[size] = 0;
    TextAdd(text, "%s", utf8);
}

static void End(Handle *handle)
{
    KernelCleanup(handle);
    KernelClose(handle);
}

static uint64_t Now(void)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    return (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
}

Status CopyIn(FileSystem *fs, const wchar_t *local, const wchar_t *name, int block)
{
    HANDLE file = CreateFileW(local, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return (Status)0xC0000034;
    LARGE_INTEGER size;
    GetFileSizeEx(file, &size);
    Handle *handle;
    FileInfo info;
    Status status = KernelCreate(fs, name, NON_DIRECTORY, ALL_ACCESS, FILE_ATTRIBUTE_ARCHIVE, 0, &handle, &info);
    if (status == NAME_COLLISION)
    {
        status = KernelOpen(fs, name, NON_DIRECTORY, ALL_ACCESS, &handle, &info);
        if (status == OK && (status = KernelOverwrite(handle, 0, &info)) != OK) End(handle);
    }

    if (status == OK)
    {
        uint8_t *bytes = malloc((size_t)block);
        uint64_t at = 0;
        DWORD got;
        status = KernelSize(handle, (uint64_t)size.QuadPart, 1);
        while (status == OK && ReadFile(file, bytes, (DWORD)block, &got, NULL) && got > 0)
        {
            uint32_t done;
            status = KernelWrite(handle, bytes, at, got, 0, 0, &done);
            if (status == OK && done != got) status = DIFFERENT;
            at += got;
        }

        if (status == OK) status = KernelTimes(handle, 0xFFFFFFFF, 0, 133000000000000000ull);
        End(handle);
        free(bytes);
    }

    CloseHandle(file);
    return status;
}

Status CopyOut(FileSystem *fs, const wchar_t *name, const wchar_t *local, int block)
{
    Handle *handle;
    FileInfo info;
    Status status = KernelOpen(fs, name, NON_DIRECTORY, 0x120089, &handle, &info);
    if (status != OK) return status;
    HANDLE file = CreateFileW(local, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    uint8_t *bytes = malloc((size_t)block);
    uint64_t at = 0;
    for (;;)
    {
        uint32_t done;
        DWORD wrote;
        status = KernelRead(handle, bytes, at, (uint32_t)block, &done);
        if (status == END_OF_FILE) { status = at == info.FileSize ? OK : DIFFERENT; break; }
        if (status != OK) break;
        if (done == 0) { status = DIFFERENT; break; }
        WriteFile(file, bytes, done, &wrote, NULL);
        at += done;
    }

    free(bytes);
    CloseHandle(file);
    End(handle);
    return status;
}

Status MakeFolder(FileSystem *fs, const wchar_t *name)
{
    Handle *handle;
    FileInfo info;
    Status status = KernelCreate(fs, name, DIRECTORY, 0x100081, FILE_ATTRIBUTE_DIRECTORY, 0, &handle, &info);
    if (status == OK) End(handle);
    return status;
}

Status Remove(FileSystem *fs, const wchar_t *name)
{
    Handle *handle;
    FileInfo info;
    Status status = KernelOpen(fs, name, 0, DELETE_ACCESS, &handle, &info);
    if (status != OK) return status;
    status = KernelDisposition(handle, 1);
    End(handle);
    return status;
}

Status Move(FileSystem *fs, const wchar_t *from, const wchar_t *to, int replace)
{
    Handle *handle;
    FileInfo info;
    Status status = KernelOpen(fs, from, 0, DELETE_ACCESS, &handle, &info);
    if (status != OK) return status;
    status = KernelRename(handle, to, replace);
    End(handle);
    return status;
}

static Status WriteNew(FileSystem *fs, const wchar_t *name, const void *bytes, uint32_t length)
{
    Handle *handle;
    FileInfo info;
    uint32_t done;
    Status status = KernelCreate(fs, name, NON_DIRECTORY, ALL_ACCESS, FILE_ATTRIBUTE_ARCHIVE, 0, &handle, &info);
    if (status != OK) return status;
    status = KernelWrite(handle, bytes, 0, length, 0, 0, &done);
    End(handle);
    return status;
}

Status SafeSave(FileSystem *fs, const wchar_t *name, const char *content)
{
    wchar_t temporary[1100];
    swprintf(temporary, 1100, L"%ls~RF1.TMP", name);
    Status status = WriteNew(fs, temporary, content, (uint32_t)strlen(content));
    return status == OK ? Move(fs, temporary, name, 1) : status;
}

static void ListEach(void *state, const DirInfo *entry)
{
    TextAdd(state, "%x %llu ", entry->Info.Attributes, (unsigned long long)entry->Info.FileSize);
    AddName(state, entry->Name, (int)((entry->Size - offsetof(DirInfo, Name)) / sizeof(wchar_t)));
    TextAdd(state, "\n");
}

Status List(FileSystem *fs, const wchar_t *name, uint32_t bufferSize, Text *text)
{
    Handle *handle;
    FileInfo info;
    Status status = KernelOpen(fs, name, DIRECTORY, 0x100081, &handle, &info);
    if (status != OK) return status;
    status = KernelList(handle, bufferSize, ListEach, text);
    End(handle);
    return status;
}

Status Stat(FileSystem *fs, const wchar_t *name, Text *text)
{
    Handle *handle;
    FileInfo info;
    Status status = KernelOpen(fs, name, 0, 0x80, &handle, &info);
    if (status != OK) return status;
    status = KernelInfo(handle, &info);
    End(handle);
    TextAdd(text, "%x %llu %llu", info.Attributes, (unsigned long long)info.FileSize, (unsigned long long)info.Write);
    return status;
}

typedef struct {
    FileSystem *Fs;
    const wchar_t *Folder;
    int Number, Files, Size;
    Status Result;
    int Left;
} Worker;

static void ListNothing(void *state, const DirInfo *entry) { (void)entry; ++*(int *)state; }

/* Each file: written in three pieces, read back through a second handle; every third renamed, every third deleted. */
static Status StormFile(Worker *worker, int i, uint8_t *bytes, uint8_t *back)
{
    wchar_t name[300], other[300];
    Handle *handle, *reader;
    FileInfo info;
    uint32_t done, third = (uint32_t)worker->Size / 3;
    uint64_t seed = (uint64_t)worker->Number << 32 | (uint32_t)i;
    for (int k = 0; k < worker->Size; k++) bytes[k] = (uint8_t)((seed = seed * 6364136223846793005ull + 1442695040888963407ull) >> 56);
    swprintf(name, 300, L"%ls\\t%d-%d.bin", worker->Folder, worker->Number, i);
    Status status = KernelCreate(worker->Fs, name, NON_DIRECTORY, ALL_ACCESS, FILE_ATTRIBUTE_ARCHIVE, 0, &handle, &info);
    if (status != OK) return status;
    for (uint32_t at = 0; status == OK && at < (uint32_t)worker->Size; at += third)
    {
        uint32_t length = at + third > (uint32_t)worker->Size ? (uint32_t)worker->Size - at : third;
        status = KernelWrite(handle, bytes + at, at, length, 0, 0, &done);
    }

    if (status == OK && (status = KernelOpen(worker->Fs, name, 0, 0x120089, &reader, &info)) == OK)
    {
        status = KernelRead(reader, back, 0, (uint32_t)worker->Size, &done);
        if (status == OK && (done != (uint32_t)worker->Size || memcmp(bytes, back, done) != 0)) status = DIFFERENT;
        End(reader);
    }

    if (status == OK) status = KernelTimes(handle, 0xFFFFFFFF, 0, Now());
    End(handle);
    if (status != OK) return status;
    if (i % 3 == 1)
    {
        swprintf(other, 300, L"%ls\\T%d-%d renamed.bin", worker->Folder, worker->Number, i);
        status = Move(worker->Fs, name, other, 0);
    }

    if (i % 3 == 2) status = Remove(worker->Fs, name);
    else worker->Left++;
    return status;
}

static DWORD WINAPI StormThread(void *parameter)
{
    Worker *worker = parameter;
    uint8_t *bytes = malloc((size_t)worker->Size), *back = malloc((size_t)worker->Size);
    for (int i = 0; i < worker->Files && worker->Result == OK; i++)
    {
        worker->Result = StormFile(worker, i, bytes, back);
        if (worker->Result != OK || i % 16 != 15) continue;
        int count = 0;
        Handle *handle;
        FileInfo info;
        worker->Result = KernelOpen(worker->Fs, worker->Folder, DIRECTORY, 0x100081, &handle, &info);
        if (worker->Result != OK) break;
        worker->Result = KernelList(handle, 4096, ListNothing, &count);
        End(handle);
    }

    free(bytes);
    free(back);
    return 0;
}

Status Storm(FileSystem *fs, const wchar_t *folder, int threads, int files, int size, Text *text)
{
    Worker workers[32] = { 0 };
    HANDLE running[32];
    Status status = MakeFolder(fs, folder);
    int left = 0;
    if (threads > 32) threads = 32;
    for (int i = 0; i < threads; i++)
    {
        workers[i] = (Worker){ fs, folder, i, files, size, OK, 0 };
        running[i] = CreateThread(NULL, 0, StormThread, &workers[i], 0, NULL);
    }

    for (int i = 0; i < threads; i++)
    {
        WaitForSingleObject(running[i], INFINITE);
        CloseHandle(running[i]);
        if (workers[i].Result != OK) status = workers[i].Result;
        left += workers[i].Left;
    }

    TextAdd(text, "%d", left);
    return status;
}
