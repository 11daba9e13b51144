"""The HTTP application, put together."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from ....config.version import VERSION
from . import (
    accounts,
    contacts,
    conversations,
    deletion,
    devices,
    docs,
    errors,
    export,
    invites,
    me,
    members,
    messages,
    nodes,
    openapi,
    operator,
    probes,
    users,
)
from .models import Problem
from .services import Services
from .shell import Shell


def build_app(services: Services) -> FastAPI:
    """The application of one node: a pure function of its services.

    Returns: an ASGI application; it needs no lifespan and starts no task.
    """
    app = FastAPI(
        title="Hubbub",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # What a route refuses is shown once, and not as the framework's own 422.
        responses={"default": {"model": Problem, "description": "Not done, and why."}},
    )
    app.state.services = services
    errors.install(app)
    v1 = APIRouter(prefix="/v1")
    for part in (
        accounts,
        me,
        export,
        deletion,
        users,
        contacts,
        devices,
        conversations,
        members,
        invites,
        messages,
        nodes,
        operator,
    ):
        v1.include_router(part.router)
    app.include_router(v1)
    app.include_router(probes.router)
    if services.web is not None:
        app.router.routes.extend(services.web.routes())
    openapi.install(app)
    docs.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(Shell, services=services)
    return app


__all__ = ["build_app"]
