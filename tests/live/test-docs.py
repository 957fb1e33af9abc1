#!/usr/bin/python3
"""The page at /docs in Chromium: at a phone's width and a desktop's, light and dark, and without scripts:
nothing is refused by its policy, nothing sticks out, every link leads somewhere, and the search finds.

test-docs.py [FOLDER]: also leaves pictures there."""

import os
import shutil
import sys

import browser
from lab import Folder, Server

STICKING_OUT = """
[...document.querySelectorAll("body *")].filter((each) => {
  const box = each.getBoundingClientRect();
  return box.width > 0 && box.right > innerWidth + 1 && !each.closest("pre, .wide, .skip");
}).map((each) => each.outerHTML.slice(0, 80))
"""

DEAD_LINKS = """
[...document.querySelectorAll("a[href^='#']")].map((each) => each.getAttribute("href"))
  .filter((each) => !document.getElementById(each.slice(1)))
"""

# WCAG 2.1, 1.4.3: of text that is shown, and what stands behind it.
FAINT = """
(() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).map((each) => each / 255)
      .map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (each) => {
    const colour = getComputedStyle(each).backgroundColor;
    return colour !== "rgba(0, 0, 0, 0)" || !each.parentElement ? colour : behind(each.parentElement);
  };
  return [...document.querySelectorAll("p, td, th, code, a, h1, h2, h3, h4, .method, .scope, label")]
    .filter((each) => {
      const pair = [light(getComputedStyle(each).color), light(behind(each))].sort((a, b) => b - a);
      return (pair[0] + 0.05) / (pair[1] + 0.05) < 4.5;
    }).map((each) => each.outerHTML.slice(0, 80));
})()
"""

SHOWN = "[...document.querySelectorAll('nav li')].filter((each) => each.checkVisibility()).length"


def check_look(page, what, pictures):
    page.wait("the page", "document.readyState === 'complete'")
    assert page.evaluate(STICKING_OUT) == [], (what, page.evaluate(STICKING_OUT))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
    assert page.evaluate(DEAD_LINKS) == [], what
    assert page.evaluate(FAINT) == [], (what, page.evaluate(FAINT))
    assert page.nameless() == [], (what, page.nameless())
    assert page.faults() == [], (what, page.faults())
    if pictures:
        page.shoot(os.path.join(pictures, "docs-%s.png" % what.replace(" ", "-")))


def check_search(page):
    """By method, path and words; a section without a hit goes, too."""
    n = page.evaluate(SHOWN)
    page.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.type("delete scans")
    assert page.evaluate(SHOWN) == 1 and page.evaluate(
        "[...document.querySelectorAll('nav h2')].filter((each) => each.checkVisibility()).length") == 3
    page.type(" nothing of the kind")
    assert page.evaluate(SHOWN) == 0 and page.evaluate("!document.querySelector('.nothing').hidden")
    page.evaluate("document.querySelector('nav input').select()")
    page.insert("")
    page.evaluate("const i = document.querySelector('nav input'); i.value = ''; "
                  "i.dispatchEvent(new Event('input')); null")
    assert page.evaluate(SHOWN) == n and n > 30, n
    page.click('nav a[href="#op-get-v1-scans.csv"]')
    page.wait("the place", "Math.abs(document.getElementById('op-get-v1-scans.csv')"
                           ".getBoundingClientRect().top) < 100")


def check_phone(page):
    """The contents are out of the way until they are wanted, and after a choice again."""
    assert page.evaluate(SHOWN) == 0
    page.click("nav summary")
    assert page.evaluate(SHOWN) > 30
    page.click('nav a[href="#guide-list"]')
    page.wait("the contents to close", SHOWN + " === 0")


def main():
    if shutil.which("chromium") is None:
        print("there is no chromium")
        sys.exit(browser.SKIPPED)
    pictures = sys.argv[1] if len(sys.argv) > 1 else None
    with Folder() as folder, Server(folder) as server, browser.Browser(folder) as chromium:
        url = "http://127.0.0.1:%d/docs" % server.port
        for width, is_phone in ((360, True), (1280, False)):
            for is_dark in (False, True):
                page = browser.Page(chromium, url, width=width, is_phone=is_phone, is_dark=is_dark)
                check_look(page, "%d %s" % (width, "dark" if is_dark else "light"), pictures)
            (check_phone if is_phone else check_search)(page)
            assert page.faults() == [], page.faults()
        plain = browser.Page(chromium, "about:blank")
        plain.call("Emulation.setScriptExecutionDisabled", value=True)
        plain.go(url)
        plain.wait("the page", "document.readyState === 'complete'")
        assert plain.evaluate(SHOWN) > 30 and plain.evaluate("document.querySelector('label').hidden")
        assert server.stop() == 0


main()
