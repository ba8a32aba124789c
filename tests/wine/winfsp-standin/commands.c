/* What takes the place of programs: commands over TCP on 127.0.0.1, a thread for each connection. A request is a line of words with tabs between
 * (UTF-8), for "write" with bytes behind it; an answer is a line with the status in hex and a number of bytes, and these bytes. The port is written to the
 * file that WINFSP_STANDIN_PORT_FILE names. */
#include "standin.h"
#include "programs.h"
#include <stdio.h>
#include <stdlib.h>

#define MOST_HANDLES 4096
#define MOST_CONNECTIONS 64

static FileSystem *served;
static SOCKET listener = INVALID_SOCKET;
static SOCKET connections[MOST_CONNECTIONS];
static HANDLE threads[MOST_CONNECTIONS + 1];
static SRWLOCK lock = SRWLOCK_INIT;
static volatile int stopping;
static Handle *handles[MOST_HANDLES];

static const char *slotNames[Slots] = {
    "GetVolumeInfo", "SetVolumeLabel", "GetSecurityByName", "Create", "Open", "Overwrite", "Cleanup", "Close", "Read", "Write", "Flush", "GetFileInfo",
    "SetBasicInfo", "SetFileSize", "CanDelete", "Rename", "GetSecurity", "SetSecurity", "ReadDirectory", [SlotGetDirInfoByName] = "GetDirInfoByName",
    [SlotSetDelete] = "SetDelete",
};

static int SendAll(SOCKET socket, const void *bytes, int length)
{
    for (int at = 0; at < length;)
    {
        int sent = send(socket, (const char *)bytes + at, length - at, 0);
        if (sent <= 0) return 0;
        at += sent;
    }

    return 1;
}

static int Reply(SOCKET socket, Status status, const void *bytes, int length)
{
    char head[64];
    int size = snprintf(head, sizeof head, "%08x\t%d\n", (unsigned)status, length);
    return SendAll(socket, head, size) && SendAll(socket, bytes, length);
}

static int ReceiveAll(SOCKET socket, void *bytes, int length)
{
    for (int at = 0; at < length;)
    {
        int got = recv(socket, (char *)bytes + at, length - at, 0);
        if (got <= 0) return 0;
        at += got;
    }

    return 1;
}

static int ReceiveLine(SOCKET socket, char *line, int most)
{
    for (int at = 0; at < most - 1; at++)
    {
        if (recv(socket, line + at, 1, 0) != 1) return 0;
        if (line[at] != '\n') continue;
        line[at] = 0;
        return 1;
    }

    return 0;
}

static int Keep(Handle *handle)
{
    int number = -1;
    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < MOST_HANDLES && number < 0; i++) if (!handles[i]) handles[number = i] = handle;
    ReleaseSRWLockExclusive(&lock);
    return number;
}

static Handle *Find(const char *word)
{
    int number = atoi(word);
    return number >= 0 && number < MOST_HANDLES ? handles[number] : NULL;
}

