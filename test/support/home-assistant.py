"""Checks a device discovery payload on stdin with Home Assistant's own code; prints what it objects to, as JSON.

Needs the packages `homeassistant` (2024.11 or newer) and `voluptuous` with what they import; what else Home Assistant's
MQTT integration imports and does not use for this is stood in for.
"""

import importlib
import importlib.abc
import importlib.machinery
import json
import logging
import sys
import types
from typing import Any, ClassVar
from unittest.mock import MagicMock

import voluptuous as vol

STOOD_IN = (
    "hass_nabucasa",
    "aiohasupervisor",
    "turbojpeg",
    "av",
    "mutagen",
    "uv",
    "securetar",
    "OpenSSL",
)


class StandIn(types.ModuleType):
    """A module that has every name."""

    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        base = Exception if name.endswith(("Error", "Exception")) else object
        value = type(name, (base,), {}) if name[:1].isupper() else MagicMock(name=name)
        setattr(self, name, value)
        return value


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds them, behind all that is installed."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name.split(".")[0] not in STOOD_IN:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> types.ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def main() -> None:
    logging.disable()
    sys.meta_path.append(StandIns())
    discovery = importlib.import_module("homeassistant.components.mqtt.discovery")
    wrong: dict[str, str] = {}
    payload = json.load(sys.stdin)
    discovery._replace_all_abbreviations(payload)
    try:
        discovery.DEVICE_DISCOVERY_SCHEMA(payload)
    except vol.Invalid as error:
        wrong["device"] = str(error)
    for key, component in payload["components"].items():
        platform = component.pop("platform")
        config = discovery.MQTTDiscoveryPayload(component)
        discovery._merge_common_device_options(config, payload)
        module = importlib.import_module(f"homeassistant.components.mqtt.{platform}")
        try:
            dropped = sorted(set(config) - set(module.DISCOVERY_SCHEMA(config)))
            if dropped:
                wrong[key] = f"knows no {', '.join(dropped)}"
        except vol.Invalid as error:
            wrong[key] = str(error)
    json.dump({"components": len(payload["components"]), "wrong": wrong}, sys.stdout)


main()
