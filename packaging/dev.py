"""The one set-up script: starts the program from a clone and tests it. It needs Python 3.11 or newer and nothing else.

Everything goes into ``.venv`` beside the sources, from the lock files in this folder (exact versions, checked hashes). On
Debian and Ubuntu the libraries that Qt takes from the system are found too: installed for root, named in one exact line for
others.
The syntax stays readable for Python 3.8, so that an older Python gets a sentence and not a syntax error.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CORE = VENV / "core"
RUN_LOCK = ROOT / "packaging" / "requirements.txt"
TEST_LOCK = ROOT / "packaging" / "requirements-test.txt"
LOCK_HEADER = "# Made from pyproject.toml by `python3 packaging/dev.py lock`: every platform, Python 3.11 and newer.\n"
SOUND = f"""
import importlib.util, sys
sys.exit(sys.version_info[:2] != {sys.version_info[:2]} or importlib.util.find_spec("pip") is None)
"""  # an environment's Python: pip is gone after an upgrade of the system's
NO_QT = ("pyside6-essentials", "shiboken6", "qasync", "pytest-qt")  # what the core must do without
FRENCH = ROOT / "resources" / "i18n" / "app_fr.ts"
# Neither line numbers nor an order by file, so that the file changes only where a text does.
LUPDATE_OPTIONS = ("-locations", "none", "-no-obsolete", "-sort-messages", "-source-language", "en", "-target-language", "fr")
LINUX = sys.platform.startswith("linux")

# What Qt loads at the start; the loader is asked which of their libraries the system lacks.
LOADED = ("Qt[CDGNSW]*.abi3.so", "Qt/plugins/platforms/libq[ox]*.so", "Qt/plugins/iconengines/*.so", "Qt/plugins/tls/*.so")
OTHERWISE = {"libglib-2.0.so.0": "libglib2.0-0", "libgthread-2.0.so.0": "libglib2.0-0", "libz.so.1": "zlib1g"}

SERVERS = ("tests/contracts", "tests/faults")
AT_ONCE = ("-n", "3")  # what waits for answers and clocks most of its time

# Test tools: the package, and the command or file that shows that it is there.
TOOLS = {
    "xvfb": "Xvfb",
    "openbox": "openbox",
    "dbus": "dbus-run-session",
    "openssl": "openssl",
    "gnome-keyring": "gnome-keyring-daemon",
    "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
}
CEPH = {"radosgw": "radosgw", "ceph-mon": "ceph-mon", "ceph-osd": "ceph-osd"}


class Stop(Exception):
    """Ends the script with a sentence for the person who started it."""


def say(text: str) -> None:
    """One short line of progress."""
    print(f"-- {text}", flush=True)


# ------------------------------------------------------------------------------------------------------- environments


def tool(venv: Path, name: str) -> str:
    """The path of a command of an environment."""
    return str(venv / "Scripts" / f"{name}.exe") if os.name == "nt" else str(venv / "bin" / name)


def works(*command: str) -> bool:
    """Whether a command can be started and ends well."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install(venv: Path, lock: str, *, holds: Sequence[str] = ()) -> None:
    """Bring an environment to a lock's state; a stamp in it makes the next call quick.

    Args:
        venv: the environment's folder; made when it is missing, or its Python is gone or another version than this one.
        lock: the text of the lock.
        holds: further locks that are part of this one, so that they need no installation any more.
    """
    stamp = venv / ".locks"
    python = tool(venv, "python")
    sound = works(python, "-c", SOUND)
    if sound and stamp.is_file() and digest(lock) in stamp.read_text().split():
        return
    say(f"Installing the locked packages into {venv.relative_to(ROOT)}")
    if not sound:
        make(venv)
    stamp.unlink(missing_ok=True)
    requirements = venv / ".requirements.txt"
    requirements.write_text(lock)
    pip = (python, "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check")
    if subprocess.call([*pip, "--no-deps", "--require-hashes", "-r", str(requirements)], cwd=ROOT, stdin=subprocess.DEVNULL):
        raise Stop("pip could not install the packages: see above.")
    stamp.write_text("\n".join([digest(lock), *map(digest, holds)]) + "\n")


