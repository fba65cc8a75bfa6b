"""Prints what CloudFormation makes of a packaged SAM template: python transform.py <template>."""

import json
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """The template names no policy of AWS."""

    def load(self):
        return {}


with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file.read())
json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout)
