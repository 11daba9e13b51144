from collections.abc import Callable, Mapping, Sequence
from ssl import SSLContext
from typing import Any

from .query import PreparedStatement, Statement

EXEC_PROFILE_DEFAULT: object

class NoHostAvailable(Exception):
    errors: Mapping[Any, Exception]
    def __init__(self, message: str, errors: Mapping[Any, Exception]) -> None: ...

class ExecutionProfile:
    def __init__(
        self,
        load_balancing_policy: object = ...,
        retry_policy: object = ...,
        consistency_level: int = ...,
        serial_consistency_level: int | None = ...,
        request_timeout: float = ...,
        row_factory: object = ...,
    ) -> None: ...

class ResultSet:
    def __iter__(self) -> Any: ...
    def one(self) -> Any: ...
    def all(self) -> list[Any]: ...

class ResponseFuture:
    has_more_pages: bool
    def result(self) -> ResultSet: ...
    def start_fetching_next_page(self) -> None: ...
    def add_callbacks(
        self,
        callback: Callable[..., None],
        errback: Callable[..., None],
        callback_args: Sequence[object] = ...,
        errback_args: Sequence[object] = ...,
    ) -> None: ...

class Session:
    default_fetch_size: int | None
    keyspace: str | None
    def execute(
        self,
        query: str | Statement,
        parameters: Sequence[object] | None = ...,
        timeout: float | None = ...,
    ) -> ResultSet: ...
    def execute_async(
        self,
        query: str | Statement,
        parameters: Sequence[object] | None = ...,
        timeout: float | None = ...,
    ) -> ResponseFuture: ...
    def prepare(self, query: str) -> PreparedStatement: ...
    def set_keyspace(self, keyspace: str) -> None: ...
    def shutdown(self) -> None: ...

class Metadata:
    keyspaces: dict[str, Any]

class Cluster:
    metadata: Metadata
    def __init__(
        self,
        contact_points: Sequence[str | tuple[str, int]] = ...,
        port: int = ...,
        *,
        auth_provider: object | None = ...,
        ssl_context: SSLContext | None = ...,
        ssl_options: Mapping[str, object] | None = ...,
        sockopts: Sequence[tuple[int, int, int]] | None = ...,
        connection_class: type[object] = ...,
        execution_profiles: Mapping[object, ExecutionProfile] = ...,
        protocol_version: int = ...,
        connect_timeout: float = ...,
        control_connection_timeout: float = ...,
        reconnection_policy: object = ...,
        max_schema_agreement_wait: float = ...,
        idle_heartbeat_interval: float = ...,
        idle_heartbeat_timeout: float = ...,
        token_metadata_enabled: bool = ...,
        schema_metadata_enabled: bool = ...,
        metrics_enabled: bool = ...,
        executor_threads: int = ...,
        reprepare_on_up: bool = ...,
        prepare_on_all_hosts: bool = ...,
    ) -> None: ...
    def connect(self, keyspace: str | None = ..., wait_for_all_pools: bool = ...) -> Session: ...
    def shutdown(self) -> None: ...
