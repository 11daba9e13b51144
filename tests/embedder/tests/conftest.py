import pytest


@pytest.fixture
def anyio_backend() -> str:
    """For anyio's plugin, where it runs the tests: actors live on asyncio."""
    return "asyncio"