def make(venv: Path) -> None:
    """Make a new environment. Debian and Ubuntu keep what that needs in a package of its own."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if importlib.util.find_spec("ensurepip") is None:
        need([f"python{version}-venv"], "Python cannot make environments here: its venv package is missing.")
    creator = sys.executable if venv == VENV else tool(VENV, "python")
    if subprocess.call([creator, "-m", "venv", "--clear", str(venv)], cwd=ROOT):
        raise Stop(f"Python could not make the environment {venv}: see above.")


def digest(text: str) -> str:
    """What a stamp knows a lock by."""
    return hashlib.sha256(text.encode()).hexdigest()


def without(lock: str, names: Iterable[str]) -> str:
    """A lock less some packages, which begin at the margin and go on in indented lines."""
    kept = [part for part in re.split(r"(?m)^(?=\S)", lock) if part.partition("==")[0] not in names]
    return "".join(kept)


# ---------------------------------------------------------------------------------------------------- system packages


def need(packages: Sequence[str], why: str) -> None:
    """Install system packages as root, or stop with the line that does."""
    if not packages:
        return
    if not may_install():
        raise Stop(f"{why}\nInstall what is missing, then start this again:\n  {apt_line(packages)}")
    say(f"Installing system packages: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    output = ""
    for arguments in (("update",), ("install", "--yes", "--no-install-recommends", *packages)):
        done = subprocess.run(
            ["apt-get", "--quiet", "--option", "DPkg::Lock::Timeout=300", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        output += done.stdout
    if done.returncode:  # of the installation: lists that could not be updated may still do
        raise Stop(f"{why}\n{output}\napt-get failed. By hand:\n  {apt_line(packages)}")


def may_install() -> bool:
    """Whether this process may use apt."""
    return LINUX and shutil.which("apt-get") is not None and os.geteuid() == 0


def apt_line(packages: Sequence[str]) -> str:
    """What a person types to get the packages."""
    if shutil.which("apt-get") is None:
        return f"(these are Debian's names, yours may differ) {' '.join(packages)}"
    return f"sudo apt-get update && sudo apt-get install --no-install-recommends {' '.join(packages)}"


def missing_libraries() -> list[str]:
    """The system packages that the installed Qt lacks: the loader itself is asked, nothing is assumed."""
    qt = next(VENV.glob("lib/python3*/site-packages/PySide6"), None)
    if not LINUX or qt is None or shutil.which("ldd") is None:
        return []
    loaded = [str(path) for pattern in LOADED for path in sorted(qt.glob(pattern))]
    answer = subprocess.run(["ldd", *loaded], capture_output=True, text=True, check=False).stdout
    names = set(re.findall(r"^\s*(\S+) => not found", answer, re.MULTILINE))
    return sorted({package_of(name) for name in names})


def package_of(library: str) -> str:
    """The Debian and Ubuntu package of a shared library, which Debian's policy (8.1) names after it and its version.

    Where a package was renamed for 64-bit time (libglib2.0-0t64) the new one provides the old name.
    """
    if library in OTHERWISE:
        return OTHERWISE[library]
    name, _, version = library.lower().replace("_", "-").partition(".so.")
    return f"{name}-{version}" if name[-1].isdigit() else name + version


def missing_tools(tools: Mapping[str, str]) -> list[str]:
    """The packages of those tools that are not there."""
    return [package for package, probe in tools.items() if shutil.which(probe) is None and not Path(probe).is_file()]


LIBRARIES_WHY = "Qt needs libraries of the system that are not installed."


# ------------------------------------------------------------------------------------------------------------ commands


def run(arguments: Sequence[str]) -> int:
    """Start the program: with the demo store unless ``--no-demo`` is among the arguments; the others are passed on."""
    install(VENV, RUN_LOCK.read_text())
    need(missing_libraries(), LIBRARIES_WHY)
    words_only = not {"-h", "--help", "--version"}.isdisjoint(arguments)
    if LINUX and not words_only and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))):
        raise Stop("There is no display: start this in a desktop session.")
    demo = [] if "--no-demo" in arguments else ["--demo"]
    passed_on = [argument for argument in arguments if argument != "--no-demo"]
    return subprocess.call([tool(VENV, "python"), "-m", "cloudtemple_browser", *demo, *passed_on], cwd=ROOT)


def test(arguments: Sequence[str], *, with_ceph: bool) -> int:
    """Check and test everything; with arguments, only pytest with these.

    The last line is pytest's own; the exit code is 0 only when every step passed.
    """
    lock = get_ready(with_ceph=with_ceph)
    rest = list(arguments)
    failed = []
    if not rest:
        failed = check(lock)
        rest = [f"--ignore={folder}" for folder in (*core_tests(), *SERVERS)]  # they have run
    with display() as environment:
        code = pytest_last([tool(VENV, "python"), "-m", "pytest", *rest], environment, failed)
    return code or len(failed)


def scorecard(arguments: Sequence[str], *, with_ceph: bool) -> int:
    """Run the scenarios of faults, as the tests are run. The last line is how many of them passed."""
    get_ready(with_ceph=with_ceph)
    with display() as environment:
        return subprocess.call([tool(VENV, "python"), "-m", "tests.faults.scorecard", *arguments], cwd=ROOT, env=environment)


def get_ready(*, with_ceph: bool) -> str:
    """Have the environment of the tests; returns its lock file."""
    lock = TEST_LOCK.read_text()
    install(VENV, lock, holds=[RUN_LOCK.read_text()])
    prepare_system(with_ceph=with_ceph)
    return lock


def prepare_system(*, with_ceph: bool) -> None:
    """Have what the tests take from the system, or say what will be skipped."""
    if not LINUX:
        return
    libraries = missing_libraries()
    tools = missing_tools({**TOOLS, **CEPH} if with_ceph else TOOLS)
    if libraries or may_install():
        need(libraries + tools, LIBRARIES_WHY if libraries else "Some tests need tools of the system.")
    elif tools:
        say(f"Not installed: {' '.join(tools)}. What needs them is skipped, or runs off the screen. To have them:")
        say(apt_line(tools))


def check(lock: str) -> list[str]:
    """Run every step before the tests of the windows; return the names of those that failed."""
    core_lock = without(lock, NO_QT)
    steps = {
        "ruff check": [tool(VENV, "ruff"), "check", "."],
        "ruff format": [tool(VENV, "ruff"), "format", "--check", "."],
        "mypy": [tool(VENV, "mypy")],
        "mypy of this script": [tool(VENV, "mypy"), "--no-explicit-package-bases", "packaging/dev.py"],
        "import contracts": [tool(VENV, "lint-imports"), "--no-logo"],
    }
    failed = [name for name, command in steps.items() if not passes(name, command)]
    install(CORE, core_lock)
    say("The tests of the core, in an environment without Qt")
    if not core_passes():
        failed.append("core tests without Qt")
    say(f"The tests against servers: {' '.join(SERVERS)}")
    if not servers_pass():
        failed.append("tests against servers")
    say("The tests of the windows, and the rest")
    return failed


def passes(name: str, command: Sequence[str]) -> bool:
    """Run one step; its output is shown only when it failed."""
    start = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        print(done.stdout)
    say(f"{name}: {'FAILED' if done.returncode else 'passed'} ({time.monotonic() - start:.1f} s)")
    return done.returncode == 0


def core_passes() -> bool:
    """Run the tests of every package but ``ui`` where no Qt can be imported: the proof that the core needs none."""
    python = tool(CORE, "python")
    if works(python, "-c", "import PySide6") or works(python, "-c", "import qasync"):
        say("FAILED: Qt is in the environment of the core")
        return False
    # pytest-qt's settings are unknown here, and say so in a warning that must not count
    command = [python, "-m", "pytest", "-q", *AT_ONCE, "-W", "ignore::pytest.PytestConfigWarning", *core_tests()]
    return subprocess.call(command, cwd=ROOT, stdin=subprocess.DEVNULL) == 0


def servers_pass() -> bool:
    """Run the tests that mostly wait for servers, several at a time, then those that measure, one by one.

    What windows they have are drawn in memory.
    """
    command = [tool(VENV, "python"), "-m", "pytest", "-q", *SERVERS]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    ways = ((*AT_ONCE, "-m", "not alone"), ("-m", "alone"))
    codes = [subprocess.call([*command, *way], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL) for way in ways]
    return not any(codes)


def core_tests() -> list[str]:
    """The folders with the tests of every package but ``ui``."""
    packages = sorted(path.parent.name for path in (ROOT / "cloudtemple_browser").glob("*/__init__.py"))
    return [f"tests/{name}" for name in packages if name != "ui" and (ROOT / "tests" / name).is_dir()]


@contextlib.contextmanager
def display() -> Iterator[dict[str, str]]:
    """The environment for tests with windows. On Linux they get a screen of their own, never the one somebody works at."""
    environment = dict(os.environ)
    if not LINUX:
        yield environment
        return
    environment.pop("WAYLAND_DISPLAY", None)
    with contextlib.ExitStack() as stack:
        if "XDG_RUNTIME_DIR" not in environment:
            environment["XDG_RUNTIME_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        if shutil.which("Xvfb"):
            environment.update(DISPLAY=stack.enter_context(x_server()), QT_QPA_PLATFORM="xcb")
            if shutil.which("openbox"):
                stack.enter_context(background(["openbox"], environment))
        else:
            say("No Xvfb here: windows are drawn in memory (QT_QPA_PLATFORM=offscreen)")
            environment["QT_QPA_PLATFORM"] = "offscreen"
        yield environment


@contextlib.contextmanager
def x_server() -> Iterator[str]:
    """A virtual X server on a free display number, which it tells."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-noreset"]
    with background(command, os.environ, writer), os.fdopen(reader) as answer:
        os.close(writer)
        number = answer.readline().strip()
        if not number:
            raise Stop("Xvfb did not start.")
        yield f":{number}"


