"""Placeholder while the foundation is laid."""


def main() -> None:
    raise SystemExit("not yet")
