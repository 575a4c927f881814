"""Which files run something when they are opened: programs, scripts, installers, shortcuts, documents with macros. Pure.

A name decides, and so does what a file begins with, since some systems open a file by that. What is asked here is only whether
a person is asked first: one question too many is better than one too few.

Lists of others: https://chromium.googlesource.com/chromium/src/+/main/chrome/browser/resources/safe_browsing (download file
types), https://support.microsoft.com/office/blocked-attachments-in-outlook-434752e1-02d3-4e90-9124-8b81e49a8519.
"""

from __future__ import annotations

_WINDOWS = """
    accde accdr ade adp appcontent-ms appinstaller application appref-ms appx appxbundle asp aspx bas bat bgi cab cer
    chm cmd cnt com cpl crt csh der diagcab diagcfg diagpkg dll drv exe fxp gadget grp hlp hpj hta htc img inf ins iso
    isp its jnlp job js jse ksh library-ms lnk local mad maf mag mam manifest maq mar mas mat mau mav maw mcf mda mdb
    mde mdt mdw mdz mht mhtml mmc msc msh msh1 msh1xml msh2 msh2xml mshxml msi msix msixbundle msp mst msu ocx ops osd
    pcd pif pl plg ppkg printerexport prf prg ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 psm1 pst pyz pyzw rdp reg rgs
    rtf scf scr sct search-ms searchconnector-ms settingcontent-ms shb shs shtm shtml sys theme themepack tmp udl url
    vb vbe vbp vbs vhd vhdx vsmacros vsto vsw vxd webpnp website wim ws wsc wsf wsh xbap xll xnk
"""
_MACOS = """
    action app bundle caction command definition dmg dylib fileloc framework internetconnect ipa kext mdimporter
    mobileconfig mpkg networkconnect osax pkg plugin prefpane qlgenerator saver scpt scptd service terminal tool wdgt
    webloc inetloc ftploc afploc vncloc workflow xip xpc
"""
_UNIX = """
    apk appimage bash bin bundle csh deb desktop directory ebuild elf fish flatpak flatpakref flatpakrepo ko kdelnk
    mount o out rpm run service sh shar slp snap so timer url xbel zsh
"""
_ANYWHERE = """
    air class ear groovy jar jnlp lua mjs php phar pl py pyc pyd pyo pyw pyz rb swf tcl war wasm xpi crx docm dotm potm
    ppam ppsm pptm sldm xla xlam xlsb xlsm xltm xlm iqy oqy rqy slk dqy odb bau oxt
"""
_RUNS = frozenset(f".{name}" for name in (_WINDOWS + _MACOS + _UNIX + _ANYWHERE).split())
_BEGINNINGS = (
    b"#!",
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",  # Mach-O, 32 and 64 bits, both orders, and of several processors (as Java classes)
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"L\0\0\0\x01\x14\x02\0",  # a shortcut of Windows
    b"!<arch>\ndebian",
    b"\xed\xab\xee\xdb",  # RPM
)
_SECTIONS = (b"[desktop entry]", b"[internetshortcut]", b"[service]")

HEAD = 1024
"""Bytes of a file that ``runs`` looks at."""


def extension(name: str) -> str:
    """The ending by which systems choose a program, with its dot and in small letters; "" when there is none.

    What stands before it in a name (``photo.jpg.exe``), and how it looks with characters that turn it, does not count.
    """
    stem, dot, ending = name.rstrip(". ").rpartition(".")
    return f".{ending.lower()}" if dot and stem and ending else ""


def runs(name: str, head: bytes = b"", *, executable: bool = False) -> bool:
    """Whether opening a file may run something. ``head`` is how it begins, ``executable`` whether it may be executed."""
    if executable or extension(name) in _RUNS or head.startswith(_BEGINNINGS):
        return True
    start = head[:HEAD].removeprefix(b"\xef\xbb\xbf").lower()
    return any(section in start for section in _SECTIONS)
