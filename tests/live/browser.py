"""Chromium without a screen, by the DevTools protocol over a pipe: fd 3 in, fd 4 out, each message ended
by a NUL (https://chromedevtools.github.io/devtools-protocol/)."""

import base64
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time

SKIPPED = 77

# Puts the two ends that it is given to 3 and 4, and becomes the program.
LAUNCH = """
import fcntl, os, sys
given = [int(number) for number in sys.argv[1:3]]
ends = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 10) for number in given]
for number in given:
    os.close(number)
for number, end in enumerate(ends, 3):
    os.dup2(end, number)
os.execvp(sys.argv[3], sys.argv[3:])
"""

# Keeps what a page may not do, and what went wrong in it, for Page.faults().
WATCH = """
window.faults = [];
addEventListener("securitypolicyviolation", (event) =>
  window.faults.push("policy: " + event.violatedDirective + " " + event.blockedURI));
addEventListener("error", (event) => window.faults.push("error: " + event.message));
addEventListener("unhandledrejection", (event) => window.faults.push("rejection: " + event.reason));
"""

KEYS = {
    "Enter": ("Enter", 13, "\r"), "Tab": ("Tab", 9, None), "Escape": ("Escape", 27, None),
    " ": ("Space", 32, " "), "]": ("BracketRight", 221, "]"),
}

CTRL = 2


class Browser:
    """All that it keeps is in its folder: a second one on it is the same browser, started anew."""

    def __init__(self, folder, *arguments, name="chromium"):
        assert shutil.which("chromium"), "there is no chromium"
        commands, answers = os.pipe(), os.pipe()
        flags = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--lang=en-US", "--hide-scrollbars",
                 "--remote-debugging-pipe", "--user-data-dir=" + folder.join(name), *arguments]
        if os.getuid() == 0:
            flags.append("--no-sandbox")
        with open(folder.join("chromium.log"), "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", LAUNCH, str(commands[0]), str(answers[1]), "chromium", *flags,
                 "about:blank"], env=folder.environment(),
                pass_fds=(commands[0], answers[1]), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(commands[0])
        os.close(answers[1])
        self.commands, self.answers = commands[1], answers[0]
        self.number, self.waiting, self.listeners = 0, {}, []
        self.lock = threading.Lock()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        rest = b""
        while data := os.read(self.answers, 1 << 16):
            *messages, rest = (rest + data).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.waiting.pop(message["id"]).put(message)
                else:
                    for listener in list(self.listeners):
                        listener(message)
        for box in list(self.waiting.values()):
            box.put({"error": {"message": "the browser has ended"}})

    def call(self, method, session=None, **parameters):
        box = queue.Queue()
        with self.lock:
            self.number += 1
            message = {"id": self.number, "method": method, "params": parameters}
            if session:
                message["sessionId"] = session
            self.waiting[self.number] = box
            os.write(self.commands, json.dumps(message).encode() + b"\0")
        answer = box.get(timeout=60)
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    def open(self, url, **options):
        return Page(self, url, **options)

    def kill(self):
        """As a phone does that needs its memory: nobody in it is asked."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


class Page:
    """One tab. width, height: in CSS pixels; languages: as navigator.languages has them."""

    def __init__(self, browser, url, width=1280, height=800, is_phone=False, is_dark=False,
                 languages="en-US", reduced=False):
        self.browser = browser
        self.messages = []
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.listeners.append(self.hear)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=2 if is_phone else 1, mobile=is_phone)
        if is_phone:
            self.call("Emulation.setTouchEmulationEnabled", enabled=True)
        self.set_style(is_dark, reduced)
        agent = self.evaluate("navigator.userAgent").replace("HeadlessChrome", "Chrome")
        if is_phone:
            agent = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile"
        self.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=languages)
        self.go(url)

    def hear(self, message):
        if message.get("sessionId") == self.session:
            self.messages.append(message)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def set_style(self, is_dark, reduced=False):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if reduced else "no-preference"}])

    def go(self, url):
        """May fail: then the browser shows why, and nothing of the page is there."""
        return self.call("Page.navigate", url=url).get("errorText")

    def reload(self):
        self.call("Page.reload")

    def evaluate(self, expression):
        """Its value, awaited; raises with what the page has thrown."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in answer, (expression, answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait(self, what, expression, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                value = self.evaluate(expression)
                if value:
                    return value
            except AssertionError as error:
                if "context" not in str(error) and "null" not in str(error):
                    raise
            time.sleep(0.03)
        raise AssertionError("waited %d s for %s: %s" % (seconds, what, expression))

    def press(self, key, modifiers=0):
        code, number, text = KEYS.get(key) or ("", ord(key.upper()) if key.isascii() else 0, key)
        event = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        if text is not None and not modifiers & CTRL:
            event["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown", **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code,
                  windowsVirtualKeyCode=number, modifiers=modifiers)

    def type(self, text):
        """As a scanner does, key by key."""
        for character in text:
            self.press(character)

    def insert(self, text):
        """As a paste does."""
        self.call("Input.insertText", text=text)

    def click(self, selector):
        x, y = self.evaluate(
            "(() => { const e = document.querySelector(%s); e.scrollIntoView({block: 'nearest'});"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
            % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def shoot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def nameless(self):
        """What can be used, and who does not see it is not told what it is."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        usable = ("button", "textbox", "combobox", "DisclosureTriangle", "dialog", "link", "region")
        return [node["role"]["value"] for node in nodes if not node["ignored"]
                and node["role"]["value"] in usable and not node.get("name", {}).get("value")]

    def faults(self):
        """What the page was not allowed to do, what was thrown in it, and what the browser complained of."""
        told = [m["params"]["entry"]["text"] for m in self.messages
                if m["method"] == "Log.entryAdded" and m["params"]["entry"]["source"] != "network"]
        told += [m["params"]["exceptionDetails"].get("text", "") for m in self.messages
                 if m["method"] == "Runtime.exceptionThrown"]
        told += [json.dumps(m["params"]["args"]) for m in self.messages
                 if m["method"] == "Runtime.consoleAPICalled" and m["params"]["type"] == "error"]
        return told + self.evaluate("window.faults")
