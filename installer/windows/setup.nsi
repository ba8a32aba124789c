; setup.exe: installs a WinFsp that lies beside it where none is, then the MSI that is inside. Defines: VERSION, NUMBERS, MSI, ICON, LICENCE, OUTPUT.
;
;   SyncAgent-VERSION-setup.exe [/S] [/WITHOUTWINFSP] [/LOG=FILE]
;
; Exit codes: those of msiexec (0, 3010: restart the computer, 1602, 1603 ...); 2: ended by the user; 10: WinFsp is missing, and no winfsp-*.msi lies beside;
; 11: the installation of WinFsp failed.
Target amd64-unicode
Unicode true
SetCompressor zlib
; The MSI has its own compression.
SetCompress off
CRCCheck on
ManifestSupportedOS Win10
ManifestDPIAware true
; msiexec asks for an administrator itself. From a setup that runs as one it would start the user's drives again as one, where the user's Explorer does not see them.
RequestExecutionLevel user
Name "SyncAgent ${VERSION}"
OutFile "${OUTPUT}"
Icon "${ICON}"
BrandingText "SyncAgent ${VERSION}"
ShowInstDetails show
VIProductVersion "${NUMBERS}.0"
VIAddVersionKey /LANG=1033 ProductName SyncAgent
VIAddVersionKey /LANG=1033 ProductVersion "${VERSION}"
VIAddVersionKey /LANG=1033 FileVersion "${NUMBERS}.0"
VIAddVersionKey /LANG=1033 FileDescription "Setup of SyncAgent"
VIAddVersionKey /LANG=1033 CompanyName SyncAgent
VIAddVersionKey /LANG=1033 LegalCopyright "Apache-2.0"

!include FileFunc.nsh
!include LogicLib.nsh
!include x64.nsh
!define MISSING 10
!define FAILED 11
!define RESTART 3010
!define WINFSP_URL "https://github.com/winfsp/winfsp/releases"

PageEx license
  LicenseText "Licence of SyncAgent. WinFsp, which its drives need, has its own." "Install"
  LicenseData "${LICENCE}"
PageExEnd
Page instfiles

Var Log
Var WinFsp
Var Without
Var Show
Var Restart
Var Code

; What people see, and what stays for those who were not there.
!macro Say TEXT
  DetailPrint "${TEXT}"
  FileOpen $9 $Log a
  FileSeek $9 0 END
  FileWrite $9 "${TEXT}$\r$\n"
  FileClose $9
!macroend
!define Say "!insertmacro Say"

!macro Fail CODE TEXT
  ${Say} "${TEXT}"
  MessageBox MB_OK|MB_ICONSTOP "${TEXT}" /SD IDOK
  SetErrorLevel ${CODE}
  Abort
!macroend
!define Fail "!insertmacro Fail"

; The real one is a 32-bit key wherever it was installed from.
Function FindWinFsp
  SetRegView 32
  ReadRegStr $WinFsp HKLM "SOFTWARE\WinFsp" InstallDir
  SetRegView 64
FunctionEnd

Function .onInit
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/LOG=" $Log
  ${If} ${Errors}
    StrCpy $Log "$TEMP\SyncAgent-setup.log"
  ${EndIf}
  ClearErrors
  ${GetOptions} $0 "/WITHOUTWINFSP" $1
  ${IfNot} ${Errors}
    StrCpy $Without "WITHOUTWINFSP=1"
  ${EndIf}
  StrCpy $Show /passive
  ${If} ${Silent}
    StrCpy $Show /qn
  ${EndIf}
  StrCpy $Restart 0
FunctionEnd

Section
  ${Say} "SyncAgent ${VERSION}, not signed; the log of the installation itself is $Log.msi.log"
  Call FindWinFsp
  ${If} $WinFsp == ""
  ${AndIf} $Without == ""
    FindFirst $0 $1 "$EXEDIR\winfsp-*.msi"
    FindClose $0
    ; An upgrade goes on: whoever had it without WinFsp has it so again.
    ReadRegStr $2 HKLM "SOFTWARE\SyncAgent" InstallDir
    ${If} $1 != ""
      ${Say} "installing WinFsp from $EXEDIR\$1"
      ExecWait '"$SYSDIR\msiexec.exe" /i "$EXEDIR\$1" $Show /norestart /l*v "$Log.winfsp.log"' $Code
      ${If} $Code == ${RESTART}
        StrCpy $Restart 1
      ${ElseIf} $Code != 0
        ${Fail} ${FAILED} "WinFsp could not be installed: msiexec ended with $Code. $Log.winfsp.log says why. SyncAgent was not installed."
      ${EndIf}
    ${ElseIf} $2 == ""
      ${Fail} ${MISSING} "The drives of SyncAgent need WinFsp, which is not on this computer. Get winfsp-2.2 or later (.msi) from ${WINFSP_URL}, put it beside this setup, and start this again. For the commands put, get and ls alone: give the setup the option /WITHOUTWINFSP."
    ${EndIf}
  ${EndIf}

  InitPluginsDir
  File "/oname=$PLUGINSDIR\SyncAgent.msi" "${MSI}"
  ${Say} "installing SyncAgent"
  ExecWait '"$SYSDIR\msiexec.exe" /i "$PLUGINSDIR\SyncAgent.msi" $Show /norestart $Without /l*v "$Log.msi.log"' $Code
  ${If} $Code == 0
  ${AndIf} $Restart == 1
    StrCpy $Code ${RESTART}
  ${EndIf}
  ${If} $Code == ${RESTART}
    SetRebootFlag true
    ${Say} "SyncAgent is installed; restart the computer."
  ${ElseIf} $Code == 0
    ${Say} "SyncAgent is installed. $\"SyncAgent status page$\" in the Start menu, or $\"syncagent init$\" in a new terminal, sets up the first drive."
  ${Else}
    ${Fail} $Code "SyncAgent was not installed: msiexec ended with $Code. $Log.msi.log says why."
  ${EndIf}
  SetErrorLevel $Code
SectionEnd
