"""A desktop of its own for the real program, which is seen and used as a person does, by its accessible tree
(AT-SPI). The test that imports this has SCENARIO as its last argument, and calls main(); it prints TAP.

Each scenario has an X server, a home and, but for `alone`, a session bus of its own. Nothing here waits for a
time, only for a state.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

BIPE, SEND_KEYS, SCENARIO = sys.argv[1], sys.argv[2], sys.argv[-1]
PATIENCE = int(os.environ.get("BIPE_TEST_PATIENCE", 60))  # seconds, for machines that are busy

TAP = 9  # our standard output, where those of the bus must not write


def make_bus(runtime):
    """A session bus that starts what the tests need, and no desktop's portals, which are slow and
    mount a folder in the runtime folder."""
    os.mkdir(f"{runtime}/services")
    os.symlink("/usr/share/dbus-1/services/org.a11y.Bus.service",
               f"{runtime}/services/org.a11y.Bus.service")
    with open(f"{runtime}/bus.conf", "w", encoding="ascii") as config:
        config.write(f"""<busconfig>
  <type>session</type>
  <listen>unix:dir={runtime}</listen>
  <servicedir>{runtime}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>""")
    return config.name


if SCENARIO == "alone":
    os.dup2(1, TAP)
elif "BIPE_TEST_BUS" not in os.environ:
    os.dup2(1, TAP)
    os.dup2(2, 1)
    # The accessibility bus has its socket in the runtime folder, or else in one that all tests share.
    with tempfile.TemporaryDirectory(prefix="bipe-run-") as runtime:
        own = dict(os.environ, BIPE_TEST_BUS="own", XDG_RUNTIME_DIR=runtime)
        sys.exit(subprocess.call(["dbus-run-session", "--config-file", make_bus(runtime), "--",
                                  sys.executable, *sys.argv], env=own, pass_fds=[TAP]))


def wait_for(what, get, seen=lambda: ""):
    """The first true value of get(), which is asked again and again."""
    end = time.monotonic() + PATIENCE
    while True:
        value = get()
        if value:
            return value
        assert time.monotonic() < end, f"waited in vain for {what} {seen()}"
        time.sleep(0.1)


def hurry(pid):
    """Keys come on time, as from a scanner, however busy the machine is; where that is allowed."""
    try:
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(1))
    except OSError:
        pass


class Display:
    def __init__(self, size="1280x800"):
        self.size = size

    def __enter__(self):
        reader, writer = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-noreset", "-screen", "0", self.size + "x24",
             "-nolisten", "tcp"], pass_fds=[writer], stderr=subprocess.DEVNULL)
        hurry(self.server.pid)
        os.close(writer)
        with os.fdopen(reader) as number:
            os.environ["DISPLAY"] = ":" + number.readline().strip()
        os.environ.update({"GDK_BACKEND": "x11", "GSK_RENDERER": "cairo",
                           "GTK_IM_MODULE": "gtk-im-context-simple",
                           "ASAN_OPTIONS": "detect_leaks=0"})
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()


def hold_still(home):
    """Nothing moves or fades, so that what was seen somewhere is still there when it is clicked."""
    folder = f"{home}/config/gtk-4.0"
    if not os.path.exists(folder):
        os.makedirs(folder)
        with open(f"{folder}/settings.ini", "w", encoding="ascii") as file:
            file.write("[Settings]\ngtk-enable-animations=0\n")


class Station:
    """The program in the home @home, with settings as BIPE_… variables."""

    running = []

    def __init__(self, home, images=(), **settings):
        self.log = f"{home}/log"
        hold_still(home)
        with open(self.log, "a+", encoding="utf-8") as log:
            environment = {k: v for k, v in os.environ.items() if not k.startswith("BIPE_")}
            environment |= {"HOME": home, "XDG_DATA_HOME": f"{home}/data",
                            "XDG_CONFIG_HOME": f"{home}/config", "XDG_CACHE_HOME": f"{home}/cache",
                            "BIPE_PORT": "0"}
            environment |= {f"BIPE_{k.upper()}": v for k, v in settings.items() if v is not None}
            if settings.get("port", "0") is None:  # as the window has saved it
                del environment["BIPE_PORT"]
            if SCENARIO == "alone":
                environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
                environment |= {"GTK_A11Y": "none"}
            else:
                environment |= {"GSETTINGS_BACKEND": "keyfile"}
            self.process = subprocess.Popen([BIPE, *images], env=environment, stdout=log,
                                            stderr=log)
            self.running.append(self.process)

    def stop(self):
        """As the end of a session does: it goes in order, and leaves nothing behind."""
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        with open(self.log, encoding="utf-8", errors="replace") as log:
            text = log.read()
        assert status == 0, f"ended with {status}: {text[-2000:]}"
        for fault in ("Finalizing", "CRITICAL", "GLib-GObject"):
            assert fault not in text, text[-2000:]
        return text


# What newer versions of GTK and AT-SPI call otherwise.
ROLES = {"button": "push button", "toggle button": "push button", "entry": "text",
         "radio button": "check box", "timer": "label"}


def role_of(node):
    name = node.get_role_name()
    return ROLES.get(name, name)


def plain(text):
    """Without the mark of a mnemonic, which only older versions have in a name."""
    return text.replace("_", "")


class Tree:
    """What an assistive technology sees of the program."""

    def __init__(self):
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi, GLib
        self.atspi, self.error = Atspi, GLib.Error
        # A window that is built while the machine is busy answers late.
        Atspi.set_timeout(PATIENCE * 1000, PATIENCE * 1000)
        self.frames = []
        self.wanted = set()

    def walk(self, node):
        yield node
        for i in range(node.get_child_count()):
            child = node.get_child_at_index(i)
            if child is not None:
                yield from self.walk(child)

    def windows(self):
        desktop = self.atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            program = desktop.get_child_at_index(i)
            if program and program.get_name() == "bipe":
                yield from (program.get_child_at_index(k)
                            for k in range(program.get_child_count()))

    def look(self, role, name, window="frame"):
        """All nodes of the role whose name or text has @name in it. The windows are enumerated only
        where they must be: GTK 4.8 ends the program if that meets a dialog that is being closed."""
        role = ROLES.get(role, role)
        try:
            if window == "frame":
                self.frames = self.frames or list(self.windows())
            windows = self.frames if window == "frame" else self.windows()
            return [node for top in windows if top.get_role_name() == window
                    for node in self.walk(top)
                    if role in (role_of(node), "any") and plain(name) in plain(self.text_of(node))
                    and node.get_state_set().contains(self.atspi.StateType.VISIBLE)]
        except self.error:  # it changed while we looked
            return []

    def dump(self):
        for top in self.windows():
            for node in self.walk(top):
                print(f"# {node.get_role_name()}: {self.text_of(node)!r:.100}", file=sys.stderr)

    def text_of(self, node):
        """Its name; behind it the text that is in it, if that is another one. With newer versions
        of GTK the items of a menu have no name, but a label that is not in the tree."""
        name = node.get_name() or ""
        if not name and node.get_role_name() == "menu item":
            return "".join(self.text_of(relation.get_target(i)) for relation in node.get_relation_set()
                           for i in range(relation.get_n_targets()))
        if "Text" not in node.get_interfaces():
            return name
        text = self.atspi.Text.get_text(node, 0, self.atspi.Text.get_character_count(node))
        return name if text == name else name + text

    def find(self, role, name, window="frame"):
        return wait_for(f"{role} “{name}”", lambda: self.look(role, name, window))[0]

    def wait_for_history(self, *codes):
        """Until the table has these rows and no others."""
        def get():
            table = self.look("tree table", "History")
            try:
                labels = [self.text_of(node) for node in self.walk(table[0])
                          if node.get_role_name() == "label"] if table else []
            except self.error:  # it changed while we looked
                return None
            return [code for code in labels if code in self.wanted]
        self.wanted |= set(codes)
        wait_for(f"the rows {codes}", lambda: get() == list(codes))

    def find_shown(self, role, name, window="frame"):
        """Also what was in the tree before: pages that wait for their turn are."""
        return wait_for(f"{role} “{name}” on the screen", lambda: list(
            filter(self.is_shown, self.look(role, name, window))))[0]

    def is_shown(self, node):
        """A button on a page that is only about to be shown would take no click."""
        try:
            return node.get_extents(self.atspi.CoordType.WINDOW).width > 0
        except self.error:  # it was never on the screen, or went away
            return False

    def is_selected(self, tab):
        states = tab.get_state_set()
        return states.contains(self.atspi.StateType.SELECTED) or states.contains(
            self.atspi.StateType.PRESSED)

    def press(self, role, name, window="frame"):
        """Without what only stands around a button of the same name."""
        def get():
            return [node for node in self.look(role, name, window)
                    if "Action" in node.get_interfaces()
                    and self.atspi.Action.get_n_actions(node) > 0 and self.is_shown(node)]
        node = wait_for(f"{role} “{name}”", get)[0]
        self.atspi.Action.do_action(node, 0)
        if role == "page tab":  # acts a moment later, and what is on the page before is found as well
            wait_for(f"the page “{name}”", lambda: any(map(self.is_selected, get())))

    def click(self, role, name, window="dialog"):
        """With the pointer: what GTK 4.8 gives no action. Newer ones leave out the paddings of what is
        around it, so that it is further right and down than they say: hence not its middle."""
        nodes = wait_for(f"{role} “{name}”", lambda: [
            node for node in self.look(role, name, window) if self.is_shown(node)])
        area = nodes[0].get_extents(self.atspi.CoordType.WINDOW)
        drive(f"mousemove {area.x + area.width * 3 // 4} {area.y + area.height * 3 // 4}", "click 1")

    def choose(self, verb):
        """From the menu of the list's last row."""
        nodes = wait_for("a row's menu", lambda: [
            node for node in self.look("push button", "More")
            if self.atspi.Action.get_n_actions(node) > 0 and self.is_shown(node)])
        self.atspi.Action.do_action(nodes[-1], 0)
        self.press("menu item", verb)

    def step_in(self, name, key, count, choice):
        """Goes to that choice of a combo row with the keyboard."""
        def look():
            """Where it stands, which GTK 4.18 may list more than once."""
            areas = (node.get_extents(self.atspi.CoordType.WINDOW)
                     for node in self.look("label", choice, "dialog") if self.is_shown(node))
            return {(area.x, area.y) for area in areas}
        n_before = len(look())
        self.click("combo box", name)
        wait_for(f"the choices of “{name}”", lambda: len(look()) > n_before)
        drive(*[f"key {key}"] * count, "key Return")
        wait_for(f"no choices of “{name}”", lambda: len(look()) <= max(n_before, 1))

    def enter(self, role, name, text, window="frame"):
        node = self.find(role, name, window)
        assert self.atspi.EditableText.set_text_contents(node, text)

    def is_sensitive(self, button, window="dialog"):
        return self.find("push button", button, window).get_state_set().contains(
            self.atspi.StateType.SENSITIVE)

    def set_value(self, name, number, window="dialog"):
        assert self.atspi.Value.set_current_value(self.find("spin button", name, window), number)

    def answer(self, button, label="", text=""):
        """Fills the dialog that has opened, and presses the button."""
        if label:
            self.enter("text", label, text, "dialog")
        self.press("push button", "_" + button, "dialog")


