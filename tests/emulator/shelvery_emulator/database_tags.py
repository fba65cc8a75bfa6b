"""Tags of databases and their snapshots. What one call may hold is checked for every call (validation_tags); here is what also
depends on the tags that a resource has. Pages "Tagging Amazon RDS resources", "CreateTags" (Redshift)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moto.core.exceptions import ServiceException

MOST_TAGS = 50


def read_tags(tags: Iterable[Mapping[str, str]] | None) -> list[dict[str, str]]:
    return [{"Key": tag["Key"], "Value": tag.get("Value") or ""} for tag in tags or ()]


def check_number_of_tags(
    error: type[ServiceException], present: list[dict[str, str]], added: list[dict[str, str]], code: str = "InvalidParameterValue"
) -> None:
    """`error` is moto's base class of the service's errors, by which it finds their model."""
    if len({tag["Key"] for tag in [*present, *added]}) > MOST_TAGS:
        raise error(code, f"A resource can have up to {MOST_TAGS} tags.")