@contextlib.contextmanager
def background(command: Sequence[str], environment: Mapping[str, str], *descriptors: int) -> Iterator[None]:
    """A process that runs as long as the block; its output is not wanted."""
    process = subprocess.Popen(
        command,
        env=environment,
        pass_fds=descriptors,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def pytest_last(command: Sequence[str], environment: Mapping[str, str], failed: Sequence[str]) -> int:
    """Run pytest and pass its output on, with what failed before it told just above its last line."""
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            print(last, end="", flush=True)
            last = line
    for name in failed:
        say(f"FAILED before: {name}")
    print(last, end="", flush=True)
    return process.returncode


def lock_versions(arguments: Sequence[str]) -> int:
    """Write both lock files from pyproject.toml in one resolution; ``--upgrade`` takes the newest versions."""
    install(VENV, TEST_LOCK.read_text(), holds=[RUN_LOCK.read_text()])
    base = [tool(VENV, "uv"), "pip", "compile", "pyproject.toml", "--quiet", "--no-config", "--universal"]
    base += ["--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header", "--extra", "demo"]
    base += ["--only-binary", ":all:", "--emit-build-options"]
    for path, options in ((TEST_LOCK, ["--extra", "test", *arguments]), (RUN_LOCK, ["--upgrade", "-c", str(TEST_LOCK)])):
        say(f"Locking {path.relative_to(ROOT)}")
        if subprocess.call([*base, *options, "-o", str(path)], cwd=ROOT, stdout=subprocess.DEVNULL):
            raise Stop("uv could not lock the versions: see above.")
        path.write_text(LOCK_HEADER + path.read_text())
    return 0


def translations() -> int:
    """Bring the French texts up to date with the sources, then compile them.

    What is new stands without a translation until somebody writes one, and the tests fail as long.
    """
    install(VENV, RUN_LOCK.read_text())
    sources = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "cloudtemple_browser").rglob("*.py"))
    update = [tool(VENV, "pyside6-lupdate"), *LUPDATE_OPTIONS, *sources, "-ts", str(FRENCH)]
    compilation = [tool(VENV, "pyside6-lrelease"), str(FRENCH), "-qm", str(FRENCH.with_suffix(".qm"))]
    for command in (update, compilation):
        if subprocess.call(command, cwd=ROOT, stdin=subprocess.DEVNULL):
            raise Stop("The translations could not be made: see above.")
    return 0


