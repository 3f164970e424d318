"""Whether a part stands: asked as those ask who need it, for the health checks of containers. Light: nothing of Dagster is imported."""

import datetime as dt
import http.client
from http import HTTPStatus

import psutil

from pipelines.door.addresses import ADDRESS, Addresses
from pipelines.failures import PartUnwell
from resources.clock import ZONE, Clock
from resources.servers import dagster_database
from resources.settings import Settings

SECONDS = 10
BEATS = ("SCHEDULER", "SENSOR", "QUEUED_RUN_COORDINATOR")  # without one of these no night, no late file, no run
OLDEST_BEAT = dt.timedelta(minutes=5)  # a beat every half minute; a tick of a sensor may take a minute


def refuse_unwell(settings: Settings, part: str, port: int) -> None:
    """Raises PartUnwell, or why that cannot be told."""
    asked = {"code-server": _of_code_server, "webserver": lambda s: _of_webserver(s, port), "daemon": _of_daemon}
    if why := asked[part](settings):
        raise PartUnwell(part=part, why=why)


def code_server_answers(settings: Settings) -> bool:
    """Whether the code server answers, by the protocol of health checks that every gRPC server of Dagster speaks."""
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    at = f"unix:{settings.run_dir / 'code.sock'}" if settings.code_server is None else "{}:{}".format(*settings.code_server)
    with grpc.insecure_channel(at) as channel:
        try:
            asked = health_pb2.HealthCheckRequest(service="DagsterApi")
            answer = health_pb2_grpc.HealthStub(channel).Check(asked, timeout=SECONDS)
        except grpc.RpcError:
            return False
    return answer.status == health_pb2.HealthCheckResponse.SERVING


def _of_code_server(settings: Settings) -> str | None:
    if not code_server_answers(settings):
        return f"không trả lời trong {SECONDS} giây"
    if (settings.run_dir / "supervisor.pid").exists():
        return None  # it is started anew when a month begins
    loaded, today = dt.datetime.fromtimestamp(psutil.Process(1).create_time(), ZONE), Clock(settings).today()
    if f"{loaded:%Y-%m}" < f"{today:%Y-%m}":
        return f"nạp từ tháng {loaded:%m/%Y}, lưới chưa có kỳ của tháng {today:%m/%Y}"
    return None


def _of_webserver(settings: Settings, port: int) -> str | None:
    """The door answers whoever has not entered; that it does shows that the webserver behind it was made."""
    listening = Addresses.of(port).listening
    connection = http.client.HTTPConnection(ADDRESS if listening == "0.0.0.0" else listening, port, timeout=SECONDS)
    try:
        connection.request("GET", "/", headers={"Host": f"{ADDRESS}:{port}", "Sec-Fetch-Site": "none"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return f"không trả lời trong {SECONDS} giây"
    finally:
        connection.close()
    return None if status == HTTPStatus.UNAUTHORIZED else f"trả lời {status}, cần {HTTPStatus.UNAUTHORIZED.value}"


def _of_daemon(settings: Settings) -> str | None:
    ages = dagster_database.heartbeats(settings.dagster_url())
    silent = sorted(name for name in BEATS if ages.get(name, dt.timedelta.max) > OLDEST_BEAT)
    return f"quá {OLDEST_BEAT.seconds // 60} phút không thấy {', '.join(silent)} làm việc" if silent else None
