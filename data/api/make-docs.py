"""The page at /docs out of the document, a template and the examples: plain HTML, which needs no script.

make-docs.py OPENAPI TEMPLATE EXAMPLES OUTPUT
"""

import html
import json
import re
import sys
from pathlib import Path

METHODS = ("get", "post", "put", "patch", "delete")
LANGUAGES = (("sh", "curl"), ("js", "JavaScript"), ("py", "Python"))

# Each with its title and what is said before its examples.
GUIDE = (
    ("send", "Send a scan",
     "An answer of 201 means that the scan is on disk. With a <code>key</code> of your own you may send it "
     "again when no answer came: the same key never makes a second scan."),
    ("list", "List the history",
     "The rows of the store, page by page: <code>after</code> is the id of the last row that you have. "
     '<a href="#op-get-v1-scans.csv"><code>/v1/scans.csv</code></a> gives all of them as one table.'),
    ("events", "Follow what happens",
     "Every event has a number. Whoever comes back names the last one it has, and misses none. In a browser "
     "<code>new EventSource(…)</code> does so by itself."),
    ("collect", "Collect scans",
     "Each scan of the station is handed out once, the oldest first."),
    ("socketio", "Socket.IO",
     "Codes go as <code>message</code> in the namespace <code>/</code>, and an ack says that one is on disk. "
     "The namespace <code>/events</code> tells what becomes of them."),
)


EVERYWHERE = (
    "On the station's own machine these run as they are. From elsewhere each request shows a token: "
    "<code>-H 'Authorization: Bearer …'</code>, or the same header in the other languages.")


def escape(text):
    return html.escape(str(text))


def inline(text):
    """`code`, **strong** and [links](…) of a description."""
    text = escape(text)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', text)


