"""Pages of list calls: of the size that was asked for, or of one that the emulator imposes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from moto import settings
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response

from .emulator import Emulator


@dataclass(frozen=True)
class PagedList:
    """A list call that moto answers whole. Another one is paged by adding a row to PAGED_LISTS."""

    #: moto's class of the service's answers, and its method for the call
    responses: type[BaseResponse]
    method: str
    #: the member of the answer that is the list, and what identifies one of its items
    items: str
    identify: Callable[[Any], str]
    #: the page size's name, and what is allowed
    limit: str
    smallest: int
    largest: int
    #: where there is no page size in the call
    usual: int | None
    #: the names of the token in the call and in the answer
    token: str
    next_token: str
    #: members that cannot be together with a page size, as they name what is wanted
    alone: tuple[str, ...]
    #: moto's base class of the service's errors, and the code for a token that was not given
    error: type[ServiceException]
    invalid_token: str


def ec2_list(method: str, items: str, ids: str, identify: Callable[[Any], str], smallest: int = 5) -> PagedList:
    """A list call of EC2, as the page "Query requests for Amazon EC2" and the calls' own describe paging."""
    return PagedList(
        responses=EC2Response,
        method=method,
        items=items,
        identify=identify,
        limit="MaxResults",
        smallest=smallest,
        largest=1000,
        usual=None,
        token="NextToken",
        next_token="NextToken",
        alone=(ids,),
        error=EC2ClientError,
        invalid_token="InvalidNextToken",
    )


PAGED_LISTS: list[PagedList] = [
    #: Page "DescribeVolumes"
    ec2_list("describe_volumes", "Volumes", "VolumeIds", lambda volume: volume.id),
    #: Page "DescribeSnapshots"
    ec2_list("describe_snapshots", "Snapshots", "SnapshotIds", lambda snapshot: snapshot.id),
]


class Pages:
    """A token stands for what was still to come when it was given: what is gone by then is left out, as it would be on AWS."""

    def __init__(self) -> None:
        self.imposed: int | None = None
        self._rest_of: dict[str, tuple[Sequence[str], int]] = {}

    def reset(self) -> None:
        self.imposed = None
        self._rest_of = {}

    def impose(self, payload: dict[str, int | None]) -> None:
        self.imposed = payload["size"]

    def cut(self, paged: PagedList, response: BaseResponse, items: list[Any]) -> tuple[list[Any], str | None]:
        size = self._size(paged, response)
        token = response._get_param(paged.token)
        if token:
            identifiers, start = self._read(paged, str(token))
            by_identifier = {paged.identify(item): item for item in items}
        elif size is None or len(items) <= size:
            return items, None
        else:
            by_identifier = {paged.identify(item): item for item in items}
            identifiers, start = list(by_identifier), 0
        end = len(identifiers) if size is None else start + size
        page = [by_identifier[each] for each in identifiers[start:end] if each in by_identifier]
        return page, self._give(identifiers, end) if end < len(identifiers) else None

    def _size(self, paged: PagedList, response: BaseResponse) -> int | None:
        asked = response._get_param(paged.limit)
        names_what_it_wants = any(response._get_param(name) for name in paged.alone)
        if asked is None:
            return None if names_what_it_wants else _smaller(paged.usual, self.imposed)
        if names_what_it_wants:
            raise paged.error(
                "InvalidParameterCombination", f"The parameter {paged.limit} cannot be used with the parameter {paged.alone[0]}"
            )
        if not paged.smallest <= int(asked) <= paged.largest:
            raise paged.error(
                "InvalidParameterValue",
                f"Value ( {asked} ) for parameter {paged.limit} is invalid. "
                f"Expecting a value from {paged.smallest} to {paged.largest}.",
            )
        return _smaller(int(asked), self.imposed)

    def _read(self, paged: PagedList, token: str) -> tuple[Sequence[str], int]:
        rest = self._rest_of.get(token)
        if rest is None:
            raise paged.error(paged.invalid_token, f"The specified {paged.token} is not valid.")
        return rest

    def _give(self, identifiers: Sequence[str], start: int) -> str:
        token = secrets.token_urlsafe(24)
        self._rest_of[token] = (identifiers, start)
        return token


def _smaller(one: int | None, other: int | None) -> int | None:
    sizes = [size for size in (one, other) if size is not None]
    return min(sizes) if sizes else None


def _wrap(pages: Pages, paged: PagedList) -> None:
    whole: Callable[[BaseResponse], ActionResult] = getattr(paged.responses, paged.method)

    def page(response: BaseResponse) -> ActionResult:
        result: Any = whole(response).result
        items, next_token = pages.cut(paged, response, list(result[paged.items]))
        return ActionResult(result | {paged.items: items, paged.next_token: next_token})

    setattr(paged.responses, paged.method, page)


def _page_objects(pages: Pages) -> None:
    """Page "ListObjectsV2": up to 1,000 keys, or fewer. Moto knows pages of them itself."""
    usual = settings.get_s3_default_max_keys
    settings.get_s3_default_max_keys = lambda: _smaller(usual(), pages.imposed)


def install(emulator: Emulator) -> None:
    pages = Pages()
    _page_objects(pages)
    for paged in PAGED_LISTS:
        _wrap(pages, paged)
    emulator.on_reset(pages.reset)
    emulator.route("PUT", "pages", pages.impose)
