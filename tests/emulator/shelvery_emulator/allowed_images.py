"""Which images of others an account may see, and which it may not copy. Pages "GetAllowedImagesSettings", "EnableAllowedImagesSettings",
"DisableAllowedImagesSettings", "ReplaceImageCriteriaInAllowedImagesSettings", "ImageCriterion", "DescribeImages", "ProductCode", and
"Copy an Amazon EC2 AMI" (considerations)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.responses import EC2Response

from .control import ControlError
from .emulator import Emulator
from .images import COPY_CHECKS

DISABLED, AUDIT, ENABLED = "disabled", "audit-mode", "enabled"
MARKETPLACE = "marketplace"


@dataclass
class Settings:
    """Of one account in one region."""

    state: str = DISABLED
    criteria: list[dict[str, Any]] = field(default_factory=list)

    def allows(self, image: Ami, account: str) -> bool:
        """An image is allowed that fits any criterion; one's own always are."""
        return image.owner_id == account or any(_fits(image, criterion) for criterion in self.criteria)


def _fits(image: Ami, criterion: dict[str, Any]) -> bool:
    """Every part that a criterion has. Of the parts those that the product's images could have."""
    providers, names, codes = (criterion.get(each) for each in ("ImageProviders", "ImageNames", "MarketplaceProductCodes"))
    return (
        (not providers or image.owner_id in providers or (image.owner_alias is not None and image.owner_alias in providers))
        and (not names or any(fnmatchcase(image.name or "", name) for name in names))
        and (not codes or bool(set(codes) & {code for code, _ in _product_codes(image)}))
    )


def _product_codes(image: Ami) -> list[tuple[str, str]]:
    """Ids and types."""
    return image.__dict__.get("codes_of_products", [])


class AllowedImages:
    def __init__(self) -> None:
        self._settings: dict[tuple[str, str], Settings] = {}

    def reset(self) -> None:
        self._settings = {}

    def of(self, backend: EC2Backend) -> Settings:
        return self._settings.setdefault((backend.account_id, backend.region_name), Settings())

    def get(self, response: EC2Response) -> ActionResult:
        settings = self.of(response.ec2_backend)
        return ActionResult({"State": settings.state, "ImageCriteria": settings.criteria, "ManagedBy": "account"})

    def enable(self, response: EC2Response) -> ActionResult:
        settings = self.of(response.ec2_backend)
        settings.state = response._get_param("AllowedImagesSettingsState")
        return ActionResult({"AllowedImagesSettingsState": settings.state})

    def disable(self, response: EC2Response) -> ActionResult:
        self.of(response.ec2_backend).state = DISABLED
        return ActionResult({"AllowedImagesSettingsState": DISABLED})

    def replace_criteria(self, response: EC2Response) -> ActionResult:
        self.of(response.ec2_backend).criteria = response._get_param("ImageCriteria", [])
        return ActionResult({"ReturnValue": True})


def _set_product_codes(payload: dict[str, Any]) -> None:
    wanted = payload["imageId"]
    image = next((backend.amis[wanted] for _, _, backend in ec2_backends.iter_backends() if wanted in backend.amis), None)
    if image is None:
        raise ControlError(f"no image {wanted}")
    image.__dict__["codes_of_products"] = [(each["id"], each.get("type", MARKETPLACE)) for each in payload["codes"]]


def _refuse_of_products(image: Ami, account: str) -> None:
    """Page "Copy an Amazon EC2 AMI": not one with a product code that another account shares. Its code is what accounts see."""
    if image.owner_id != account and any(kind == MARKETPLACE for _, kind in _product_codes(image)):
        raise EC2ClientError("InvalidRequest", "Images from AWS Marketplace cannot be copied to another AWS account")


def _answer(response: EC2Response, answer: Callable[[EC2Response], ActionResult]) -> ActionResult:
    return answer(response)


def install(emulator: Emulator) -> None:
    """After shared_images, whose list it narrows, and before paging."""
    allowed = AllowedImages()
    describe = EC2Response.describe_images

    def describe_images(response: EC2Response) -> ActionResult:
        backend: EC2Backend = response.ec2_backend
        result: Any = describe(response).result
        settings = allowed.of(backend)
        images = result["Images"]
        if settings.state == ENABLED:
            images = [image for image in images if settings.allows(image, backend.account_id)]
        for image in images:
            image.image_allowed = None if settings.state == DISABLED else settings.allows(image, backend.account_id)
        return ActionResult(result | {"Images": images})

    def refuse_not_allowed(image: Ami, account: str, region: str) -> None:
        """What is not allowed cannot be used. Guess: a copy is refused as of an image that is not there."""
        settings = allowed.of(ec2_backends[account][region])
        if settings.state == ENABLED and not settings.allows(image, account):
            raise EC2ClientError("InvalidAMIID.NotFound", f"The image id '[{image.id}]' does not exist")

    def product_codes(image: Ami) -> list[dict[str, str]] | None:
        return [{"ProductCodeId": code, "ProductCodeType": kind} for code, kind in _product_codes(image)] or None

    def ignore(_: Ami, __: Any) -> None:
        """What moto's constructor sets."""

    def set_product_codes(payload: dict[str, Any]) -> None:
        with emulator.moto_lock:
            _set_product_codes(payload)

    Ami.product_codes = property(product_codes, ignore)  # type: ignore[assignment]
    COPY_CHECKS.append(refuse_not_allowed)
    COPY_CHECKS.append(lambda image, account, _: _refuse_of_products(image, account))
    EC2Response.describe_images = describe_images  # type: ignore[method-assign]
    for action, answer in (
        ("get_allowed_images_settings", allowed.get),
        ("enable_allowed_images_settings", allowed.enable),
        ("disable_allowed_images_settings", allowed.disable),
        ("replace_image_criteria_in_allowed_images_settings", allowed.replace_criteria),
    ):
        setattr(EC2Response, action, functools.partialmethod(_answer, answer))
    emulator.on_reset(allowed.reset)
    emulator.route("PUT", "images/product-codes", set_product_codes)