def prose(text):
    """Paragraphs, lists and indented text."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.split("\n")
        if all(line.startswith("    ") for line in lines):
            blocks.append("<pre><code>%s</code></pre>" % escape("\n".join(line[4:] for line in lines)))
        elif all(line.startswith("- ") for line in lines):
            blocks.append("<ul>%s</ul>" % "".join("<li>%s</li>" % inline(line[2:]) for line in lines))
        elif block:
            blocks.append("<p>%s</p>" % inline(block.replace("\n", " ")))
    return "\n".join(blocks)


class Page:
    def __init__(self, document, examples):
        self.document, self.examples = document, examples

    def resolve(self, value):
        while "$ref" in value:
            target = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def type_of(self, schema):
        """In a few words; a schema with a name is a link to it."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return '<a href="#schema-%s">%s</a>' % (name, name)
        if "const" in schema:
            return "<code>%s</code>" % escape(json.dumps(schema["const"], ensure_ascii=False))
        if "enum" in schema:
            words = " ".join("<code>%s</code>" % escape(value) for value in schema["enum"])
            return words + (", default <code>%s</code>" % schema["default"] if "default" in schema else "")
        for word in ("oneOf", "anyOf"):
            if word in schema:
                return " or ".join(map(self.type_of, schema[word]))
        if "allOf" in schema:
            return self.type_of(schema["allOf"][0])
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if "array" in types and "items" in schema:
            return "list of " + self.type_of(schema["items"])
        words = " or ".join(types)
        if "format" in schema:
            words += " (%s)" % schema["format"]
        least = next((schema[name] for name in ("minLength", "minimum", "minItems") if name in schema), None)
        most = next((schema[name] for name in ("maxLength", "maximum", "maxItems") if name in schema), None)
        if most is not None:
            words += ", %s to %s" % (0 if least is None else least, most)
        elif least is not None:
            words += ", from %s" % least
        if "default" in schema:
            words += ", default %s" % schema["default"]
        return escape(words)

    def rows(self, members):
        """members: name, schema, whether it must be there, description."""
        lines = [
            "<tr><th scope=row><code>%s</code>%s</th><td>%s</td><td>%s</td></tr>" % (
                escape(name), " <em>required</em>" if needed else "", self.type_of(schema),
                inline(text))
            for name, schema, needed, text in members]
        return '<div class="wide"><table>%s</table></div>' % "".join(lines) if lines else ""

    def properties(self, schema):
        """Those of an object, of its parts too."""
        members, needed = {}, set(schema.get("required", []))
        for part in schema.get("allOf", []):
            resolved = self.resolve(part)
            more, more_needed = self.properties(resolved)
            members.update(more)
            needed |= more_needed
        members.update(schema.get("properties", {}))
        return members, needed

    def object(self, schema):
        members, needed = self.properties(schema)
        return self.rows(
            (name, member, name in needed, member.get("description", "")) for name, member in members.items())

    def content(self, holder):
        parts = []
        for kind, media in holder.get("content", {}).items():
            schema = media.get("schema", {})
            data = schema.get("properties", {}).get("data") if "json" in kind else None
            shown = self.type_of(schema if data is None else data)
            parts.append('<p class="type"><code>%s</code> %s%s</p>' % (
                escape(kind), "" if data is None else "with <code>data</code>: ", shown))
            if data is None and "$ref" not in schema and "json" in kind:
                parts.append(self.object(schema))
            for example in media.get("examples", {}).values():
                value = self.resolve(example)["value"]
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
                parts.append("<pre><code>%s</code></pre>" % escape(text))
        return "".join(parts)

    def parameters(self, operation, shared):
        members = []
        for given in [*shared, *operation.get("parameters", [])]:
            parameter = self.resolve(given)
            text = parameter.get("description", "")
            if parameter["in"] != "query":
                text = "In the %s. %s" % (parameter["in"], text)
            members.append((parameter["name"], parameter["schema"], parameter.get("required"), text))
        return self.rows(members)

    def responses(self, operation):
        plain, failures = [], []
        for status, given in operation["responses"].items():
            response = self.resolve(given)
            if status >= "400" and "$ref" in given:
                name = given["$ref"].rsplit("/", 1)[1]
                failures.append('<a href="#failure-%s" title="%s">%s</a>' % (
                    name, escape(response["description"]), status))
            else:
                plain.append('<h4><span class="status">%s</span> %s</h4>%s' % (
                    status, inline(response["description"]), self.content(response)))
        return "".join(plain) + '<p class="failures">Failures: %s</p>' % " ".join(failures)

    def operation(self, path, method, operation, shared):
        scope = operation["x-scope"]
        parts = [
            '<article id="op-%s" class="operation">' % anchor(path, method),
            '<h3><a href="#op-%s"><span class="method %s">%s</span> <code>%s</code></a></h3>' % (
                anchor(path, method), method, method.upper(), escape(path)),
            "<p><strong>%s</strong> <span class=scope>%s</span></p>" % (
                inline(operation["summary"]), "for everybody" if scope == "none" else "scope " + scope),
            prose(operation.get("description", "")),
            self.parameters(operation, shared),
        ]
        if "requestBody" in operation:
            parts += ["<h4>Body</h4>", self.content(self.resolve(operation["requestBody"]))]
        return "\n".join([*parts, self.responses(operation), "</article>"])

    def operations(self, tag):
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item and tag in item[method]["tags"]:
                    yield path, method, item[method], item.get("parameters", [])

    def section(self, tag):
        operations = "".join(self.operation(*each) for each in self.operations(tag["name"]))
        return '<section id="%s"><h2>%s</h2>%s%s</section>' % (
            slug(tag["name"]), escape(tag["name"]), prose(tag.get("description", "")), operations)

    def guide(self):
        parts = ["<p>%s</p>" % EVERYWHERE]
        for name, title, text in GUIDE:
            parts.append('<section id="guide-%s"><h3>%s</h3><p>%s</p>' % (name, title, text))
            for suffix, language in LANGUAGES:
                path = self.examples / (name + "." + suffix)
                if path.exists():
                    parts.append('<figure><figcaption>%s</figcaption><pre><code class="example" id="%s-%s">%s'
                                 '</code></pre></figure>' % (
                                     language, name, suffix, escape(path.read_text().rstrip("\n"))))
            parts.append("</section>")
        return "\n".join(parts)

    def failures(self):
        parts = []
        for name, response in self.document["components"].get("responses", {}).items():
            parts.append('<h3 id="failure-%s">%s</h3>%s' % (
                name, escape(name), prose(response["description"])))
        return "\n".join(parts)

    def schemas(self):
        parts = []
        for name, schema in self.document["components"]["schemas"].items():
            parts.append('<article id="schema-%s"><h3>%s</h3>%s%s</article>' % (
                name, escape(name), prose(schema.get("description", "")),
                self.object(schema) or "<p>%s</p>" % self.type_of(schema)))
        return "\n".join(parts)

    def navigation(self):
        parts = ["<ul>"]
        parts += ['<li><a href="#guide-%s">%s</a></li>' % (name, title) for name, title, _ in GUIDE]
        parts.append("</ul>")
        for tag in self.document["tags"]:
            parts.append('<h2><a href="#%s">%s</a></h2><ul>' % (slug(tag["name"]), escape(tag["name"])))
            parts += [
                '<li data-search="%s"><a href="#op-%s"><span class="method %s">%s</span> '
                "<span>%s</span></a></li>" % (
                    escape("%s %s %s" % (method, path, operation["summary"])).lower(),
                    anchor(path, method), method, method.upper(), escape(path))
                for path, method, operation, _ in self.operations(tag["name"])]
            parts.append("</ul>")
        return "\n".join(parts)


def slug(text):
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def anchor(path, method):
    return "%s-%s" % (method, slug(path) + ("-" if path.endswith("/") else ""))


def main():
    document, template, examples, output = map(Path, sys.argv[1:])
    page = Page(json.loads(document.read_text()), examples)
    parts = {
        "title": escape(page.document["info"]["title"]),
        "intro": prose(page.document["info"]["description"]),
        "navigation": page.navigation(),
        "guide": page.guide(),
        "sections": "\n".join(map(page.section, page.document["tags"])),
        "failures": page.failures(),
        "schemas": page.schemas(),
    }
    output.write_text(re.sub(r"@(\w+)@", lambda match: parts[match.group(1)], template.read_text()))


main()
