"""Each text that a user sees can be translated, and is, into every language there is."""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from translations import make_template, read_catalogue, read_list

CALL = re.compile(r'\b(?:_|N_|C_|NC_|ngettext)\s?\(\s*"')

# A macro inside of a text: xgettext stops there, and what it found is never what is asked for.
MACRO = re.compile(r'\b(?:_|N_|C_|NC_|ngettext)\s?\((?:\s*"(?:\\.|[^"\\])*",?)+\s*[A-Z]\w+\s*[",)]')

# What a user reads of a widget; the words in it are to be translated.
UNMARKED = re.compile(r'<property name="(?:label|title|subtitle|description|heading|body|text|'
                      r'tooltip-text|placeholder-text)">[^<]*[A-Za-z]{2}[^<]*<|<item>[A-Za-z ]+</item>')

CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)

DIRECTIVE = re.compile(r"%(?:\d+\$)?('?[-+0 #]*\d*(?:\.\d+)?(?:hh|h|ll|l|j|z|t)?[diouxXeEfgGscp%])")
TAG = re.compile(r"</?[a-z]+[^>]*>")


def has_texts(root, path):
    text = (root / path).read_text(encoding="utf-8")
    if path.suffix in {".c", ".h"}:
        return bool(CALL.search(text))
    if path.suffix == ".ui":
        return 'translatable="yes"' in text
    return True  # known to xgettext by its name


def check_files(root):
    listed = read_list(root / "po/POTFILES")
    candidates = [*root.glob("src/**/*.[ch]"), *root.glob("ui/**/*.ui"), *root.glob("data/*.desktop.in"),
                  *root.glob("data/*.metainfo.xml.in"), *root.glob("data/*.gschema.xml")]
    wanted = {str(path.relative_to(root)) for path in candidates
              if has_texts(root, path.relative_to(root))}
    for path in sorted(wanted - set(listed)):
        yield f"po/POTFILES: {path} has texts to translate, and is not in it"
    for path in sorted(set(listed) - wanted):
        yield f"po/POTFILES: {path} is not there, or has nothing to translate"
    for path, n in Counter(listed).items():
        if n > 1:
            yield f"po/POTFILES: {path} is in it {n} times"


def check_sources(root):
    for path in root.glob("src/**/*.c"):
        for match in MACRO.finditer(path.read_text(encoding="utf-8")):
            yield f"{path}: format the number first; a macro can't be translated: {match.group()}"
    for path in root.glob("ui/**/*.ui"):
        if any("translatable" in part for part in CDATA.findall(path.read_text(encoding="utf-8"))):
            yield f"{path}: xgettext finds nothing in CDATA: make that factory a file of its own"
        for match in UNMARKED.finditer(path.read_text(encoding="utf-8")):
            yield f'{path}: translatable="yes" is missing: {match.group()}'


def shape(text):
    """What a translation must have as the original has it."""
    return {
        "formats": Counter(DIRECTIVE.findall(text)),
        "markup": Counter(TAG.findall(text)),
        "mnemonics": text.count("_"),
        "ellipses": (text.count("…"), text.count("...")),
        "line ends": text.count("\n"),
    }


def check_message(message):
    if "fuzzy" in message.flags:
        yield "is fuzzy"
    if not message.translations or not all(message.translations):
        yield "is not translated"
        return
    originals = [message.text, message.plural] if message.plural else [message.text]
    for translation in message.translations:
        found = shape(translation)
        for name in found:
            if all(shape(original)[name] != found[name] for original in originals):
                yield f"has other {name}: “{translation}”"


def check_language(root, language, template):
    path = root / f"po/{language}.po"
    messages, n_obsolete = read_catalogue(path)
    result = subprocess.run(["msgfmt", "--check", "--output-file=/dev/null", path],
                            capture_output=True, text=True, check=False)
    if result.returncode != 0 or result.stderr:
        yield f"{path}: msgfmt --check: {result.stderr}"
    if n_obsolete:
        yield f"{path}: {n_obsolete} obsolete messages"
    there = {message.key() for message in messages}
    for key in sorted(template - there):
        yield f"{path}: “{key[1]}” is missing; msgmerge it from the template"
    for key in sorted(there - template):
        yield f"{path}: “{key[1]}” is no longer in the program"
    for message in messages:
        yield from (f"{path}: “{message.text}” {fault}" for fault in check_message(message))


def check_languages(root):
    languages = read_list(root / "po/LINGUAS")
    there = sorted(path.stem for path in root.glob("po/*.po"))
    if languages != there:
        yield f"po/LINGUAS: has {languages}, but there are {there}"
    with tempfile.TemporaryDirectory(prefix="bipe-po-") as folder:
        make_template(root, f"{folder}/bipe.pot")
        template = {message.key() for message in read_catalogue(f"{folder}/bipe.pot")[0]}
    if len(template) < 400:
        yield f"only {len(template)} texts were found"
    for language in there:
        yield from check_language(root, language, template)


def main():
    root = Path(sys.argv[1]).resolve()
    checks = (check_files, check_sources, check_languages)
    faults = [fault for check in checks for fault in check(root)]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
