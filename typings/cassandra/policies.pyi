class DCAwareRoundRobinPolicy:
    def __init__(self, local_dc: str = ..., used_hosts_per_remote_dc: int = ...) -> None: ...

class RoundRobinPolicy: ...

class TokenAwarePolicy:
    def __init__(self, child_policy: object) -> None: ...

class RetryPolicy:
    RETRY: int
    RETHROW: int
    RETRY_NEXT_HOST: int

class ExponentialReconnectionPolicy:
    def __init__(
        self, base_delay: float, max_delay: float, max_attempts: int | None = ...
    ) -> None: ...
