"""Judges bills of materials by what their makers publish: exit 1 and the reasons for what does not fit."""

import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document


def wrong(path):
    with open(path) as file:
        text = file.read()
    document = json.loads(text)
    if "bomFormat" in document:
        fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
        if fault:
            yield str(fault)
        purls = [part["purl"] for part in document["components"] if "purl" in part]
        purls.append(document["metadata"]["component"]["purl"])
    else:
        for fault in validate_full_spdx_document(parse_file(path), "SPDX-2.3"):
            yield fault.validation_message
        refs = [ref for package in document["packages"] for ref in package["externalRefs"]]
        purls = [ref["referenceLocator"] for ref in refs]
    for purl in purls:
        if PackageURL.from_string(purl).to_string() != purl:
            yield f"{purl} is not how purls are written"


faults = [f"{path}: {fault}" for path in sys.argv[1:] for fault in wrong(path)]
print("\n".join(faults))
sys.exit(1 if faults else 0)