static int ServeOne(SOCKET socket, char *line)
{
    char *words[8] = { 0 };
    int count = 0;
    for (char *word = line; word && count < 8; count++)
    {
        char *tab = strchr(word, '\t');
        if (tab) *tab++ = 0;
        words[count] = word;
        word = tab;
    }

    wchar_t name[1024] = L"", name2[1024] = L"";
    const char *verb = words[0];
    if (count > 1) MultiByteToWideChar(CP_UTF8, 0, words[1], -1, name, 1024);
    if (count > 2) MultiByteToWideChar(CP_UTF8, 0, words[2], -1, name2, 1024);
    FileInfo info;
    Handle *handle = NULL;
    Status status = BAD_COMMAND;
    Text text = { 0 };

    if (!strcmp(verb, "calls"))
    {
        status = OK;
        for (int i = 0; i < Slots; i++) if (KernelCalls(i)) TextAdd(&text, "%s %llu\n", slotNames[i] ? slotNames[i] : "?", (unsigned long long)KernelCalls(i));
        TextAdd(&text, "pending %llu\n", (unsigned long long)KernelPending());
    }
    else if (!strcmp(verb, "volume"))
    {
        VolumeInfo volume = { 0 };
        status = KernelVolume(served, &volume);
        TextAdd(&text, "%llu %llu %.*ls", (unsigned long long)volume.Total, (unsigned long long)volume.Free, volume.LabelLength / 2, volume.Label);
    }
    else if (!strcmp(verb, "security") && count == 2)
    {
        uint32_t attributes = 0;
        uint64_t size = 0;
        status = KernelSecurity(served, name, &attributes, &size);
        TextAdd(&text, "%x %llu", attributes, (unsigned long long)size);
    }
    else if (!strcmp(verb, "copyin") && count == 4) status = CopyIn(served, name, name2, atoi(words[3]));
    else if (!strcmp(verb, "copyout") && count == 4) status = CopyOut(served, name, name2, atoi(words[3]));
    else if (!strcmp(verb, "mkdir") && count == 2) status = MakeFolder(served, name);
    else if (!strcmp(verb, "delete") && count == 2) status = Remove(served, name);
    else if (!strcmp(verb, "rename") && count == 4) status = Move(served, name, name2, atoi(words[3]));
    else if (!strcmp(verb, "save") && count == 3) status = SafeSave(served, name, words[2]);
    else if (!strcmp(verb, "list") && count == 3) status = List(served, name, (uint32_t)atoi(words[2]), &text);
    else if (!strcmp(verb, "stat") && count == 2) status = Stat(served, name, &text);
    else if (!strcmp(verb, "storm") && count == 5) status = Storm(served, name, atoi(words[2]), atoi(words[3]), atoi(words[4]), &text);
    else if (!strcmp(verb, "create") && count == 2) status = KernelCreate(served, name, 0x40, 0x12019F, 0x20, 0, &handle, &info);
    else if (!strcmp(verb, "open") && count == 2) status = KernelOpen(served, name, 0, 0x12019F, &handle, &info);
    else if (!strcmp(verb, "write") && count == 4 && (handle = Find(words[1])))
    {
        uint32_t length = (uint32_t)atoi(words[3]), done = 0;
        uint8_t *bytes = malloc(length + 1);
        int got = ReceiveAll(socket, bytes, (int)length);
        if (got) status = KernelWrite(handle, bytes, strtoull(words[2], NULL, 10), length, 0, 0, &done);
        free(bytes);
        if (!got) return 0;
        TextAdd(&text, "%u", done);
        handle = NULL;
    }
    else if (!strcmp(verb, "read") && count == 4 && (handle = Find(words[1])))
    {
        uint32_t length = (uint32_t)atoi(words[3]), done = 0;
        text.Bytes = malloc(length + 1);
        status = KernelRead(handle, text.Bytes, strtoull(words[2], NULL, 10), length, &done);
        text.Length = (int)done;
        handle = NULL;
    }
    else if (!strcmp(verb, "size") && count == 4 && (handle = Find(words[1])))
        status = KernelSize(handle, strtoull(words[2], NULL, 10), atoi(words[3])), handle = NULL;
    else if (!strcmp(verb, "flush") && count == 2 && (handle = Find(words[1]))) status = KernelFlush(handle), handle = NULL;
    else if (!strcmp(verb, "close") && count == 2 && (handle = Find(words[1])))
    {
        handles[atoi(words[1])] = NULL;
        KernelCleanup(handle);
        KernelClose(handle);
        handle = NULL;
        status = OK;
    }

    if (handle && status == OK) TextAdd(&text, "%d", Keep(handle));
    int replied = Reply(socket, status, text.Bytes, text.Length);
    free(text.Bytes);
    return replied;
}

static DWORD WINAPI ServeConnection(void *parameter)
{
    int slot = (int)(intptr_t)parameter;
    char line[8192];
    while (!stopping && ReceiveLine(connections[slot], line, sizeof line)) if (!ServeOne(connections[slot], line)) break;
    closesocket(connections[slot]);
    return 0;
}

static DWORD WINAPI Accept(void *parameter)
{
    (void)parameter;
    for (int slot = 0; slot < MOST_CONNECTIONS; slot++)
    {
        SOCKET socket = accept(listener, NULL, NULL);
        if (socket == INVALID_SOCKET) return 0;
        connections[slot] = socket;
        threads[slot] = CreateThread(NULL, 0, ServeConnection, (void *)(intptr_t)slot, 0, NULL);
    }

    return 0;
}

Status CommandsStart(FileSystem *fs)
{
    WSADATA data;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int length = sizeof address;
    served = fs;
    stopping = 0;
    WSAStartup(MAKEWORD(2, 2), &data);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) return (Status)0xC0000001;
    getsockname(listener, (struct sockaddr *)&address, &length);
    const char *file = getenv("WINFSP_STANDIN_PORT_FILE");
    if (file)
    {
        char temporary[1024];
        snprintf(temporary, sizeof temporary, "%s.new", file);
        FILE *out = fopen(temporary, "w");
        if (!out) return (Status)0xC0000034;
        fprintf(out, "%d\n", ntohs(address.sin_port));
        fclose(out);
        MoveFileExA(temporary, file, MOVEFILE_REPLACE_EXISTING);
    }

    threads[MOST_CONNECTIONS] = CreateThread(NULL, 0, Accept, NULL, 0, NULL);
    return OK;
}

void CommandsStop(void)
{
    stopping = 1;
    closesocket(listener);
    WaitForSingleObject(threads[MOST_CONNECTIONS], INFINITE);
    for (int i = 0; i < MOST_CONNECTIONS && threads[i]; i++)
    {
        shutdown(connections[i], SD_BOTH);
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
        threads[i] = NULL;
    }
}
