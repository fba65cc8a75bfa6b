"""What each service says of tags. The rules are for every action that takes tags."""

from __future__ import annotations

from dataclasses import dataclass

from .validation_rule_kinds import Check, Rule, at_most, matches, unique

MOST_TAGS = 50
LONGEST_KEY = 128
LONGEST_VALUE = 256


@dataclass(frozen=True)
class TagAlphabet:
    """`paths` lead to lists of tags; `characters` is a class of a regular expression, None where all are allowed."""

    page: str
    paths: tuple[str, ...]
    characters: str | None
    reserved: tuple[str, ...]
    code: str | None = None
    too_many: str | None = None


_ALPHABETS = {
    "ec2": TagAlphabet(
        page="Tag your Amazon EC2 resources",
        paths=("Tags", "TagSpecifications.*.Tags"),
        characters=None,
        reserved=("aws:",),
        too_many="TagLimitExceeded",
    ),
    "rds": TagAlphabet(page="Tag", paths=("Tags",), characters=r"\p{L}\p{Z}\p{N}_.:/=+\-@", reserved=("aws:", "rds:")),
    "docdb": TagAlphabet(page="Tag", paths=("Tags",), characters=r"\p{L}\p{Z}\p{N}_.:/=+\-", reserved=("aws:", "rds:")),
    "redshift": TagAlphabet(
        page="Tag resources in Amazon Redshift",
        paths=("Tags",),
        characters=r"\p{L}\p{Z}\p{N}_.:/=+\-@",
        reserved=("aws:",),
        code="InvalidTagFault",
        too_many="TagLimitExceededFault",
    ),
}


def tag_rules(model: str) -> tuple[Rule, ...]:
    alphabet = _ALPHABETS[model]
    key, value = _text(alphabet, 1, LONGEST_KEY), _text(alphabet, 0, LONGEST_VALUE)
    rules: list[Rule] = []
    for path in alphabet.paths:
        rules += [
            Rule(None, f"{path}.*.Key", key, alphabet.page, alphabet.code),
            Rule(None, f"{path}.*.Value", value, alphabet.page, alphabet.code),
            Rule(None, path, unique("Key"), alphabet.page, alphabet.code),
            Rule(None, path, at_most(MOST_TAGS, "tags"), alphabet.page, alphabet.too_many),
        ]
    return tuple(rules)


def _text(alphabet: TagAlphabet, shortest: int, longest: int) -> Check:
    """Neither keys nor values begin with what is reserved, in capitals or not; of EC2's only keys."""
    characters = "[\\s\\S]" if alphabet.characters is None else f"[{alphabet.characters}]"
    of_keys_only = alphabet.characters is None and shortest == 0
    reserved = "" if of_keys_only else f"(?!(?i:{'|'.join(alphabet.reserved)}))"
    meaning = f"{shortest} to {longest} characters" + ("" if alphabet.characters is None else f" of {characters}")
    without = "" if of_keys_only else f", not beginning with {' or '.join(alphabet.reserved)}"
    return matches(f"{reserved}{characters}{{{shortest},{longest}}}", meaning + without)