def scan(*codes):
    """Types as a scanner does, a key a millisecond."""
    with subprocess.Popen([SEND_KEYS, "--gap-min=1", "--gap-max=1", "--pause=150"], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as scanner:
        hurry(scanner.pid)
        scanner.communicate("".join(code + "\n" for code in codes))
    assert scanner.returncode == 0


class Server:
    """The server inside the program."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def codes(self):
        """What is stored, oldest first; None while nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/qrcode/all") as answer:
                return [row["codigo_barra"] for row in json.load(answer)]
        except OSError:
            return None

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def post(self, *codes):
        wait_for("the server", self.listens)
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/scans", method="POST",
            data=json.dumps([{"code": code} for code in codes]).encode(),
            headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 201


def drive(*steps):
    """The pointer and the keyboard, as xdotool names their steps."""
    for step in steps:
        subprocess.run(["xdotool", *step.split()], check=True)


def main(scenarios):
    """@scenarios: by their names"""
    tap = os.fdopen(TAP, "w")
    print("1..1", file=tap, flush=True)
    with Display(), tempfile.TemporaryDirectory(prefix="bipe-ui-") as home:
        try:
            scenarios["test_" + SCENARIO](home)
            print("ok 1 -", SCENARIO, file=tap)
        except Exception as error:
            with open(f"{home}/log", encoding="utf-8", errors="replace") as log:
                print("".join("# " + line for line in log), file=sys.stderr)
            if SCENARIO != "alone":
                Tree().dump()
            print("not ok 1 -", SCENARIO, repr(error), file=tap)
            raise
        finally:
            for process in Station.running:
                process.kill()
