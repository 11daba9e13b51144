"""What axe, the checker of accessibility, says of a page."""

from __future__ import annotations

import json
from typing import Any, Final

from .browser import Screen
from .node import ROOT

#: Installed by the fixture `npm_packages`.
_AXE: Final = ROOT / "tests" / "clients" / "node_modules" / "axe-core" / "axe.min.js"


async def serious(who: Screen) -> list[str]:
    """What axe finds serious or critical on the page as it is, in light and in dark."""
    found: list[str] = []
    # What moves in is half seen for a moment.
    await who.page.emulate_media(reduced_motion="reduce")
    for scheme in ("light", "dark"):
        await who.page.emulate_media(color_scheme=scheme)
        await who.page.evaluate(_AXE.read_text())
        result: dict[str, Any] = json.loads(
            await who.page.evaluate("axe.run().then(JSON.stringify)")
        )
        for rule in result["violations"]:
            if rule["impact"] in ("serious", "critical"):
                nodes = [node["html"][:160] for node in rule["nodes"]]
                found.append(f"{scheme}: {rule['id']}: {nodes}")
    return found


__all__ = ["serious"]
