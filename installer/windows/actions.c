/* What the MSI does beside copying files: it has the program itself end and start what runs ("syncagent package stop", "start", "leave"), as the
   packages for Linux do, and passes on what the program says: to the log, and to people when the program ends with code 1. */
#define UNICODE
#include <windows.h>
#include <msi.h>
#include <msiquery.h>
#include <stdio.h>
#include <wchar.h>

/* Ends wait for programs that write to a drive, as long as the configuration says: this is only for what hangs. */
#define PATIENCE (15 * 60 * 1000)
#define MOST_TEXT 16000

static void tell(MSIHANDLE install, INSTALLMESSAGE kind, const WCHAR *text)
{
    MSIHANDLE record = MsiCreateRecord(1);
    MsiRecordSetStringW(record, 0, L"SyncAgent: [1]");
    MsiRecordSetStringW(record, 1, text);
    MsiProcessMessage(install, kind, record);
    MsiCloseHandle(record);
}

static void tell_lines(MSIHANDLE install, WCHAR *text)
{
    for (WCHAR *line = wcstok(text, L"\r\n"); line; line = wcstok(NULL, L"\r\n")) tell(install, INSTALLMESSAGE_INFO, line);
}

/* Reads until the pipe's other end is closed, or the time is over. */
static int drain(HANDLE pipe, HANDLE process, char *text)
{
    ULONGLONG end = GetTickCount64() + PATIENCE;
    DWORD length = 0;
    while (GetTickCount64() < end) {
        BOOL gone = WaitForSingleObject(process, 20) == WAIT_OBJECT_0;
        DWORD waiting = 0;
        /* What it started may have the pipe as well: nobody waits for that. */
        while (PeekNamedPipe(pipe, NULL, 0, NULL, &waiting, NULL) && waiting) {
            char chunk[512];
            DWORD got = 0;
            if (!ReadFile(pipe, chunk, sizeof chunk, &got, NULL) || !got) break;
            if (got > MOST_TEXT - length) got = MOST_TEXT - length;
            memcpy(text + length, chunk, got);
            length += got;
        }
        if (gone) break;
    }
    text[length] = 0;
    return WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
}

static UINT run(MSIHANDLE install, const WCHAR *property, const WCHAR *arguments)
{
    static char text[MOST_TEXT + 1];
    static WCHAR wide[MOST_TEXT + 1];
    WCHAR folder[MAX_PATH], program[MAX_PATH + 32], line[MAX_PATH + 128];
    DWORD length = MAX_PATH, code = 0;
    HANDLE from = NULL, to = NULL;
    SECURITY_ATTRIBUTES inherited = { sizeof inherited, NULL, TRUE };
    STARTUPINFOW start = { .cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION process;

    if (MsiGetPropertyW(install, property, folder, &length) != ERROR_SUCCESS || length == 0) return ERROR_SUCCESS;
    _snwprintf(program, MAX_PATH + 32, L"%ls%lssyncagent.exe", folder, folder[length - 1] == L'\\' ? L"" : L"\\");
    if (GetFileAttributesW(program) == INVALID_FILE_ATTRIBUTES) return ERROR_SUCCESS; /* removed by hand, or never there */
    _snwprintf(line, MAX_PATH + 128, L"\"%ls\" %ls", program, arguments);
    if (!CreatePipe(&from, &to, &inherited, 64 * 1024)) return ERROR_SUCCESS;
    SetHandleInformation(from, HANDLE_FLAG_INHERIT, 0);
    start.hStdOutput = start.hStdError = to;
    if (!CreateProcessW(program, line, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, folder, &start, &process)) {
        _snwprintf(wide, MOST_TEXT, L"%ls cannot be started (error %lu); what runs goes on until it is in the way.", program, GetLastError());
        tell(install, INSTALLMESSAGE_INFO, wide);
        CloseHandle(from);
        CloseHandle(to);
        return ERROR_SUCCESS;
    }
    CloseHandle(to);
    if (drain(from, process.hProcess, text)) GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(from);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);

    MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, MOST_TEXT + 1);
    if (code == 1 && wide[0]) tell(install, (INSTALLMESSAGE)(INSTALLMESSAGE_WARNING | MB_OK), wide);
    tell_lines(install, wide);
    return ERROR_SUCCESS;
}

/* As the user, before anything changes and after everything has. */
__declspec(dllexport) UINT __stdcall StopAgents(MSIHANDLE install) { return run(install, L"INSTALLFOLDER", L"package stop"); }
__declspec(dllexport) UINT __stdcall StopAgentsToUpgrade(MSIHANDLE install) { return run(install, L"INSTALLFOLDER", L"package upgrade"); }
__declspec(dllexport) UINT __stdcall LeaveAgents(MSIHANDLE install) { return run(install, L"INSTALLFOLDER", L"package leave"); }
__declspec(dllexport) UINT __stdcall StartAgents(MSIHANDLE install) { return run(install, L"INSTALLFOLDER", L"package start"); }

/* In the midst of the installation, which hands the folder over: as the user when everything is taken back, else as the system. */
__declspec(dllexport) UINT __stdcall StartAgentsAgain(MSIHANDLE install) { return run(install, L"CustomActionData", L"package start"); }
__declspec(dllexport) UINT __stdcall StopMachine(MSIHANDLE install) { return run(install, L"CustomActionData", L"package stop --system"); }
__declspec(dllexport) UINT __stdcall LeaveMachine(MSIHANDLE install) { return run(install, L"CustomActionData", L"package leave --system"); }
__declspec(dllexport) UINT __stdcall StartMachine(MSIHANDLE install) { return run(install, L"CustomActionData", L"package start --system"); }
