"""Sessions of the driver, made as measurements say they have to be."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager

from cassandra import AuthenticationFailed, ConsistencyLevel, DriverException
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    Session,
)
from cassandra.io.libevreactor import LibevConnection
from cassandra.policies import (
    DCAwareRoundRobinPolicy,
    ExponentialReconnectionPolicy,
    TokenAwarePolicy,
)
from cassandra.query import tuple_factory

from ...config.errors import StartError
from .elsewhere import AskElsewhere
from .options import CassandraOptions

_LEVELS = {
    "local_quorum": (ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.LOCAL_SERIAL),
    "quorum": (ConsistencyLevel.QUORUM, ConsistencyLevel.SERIAL),
}


class _Connection(LibevConnection):
    """The driver's own cuts what it sends into pieces of 4 KiB, each with a turn of its loop."""

    out_buffer_size = 65536


class Link:
    """A session and what it has to be closed with.

    Attributes:
        serial: The consistency of a read that has to see conditional writes under way.
    """

    def __init__(self, options: CassandraOptions) -> None:
        for name in ("cassandra.cluster", "cassandra.pool"):
            logging.getLogger(name).addFilter(_in_one_line)
        level, self.serial = _LEVELS[options.consistency]
        nearby = (
            DCAwareRoundRobinPolicy(options.datacentre)
            if options.datacentre
            else DCAwareRoundRobinPolicy()
        )
        profile = ExecutionProfile(
            load_balancing_policy=TokenAwarePolicy(nearby),
            retry_policy=AskElsewhere(),
            consistency_level=level,
            serial_consistency_level=self.serial,
            request_timeout=options.timeout_s,
            row_factory=tuple_factory,
        )
        self._cluster = Cluster(
            [_address(point, options.port) for point in options.contact_points],
            options.port,
            auth_provider=(
                PlainTextAuthProvider(options.user, options.password) if options.user else None
            ),
            ssl_context=_tls(options) if options.tls else None,
            # Off by default in the driver: a batch of 50 rows took 48 ms, with it 2.4.
            sockopts=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            connection_class=_Connection,
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            protocol_version=5,
            connect_timeout=max(5.0, options.timeout_s),
            reconnection_policy=ExponentialReconnectionPolicy(0.5, 10.0),
            idle_heartbeat_interval=5,
            idle_heartbeat_timeout=5,
            # A host that does not know a statement says so, and is told it then. To tell all hosts
            # waits for one that is stopped; to tell one that comes back everything, as the driver
            # does it (ten statements, twenty, thirty ..), is 550 requests for a hundred of them.
            prepare_on_all_hosts=False,
            reprepare_on_up=False,
            # They ask elsewhere, while others of them wait for a host that is gone.
            executor_threads=8,
            metrics_enabled=False,
        )
        try:
            with _quietly():
                self.session: Session = self._cluster.connect()
        except (NoHostAvailable, AuthenticationFailed, OSError) as error:
            self._cluster.shutdown()
            where = ", ".join(options.contact_points)
            raise StartError(f"no Cassandra answers at {where}: {_why(error)}") from error
        # Every read is bounded by its own LIMIT.
        self.session.default_fetch_size = None

    def close(self) -> None:
        """End it; blocks until the driver's threads let go."""
        self._cluster.shutdown()


def _in_one_line(record: logging.LogRecord) -> bool:
    """A host that is gone is no mistake, whose place in the driver somebody has to find; and what
    it answered is told to who asked, so nobody has to be called for it."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, (OSError, DriverException, NoHostAvailable)):
        record.msg, record.args = f"{record.getMessage()} {error}", ()
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


@contextmanager
def _quietly() -> Generator[None]:
    """Log nothing of the driver's: why it cannot connect is in what it raises, without a trace."""

    def keep_back(_: logging.LogRecord) -> bool:
        return False

    driver = logging.getLogger("cassandra.cluster")
    driver.addFilter(keep_back)
    try:
        yield
    finally:
        driver.removeFilter(keep_back)


def _why(error: BaseException) -> str:
    if isinstance(error, NoHostAvailable) and error.errors:
        error = next(iter(error.errors.values()))
    return f"{error}".partition("\n")[0]


def _address(point: str, port: int) -> tuple[str, int]:
    host, colon, number = point.rpartition(":")
    # An IPv6 address has colons of its own; with a port it stands in brackets.
    if colon and number.isdecimal() and (":" not in host or host.endswith("]")):
        return host.strip("[]"), int(number)
    return point.strip("[]"), port


def _tls(options: CassandraOptions) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.tls_ca)
        if options.tls_cert is not None:
            context.load_cert_chain(options.tls_cert, options.tls_key)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(f"{each}" for each in (options.tls_ca, options.tls_cert) if each)
        raise StartError(f"TLS with the ring, {files}: {error.strerror or error}") from error
    # Rings name their nodes by address; the certificates are the ring's own, by its own authority.
    context.check_hostname = False
    return context


__all__ = ["Link"]
