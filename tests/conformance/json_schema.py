"""As much of JSON Schema as the vector sets and the reports use; a keyword that is not here is an error."""

import re

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "integer": int,
    "null": type(None),
}
SILENT = {"$schema", "$defs", "title", "type"}


def complaints(node, schema, root=None, where="$"):
    """Yield what a document does not keep of its schema."""
    root = root or schema
    kind = schema.get("type")
    if not isinstance(node, TYPES.get(kind, object)) or (
        isinstance(node, bool) and kind in {"number", "integer"}
    ):
        yield f"{where}: not {schema['type']}"
        return  # The other keywords are about that type.
    for keyword, rule in schema.items():
        if keyword not in SILENT:
            yield from KEYWORDS[keyword](node, rule, schema, root, where)


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


def _enum(node, rule, schema, root, where):
    if node not in rule:
        yield f"{where}: none of {rule}"


def _any_of(node, rule, schema, root, where):
    found = [list(complaints(node, each, root, where)) for each in rule]
    return min(found, key=len)


def _minimum(node, rule, schema, root, where):
    if node < rule:
        yield f"{where}: below {rule}"


KEYWORDS = {
    "$ref": _ref,
    "properties": _properties,
    "additionalProperties": _others,
    "items": _items,
    "required": _required,
    "pattern": _pattern,
    "const": _const,
    "enum": _enum,
    "anyOf": _any_of,
    "minimum": _minimum,
}
