"""The JSON Schema of the sets."""

from typing import Any

from validation.vectors.notes import FORMAT, NOTES

_NUMBER = r"^(nan|-?inf|-?0x[01](\.[0-9a-f]{1,13})?p[+-][0-9]{1,4})$"
_DECIMAL = r"^(nan|-?inf|-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]{1,3})?)$"


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _table(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


FLAGS = [name.removeprefix("flag ") for name in NOTES if name.startswith("flag ")]
_NAMES = {"type": "array", "items": {"type": "string"}}
_NUMBERS = _table({"anyOf": [{"$ref": "#/$defs/number"}, {"$ref": "#/$defs/array"}]})
_ARGUMENTS = {
    "type": "object",
    "properties": {"objective": {"$ref": "#/$defs/objective"}, "options": {"$ref": "#/$defs/options"}},
    "additionalProperties": {
        "anyOf": [
            {"$ref": "#/$defs/number"},
            {"$ref": "#/$defs/array"},
            {"$ref": "#/$defs/integers"},
            {"type": ["string", "boolean", "null"]},
        ]
    },
}
_SHAPE = {"type": "array", "items": {"type": "integer", "minimum": 0}}


def _list(pattern: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", "pattern": pattern}}


SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": FORMAT,
    **_object(
        {
            "format": {"const": FORMAT},
            "version": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
            "set": {"type": "string"},
            "schema": {"const": "schema.json"},
            "notes": _table({"type": "string"}),
            "functions": _table(_object({"arguments": _NAMES, "results": _NAMES})),
            "cases": {"type": "array", "items": {"$ref": "#/$defs/case"}},
        }
    ),
    "$defs": {
        "number": _object(
            {
                "hex": {"type": "string", "pattern": _NUMBER},
                "decimal": {"type": "string", "pattern": _DECIMAL},
            }
        ),
        "array": _object({"shape": _SHAPE, "hex": _list(_NUMBER), "decimal": _list(_DECIMAL)}),
        "integers": _object({"shape": _SHAPE, "data": {"type": "array", "items": {"type": "integer"}}}),
        "objective": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": {"anyOf": [{"$ref": "#/$defs/objective"}, {"$ref": "#/$defs/plain"}]},
        },
        "options": _table({"anyOf": [{"$ref": "#/$defs/objective"}, {"$ref": "#/$defs/plain"}]}),
        "plain": {
            "type": ["number", "string", "array"],
            "items": {"anyOf": [{"type": "number"}, {"$ref": "#/$defs/plain"}]},
        },
        "answer": _object({"results": _NUMBERS, "conditions": _NUMBERS}),
        "case": _object(
            {
                "id": {"type": "string", "pattern": "^[A-Za-z0-9_.-]+$"},
                "function": {"type": "string", "pattern": r"^[A-Za-z_]+(\.[a-z_]+)+$"},
                "dtype": {"enum": ["float32", "float64"]},
                "kind": {"enum": ["valid", "invalid", "acceptable"]},
                "flags": {
                    "type": "array",
                    "items": {"enum": FLAGS},
                },
                "arguments": _ARGUMENTS,
                "results": _NUMBERS,
                "conditions": _NUMBERS,
                "conventions": _table({"$ref": "#/$defs/answer"}),
            },
            "conventions",
        ),
    },
}
