"""The page for browsers: its languages say the same things, all that they say is said somewhere, and each
of its files is served."""

import re
import sys
from pathlib import Path

# As CLDR has them; "many" is of numbers that nobody counts here, and falls back to "other".
PLURALS = {"en": {"one", "other"}, "pt": {"one", "other"}, "zh": {"other"}}

ENTRY = re.compile(r'^  (\w+): ("(?:[^"\\]|\\.)+"|\{ .+ \}),$')
FORM = re.compile(r'(\w+): "((?:[^"\\]|\\.)+)"')


def read_words(path):
    """By key: the forms, by their names; "" for a text that has but one."""
    words, lines = {}, path.read_text().split("export default {\n")[1].splitlines()
    assert lines[-1] == "};", path
    for line in lines[:-1]:
        entry = ENTRY.match(line)
        assert entry or not line, f"{path}: {line}"
        if entry:
            key, text = entry.groups()
            assert key not in words, f"{path}: {key} is there twice"
            words[key] = dict(FORM.findall(text)) if text.startswith("{") else {"": text[1:-1]}
    return words


def check_words(folder):
    english = read_words(folder / "words-en.js")
    for language, forms in PLURALS.items():
        words = read_words(folder / f"words-{language}.js")
        for key in english.keys() ^ words.keys():
            yield f"words-{language}.js: {key} is not in all languages"
        for key in english.keys() & words.keys():
            if ("" in words[key]) != ("" in english[key]):
                yield f"words-{language}.js: {key} has plural forms in one language and none in another"
            if "" not in words[key] and set(words[key]) != forms:
                yield f"words-{language}.js: {key} needs the forms {sorted(forms)}"
            wanted = set(re.findall(r"\{\w+\}", " ".join(english[key].values())))
            for text in words[key].values():
                if set(re.findall(r"\{\w+\}", text)) != wanted:
                    yield f"words-{language}.js: {key} must say {sorted(wanted)}"
    used = set()
    for path in [*folder.glob("*.js"), folder / "index.html"]:
        if not path.name.startswith("words-"):
            used |= set(re.findall(r'"(\w+)"', path.read_text()))
    for key in english.keys() - used:
        yield f"words-en.js: nobody says {key}"
    said = set()
    for path in [*folder.glob("*.js"), folder / "index.html"]:
        said |= set(re.findall(r'say\("(\w+)"|data-(?:words|label|placeholder)="(\w+)"', path.read_text()))
    for key in {one or other for one, other in said} - english.keys():
        yield f"{key} is said, and in no language"


def check_files(root, folder):
    there = {path.name for path in folder.iterdir()} - {"web.gresource.xml"}
    listed = set(re.findall(r"<file>(.*?)</file>", (folder / "web.gresource.xml").read_text()))
    served = set(re.findall(r'^\s+\{ "(\S+\.\w+)",', (root / "src/server/handlers/page.c").read_text(),
                            re.MULTILINE)) | {"index.html"}
    for name in there ^ listed:
        yield f"{name}: web.gresource.xml and the folder differ"
    for name in there ^ served:
        yield f"{name}: page.c and the folder differ"
    for path in folder.glob("*.js"):
        for name in re.findall(r'^import .* from "\./(.*)";$|^} from "\./(.*)";$', path.read_text(), re.MULTILINE):
            if not (folder / "".join(name)).exists():
                yield f"{path}: imports {name}"


def check_code(folder):
    """What its policy would stop, and what makes HTML of text."""
    for path in [*folder.glob("*.js"), *folder.glob("*.html"), *folder.glob("*.css")]:
        text = path.read_text()
        for banned in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
                       "style=", " onclick", "<style", "javascript:"):
            if banned in text:
                yield f"{path}: {banned} is not used here"
        if re.search(r"(?:src|href)=\"(?!/web/)|url\(|@import", text):
            yield f"{path}: a resource from elsewhere"
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > 120 and not path.name.startswith("words-"):
                yield f"{path}:{number}: longer than 120 characters"


def main():
    root = Path(sys.argv[1])
    folder = root / "data/web"
    faults = [*check_words(folder), *check_files(root, folder), *check_code(folder)]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
