"""Validates a SEPA credit transfer on standard input against ISO 20022's schema."""

import pathlib
import sys

import sepaxml
import xmlschema

schema = pathlib.Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"
xmlschema.XMLSchema(str(schema)).validate(sys.stdin.read())
print("valid")
