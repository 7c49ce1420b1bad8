"""The bill of materials of an image (SBOM), as CycloneDX: Debian, Python, R and Julia packages in one document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL


class InvalidBillError(Exception):
    """A document that the schema of CycloneDX does not allow."""


def bill(image: str, version: str, digest: str, inventory: Mapping[str, Any]) -> str:
    """Return the CycloneDX 1.6 document of an image, checked against its schema.

    Parameters
    ----------
    image, version
        The image's name without tag, and its version.
    digest
        The identity of the image's configuration, `sha256:...`.
    inventory
        What `inventory.py` said inside the image.

    Raises
    ------
    InvalidBillError
    """
    system = inventory["system"]
    main = Component(
        name=image,
        version=version,
        type=ComponentType.CONTAINER,
        bom_ref="image",
        properties=[Property(name="hdh-jupyter:image-id", value=digest)],
    )
    operating = Component(
        name=system["ID"],
        version=system.get("VERSION_ID"),
        type=ComponentType.OPERATING_SYSTEM,
        bom_ref="system",
        description=system.get("PRETTY_NAME"),
    )
    components = {str(component.bom_ref): component for component in (operating, *_packages(inventory))}
    document = Bom(metadata=BomMetaData(component=main), components=components.values())
    document.register_dependency(main, components.values())
    text = JsonV1Dot6(document).output_as_string(indent=2)
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise InvalidBillError(str(problem))
    return text


def _packages(inventory: Mapping[str, Any]) -> Iterable[Component]:
    system = inventory["system"]["ID"]
    release = inventory["system"].get("VERSION_CODENAME", "")
    for package in inventory["debian"]:
        qualifiers = {"arch": package["architecture"], "distro": release}
        url = PackageURL("deb", system, package["name"], package["version"], {k: v for k, v in qualifiers.items() if v})
        yield _component(url, "", {"hdh-jupyter:source-package": package["source"]})
    for package in inventory["python"]:
        url = PackageURL("pypi", None, package["name"].lower().replace("_", "-"), package["version"])
        yield _component(url, package["licence"], {})
    for package in inventory["r"]:
        yield _component(PackageURL("cran", None, package["name"], package["version"]), package["licence"], {})
    for package in inventory["julia"]:
        url = PackageURL("julia", None, package["name"], package["version"], {"uuid": package["uuid"]})
        yield _component(url, "", {})


def _component(url: PackageURL, licence: str, properties: Mapping[str, str]) -> Component:
    return Component(
        name=url.name,
        version=url.version,
        type=ComponentType.LIBRARY,
        bom_ref=url.to_string(),
        purl=url,
        licenses=[DisjunctiveLicense(name=licence)] if licence else [],
        properties=[Property(name=name, value=value) for name, value in properties.items()],
    )
