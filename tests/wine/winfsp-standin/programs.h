/* Programs that use the drive, by the requests that the driver would make of their calls. Text is what they say. */
#ifndef PROGRAMS_H
#define PROGRAMS_H
#include "standin.h"

typedef struct {
    char *Bytes;
    int Length;
} Text;

void TextAdd(Text *text, const char *format, ...);

/* As Explorer copies: preallocation, blocks, times set before the close. */
Status CopyIn(FileSystem *fs, const wchar_t *local, const wchar_t *name, int block);
Status CopyOut(FileSystem *fs, const wchar_t *name, const wchar_t *local, int block);
Status MakeFolder(FileSystem *fs, const wchar_t *name);
Status Remove(FileSystem *fs, const wchar_t *name);
Status Move(FileSystem *fs, const wchar_t *from, const wchar_t *to, int replace);
/* As an editor saves: a temporary file beside it, written, then renamed over. */
Status SafeSave(FileSystem *fs, const wchar_t *name, const char *content);
Status List(FileSystem *fs, const wchar_t *name, uint32_t bufferSize, Text *text);
Status Stat(FileSystem *fs, const wchar_t *name, Text *text);
/* Threads that create, write, read back, rename, list and delete files of their own below a folder. Says how many files are left. */
Status Storm(FileSystem *fs, const wchar_t *folder, int threads, int files, int size, Text *text);

#endif
