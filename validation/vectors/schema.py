"""The JSON Schema of the sets."""

from typing import Any

from validation.vectors.notes import FORMAT

_NUMBER = r"^(nan|-?inf|-?0x[01](\.[0-9a-f]{1,13})?p[+-][0-9]{1,4})$"
_DECIMAL = r"^(nan|-?inf|-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]{1,3})?)$"


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _table(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


_NAMES = {"type": "array", "items": {"type": "string"}}
_PAIRS = _table({"$ref": "#/$defs/number"})

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": FORMAT,
    **_object(
        {
            "format": {"const": FORMAT},
            "version": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
            "law": {"type": "string"},
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
        "answer": _object({"results": _PAIRS, "conditions": _PAIRS}),
        "case": _object(
            {
                "id": {"type": "string", "pattern": "^[a-z0-9_.-]+$"},
                "function": {"type": "string", "pattern": r"^[a-z_]+\.[a-z_]+$"},
                "dtype": {"enum": ["float32", "float64"]},
                "kind": {"enum": ["valid", "invalid", "acceptable"]},
                "flags": {
                    "type": "array",
                    "items": {"enum": ["bulk", "tail", "extreme", "edge", "clip-point", "outside"]},
                },
                "arguments": _PAIRS,
                "results": _PAIRS,
                "conditions": _PAIRS,
                "conventions": _table({"$ref": "#/$defs/answer"}),
            },
            "conventions",
        ),
    },
}
