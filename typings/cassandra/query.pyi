from collections.abc import Iterable, Sequence
from typing import Any

class Statement:
    consistency_level: int | None
    serial_consistency_level: int | None

class SimpleStatement(Statement):
    def __init__(self, query_string: str, *, consistency_level: int | None = ...) -> None: ...

class BoundStatement(Statement): ...

class PreparedStatement(Statement):
    query_string: str
    is_idempotent: bool
    fetch_size: int
    def bind(self, values: Sequence[object]) -> BoundStatement: ...

def tuple_factory(colnames: Iterable[str], rows: list[Any]) -> list[Any]: ...
