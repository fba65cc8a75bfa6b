"""How RDS and Redshift page their lists: MaxRecords from 20 to 100, 100 unless it is given, and a Marker. Pages "DescribeDBSnapshots",
"DescribeDBClusters", "DescribeClusterSnapshots" and their like."""

from __future__ import annotations

from moto.core.exceptions import ServiceException
from moto.core.responses import BaseResponse

from .paging import PAGED_LISTS, PagedList


def page_by_marker(responses: type[BaseResponse], error: type[ServiceException], lists: dict[str, str]) -> None:
    """Registers lists, by moto's method and the member of its answer. Before paging is installed, which wraps them."""
    for method, items in lists.items():
        PAGED_LISTS.append(
            PagedList(
                responses=responses,
                method=method,
                items=items,
                identify=lambda item: str(item.arn),
                limit="MaxRecords",
                smallest=20,
                largest=100,
                usual=100,
                token="Marker",
                next_token="Marker",
                alone=(),
                error=error,
                invalid_token="InvalidParameterValue",
            )
        )