def check_system() -> int:
    """Say which system packages are missing: for the program, and for its tests."""
    install(VENV, RUN_LOCK.read_text())
    libraries = missing_libraries()
    tools, ceph = (missing_tools(TOOLS), missing_tools(CEPH)) if LINUX else ([], [])
    for what, packages in {"run": libraries, "test": libraries + tools, "test against Ceph, as root": ceph}.items():
        say(f"To {what}: {apt_line(packages) if packages else 'nothing is missing'}")
    return 1 if libraries else 0


def main() -> int:
    """Parse the command line and do it; the exit code is what it gave."""
    parser = argparse.ArgumentParser(description="Starts Cloud Temple Browser from a clone, and tests it.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    about = "start the program with its demo store; --no-demo starts it without; --help and all else is passed on to it"
    commands.add_parser("run", help=about, add_help=False)
    tests = commands.add_parser("test", help="check and test everything; with arguments: only pytest, with these")
    card = commands.add_parser("scorecard", help="run the 66 scenarios of faults; --soak 60 makes the last one shorter")
    for command in (tests, card):
        command.add_argument("--with-ceph", action="store_true", help="install Ceph, which some run on (as root; CI does)")
    commands.add_parser("lock", help="write the lock files from pyproject.toml; --upgrade takes the newest versions")
    commands.add_parser("translations", help="bring resources/i18n up to date with the texts of the sources, and compile it")
    commands.add_parser("check-system", help="say which system packages are missing")
    known, others = parser.parse_known_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console that cannot show a letter must not end the tests
    with_ceph = getattr(known, "with_ceph", False) or os.environ.get("CI") == "true"
    act: Mapping[str, Callable[[], int]] = {
        "run": lambda: run(others),
        "test": lambda: test(others, with_ceph=with_ceph),
        "scorecard": lambda: scorecard(others, with_ceph=with_ceph),
        "lock": lambda: lock_versions(others),
        "translations": translations,
        "check-system": check_system,
    }
    return act[known.command]()


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - the very case that this line is for
        sys.exit(f"Cloud Temple Browser needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    try:
        sys.exit(main())
    except Stop as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit(130)
