/* A stand-in for winfsp-x64.dll: what the documented interface of WinFsp 2.x says of its exports, and none of WinFsp's own code. There is no driver
 * behind it: commands over TCP take the place of the kernel's requests. Used by tests under Wine only. */
#ifndef STANDIN_H
#define STANDIN_H

#define WIN32_LEAN_AND_MEAN
#define UNICODE
#include <winsock2.h>
#include <windows.h>
#include <stdint.h>

typedef int32_t Status;

#define OK ((Status)0)
#define PENDING ((Status)0x103)
#define INVALID_REQUEST ((Status)0xC0000010)
#define NO_MEMORY ((Status)0xC0000017)
#define NAME_COLLISION ((Status)0xC0000035)
#define BAD_COMMAND ((Status)0xE0000001)

/* Sizes and offsets are those of the published headers for x64. */
#pragma pack(push, 8)
typedef struct {
    uint32_t Attributes, ReparseTag;
    uint64_t AllocationSize, FileSize, Creation, Access, Write, Change, Index;
    uint32_t HardLinks, EaSize;
} FileInfo;

typedef struct {
    FileInfo Info;
    wchar_t *NormalizedName;
    uint16_t NormalizedNameSize; /* bytes */
} OpenFileInfo;

typedef struct {
    uint64_t Total, Free;
    uint16_t LabelLength; /* bytes */
    wchar_t Label[32];
} VolumeInfo;

typedef struct {
    uint16_t Size;
    FileInfo Info;
    uint64_t NextOffset;
    uint64_t Padding[2];
    wchar_t Name[];
} DirInfo;

typedef struct {
    uint16_t Version, Size;
    uint32_t Kind;
    uint64_t Hint;
    uint8_t Rest[72];
} Request;

typedef struct {
    uint16_t Version, Size;
    uint32_t Kind;
    uint64_t Hint;
    uint32_t Information;
    Status Status;
    uint8_t Rest[104];
} Response;

typedef struct {
    Request *Request;
    Response *Response;
} OperationContext;

typedef struct FileSystem {
    uint16_t Version;
    void *UserContext;          /* @8: the adapter's own */
    wchar_t VolumeName[256];
    uint8_t Opaque[752 - 16 - 512];
    wchar_t *MountPoint;        /* @752 */
    uint8_t Rest[792 - 760];
    /* ours, behind what the headers show */
    void **Table;
    uint8_t Params[504];
    wchar_t MountName[260];
} FileSystem;
#pragma pack(pop)

_Static_assert(sizeof(FileInfo) == 72, "FILE_INFO");
_Static_assert(sizeof(OpenFileInfo) == 88, "OPEN_FILE_INFO");
_Static_assert(sizeof(VolumeInfo) == 88, "VOLUME_INFO");
_Static_assert(offsetof(DirInfo, Name) == 104 && offsetof(DirInfo, NextOffset) == 80, "DIR_INFO");
_Static_assert(sizeof(Request) == 88, "REQ");
_Static_assert(sizeof(Response) == 128 && offsetof(Response, Information) == 16 && offsetof(Response, Status) == 20, "RSP");
_Static_assert(offsetof(FileSystem, UserContext) == 8 && offsetof(FileSystem, MountPoint) == 752, "FILE_SYSTEM");

/* Slots of the table of functions. */
enum {
    SlotGetVolumeInfo, SlotSetVolumeLabel, SlotGetSecurityByName, SlotCreate, SlotOpen, SlotOverwrite, SlotCleanup, SlotClose, SlotRead, SlotWrite, SlotFlush,
    SlotGetFileInfo, SlotSetBasicInfo, SlotSetFileSize,
    SlotCanDelete, SlotRename, SlotGetSecurity, SlotSetSecurity, SlotReadDirectory, SlotGetDirInfoByName = 24, SlotSetDelete = 26, SlotDispatcherStopped = 32, Slots = 64
};

/* Flags of Cleanup. */
enum { CleanupDelete = 1, CleanupAllocation = 2, CleanupArchive = 0x10, CleanupAccessTime = 0x20, CleanupWriteTime = 0x40, CleanupChangeTime = 0x80 };

/* kernel.c: one request as the driver and the DLL make it, on the thread of the caller. A handle is a FILE_OBJECT. */
typedef struct Handle {
    FileSystem *Fs;
    void *Context;
    wchar_t Name[1024];
    int Directory, Modified, TimeSet, DeletePending, InUse;
} Handle;

Status KernelVolume(FileSystem *fs, VolumeInfo *info);
Status KernelSecurity(FileSystem *fs, const wchar_t *name, uint32_t *attributes, uint64_t *size);
Status KernelCreate(FileSystem *fs, const wchar_t *name, uint32_t options, uint32_t access, uint32_t attributes, uint64_t allocation, Handle **handle, FileInfo *info);
Status KernelOpen(FileSystem *fs, const wchar_t *name, uint32_t options, uint32_t access, Handle **handle, FileInfo *info);
Status KernelOverwrite(Handle *handle, uint64_t allocation, FileInfo *info);
Status KernelRead(Handle *handle, void *buffer, uint64_t offset, uint32_t length, uint32_t *done);
Status KernelWrite(Handle *handle, const void *buffer, uint64_t offset, uint32_t length, int toEnd, int constrained, uint32_t *done);
Status KernelFlush(Handle *handle);
Status KernelInfo(Handle *handle, FileInfo *info);
Status KernelTimes(Handle *handle, uint32_t attributes, uint64_t creation, uint64_t write);
Status KernelSize(Handle *handle, uint64_t size, int isAllocation);
Status KernelDisposition(Handle *handle, int remove);
Status KernelRename(Handle *handle, const wchar_t *name, int replace);
Status KernelList(Handle *handle, uint32_t bufferSize, void (*each)(void *state, const DirInfo *entry), void *state);
void KernelCleanup(Handle *handle);
void KernelClose(Handle *handle);
uint64_t KernelCalls(int slot);
uint64_t KernelPending(void);

/* commands.c */
Status CommandsStart(FileSystem *fs);
void CommandsStop(void);

/* The right of the interface that a request holds while it runs, by the default strategy. */
extern SRWLOCK Guard;

#endif
