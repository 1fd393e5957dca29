"""As much of JSON Schema as the vector sets use; a keyword that is not here is an error."""

import re

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
ABOUT = {
    **dict.fromkeys(("properties", "additionalProperties", "required"), dict),
    "items": list,
    "pattern": str,
    "minimum": (int, float),
}
SILENT = {"$schema", "$defs", "title", "type"}


def complaints(node, schema, root=None, where="$"):
    """Yield what a document does not keep of its schema."""
    root = root or schema
    if "type" in schema and not any(_is(node, name) for name in _list(schema["type"])):
        yield f"{where}: not {schema['type']}"
        return  # The other keywords are about that type.
    for keyword, rule in schema.items():
        if keyword not in SILENT and isinstance(node, ABOUT.get(keyword, object)):
            yield from KEYWORDS[keyword](node, rule, schema, root, where)


def _list(names):
    return names if isinstance(names, list) else [names]


def _is(node, name):
    return isinstance(node, TYPES[name]) and (name == "boolean" or not isinstance(node, bool))


def _ref(node, rule, schema, root, where):
    return complaints(node, root["$defs"][rule.removeprefix("#/$defs/")], root, where)


def _properties(node, rule, schema, root, where):
    for name in rule.keys() & node.keys():
        yield from complaints(node[name], rule[name], root, f"{where}.{name}")


def _others(node, rule, schema, root, where):
    for name in node.keys() - schema.get("properties", {}).keys():
        if rule is False:
            yield f"{where}: unknown {name}"
        else:
            yield from complaints(node[name], rule, root, f"{where}.{name}")


def _items(node, rule, schema, root, where):
    for i, item in enumerate(node):
        yield from complaints(item, rule, root, f"{where}[{i}]")


def _required(node, rule, schema, root, where):
    yield from (f"{where}: no {name}" for name in rule if name not in node)


def _pattern(node, rule, schema, root, where):
    if not re.search(rule, node):
        yield f"{where}: {node!r} is not like {rule}"


def _const(node, rule, schema, root, where):
    if node != rule:
        yield f"{where}: not {rule!r}"


def _any(node, rule, schema, root, where):
    if all(list(complaints(node, each, root, where)) for each in rule):
        yield f"{where}: none of the alternatives"


def _minimum(node, rule, schema, root, where):
    if node < rule:
        yield f"{where}: less than {rule}"


def _enum(node, rule, schema, root, where):
    if node not in rule:
        yield f"{where}: none of {rule}"


KEYWORDS = {
    "$ref": _ref,
    "properties": _properties,
    "additionalProperties": _others,
    "items": _items,
    "required": _required,
    "pattern": _pattern,
    "const": _const,
    "enum": _enum,
    "anyOf": _any,
    "minimum": _minimum,
}
