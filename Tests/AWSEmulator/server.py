"""The front: one port for every service. It recognises, checks and logs each request and lets faults happen to it."""

import hashlib
import io
import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_to_bytes

import actions
import control
import faults
import shapes
import signature
import wire
from errors import ServiceError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

SIGNING_NAMES = {"cloudwatch": "monitoring", "sagemaker-runtime": "sagemaker", "service-quotas": "servicequotas"}
UNSIGNED = {("sts", "AssumeRoleWithWebIdentity"), ("sts", "AssumeRoleWithSAML")}


class NoAnswer(Exception):
    """The connection closes instead."""


class Front:
    """Answers requests. One at a time: what a request does happens at one moment, to the whole world."""

    def __init__(self, world):
        self.world = world
        self._moto = DomainDispatcherApplication(create_backend_app)

    def answer(self, request):
        """May raise NoAnswer. Waits out asked-for delays after everything is done."""
        if request.path.startswith("/emulator/"):
            return control.answer(self.world, request)
        with self.world.lock:
            self.world.clock.catch_up()
            answer, delay = self._handle(request)
        time.sleep(delay)
        return answer

    def _handle(self, request):
        entry = {"service": None, "operation": None, "user": None, "status": None, "parameters": {}}
        request_id = self.world.unique()
        fault = None
        delay = 0
        try:
            try:
                self._identify(request)
                model, problems = self._parse(request)
                fault = faults.fault_of(self.world.faults, request)
                if fault is not None:
                    entry["fault"] = fault.kind
                self._before(request, fault)
                self._refuse(request, problems)
                answer, delay = self._carry_out(request, model, fault, request_id)
            except ServiceError as error:
                entry["error"] = error.code
                entry["message"] = error.message
                answer = wire.error_answer(request, error, request_id)
            except HTML:
                answer = faults.html500()
            except NoAnswer:
                raise
            except Exception as error:
                # Nothing a client sends may bring the emulator down; what did is ours to mend.
                traceback.print_exc(file=sys.stderr)
                self.world.violation(f"the emulator failed at {request.method} {request.target}: {error!r}")
                answer = wire.error_answer(request, ServiceError("InternalFailure", repr(error), 500), request_id)
            self._again_later(request, fault)
            if fault is not None and fault.kind == "timeoutAfterEffect":
                raise NoAnswer()
            if fault is not None and fault.kind == "delay":
                delay += fault.seconds
            entry["status"] = answer.status
            return answer, delay
        finally:
            entry.update(
                service=request.service,
                operation=request.operation,
                region=request.region,
                user=request.caller.name if request.caller else None,
                parameters=loggable(request.parameters),
                at=self.world.clock.now,
            )
            self.world.log.append(entry)

    # --- Who asks for what -------------------------------------------------------------------------------------------

    def _identify(self, request):
        header = request.header("authorization")
        authorization = signature.Authorization.parse(header)
        wire.recognise(request, authorization and service_of(authorization.service))
        if authorization is None:
            if (request.service, request.operation) in UNSIGNED or request.path.startswith("/latest/"):
                return
            raise ServiceError("MissingToken", "Request is missing Authentication Token")
        request.region = authorization.region
        expected = SIGNING_NAMES.get(request.service, request.service)
        if authorization.service != expected:
            self._wrong(f"Credential should be scoped to correct service: '{expected}'.")
        caller = self.world.identities.caller(authorization.access_key)
        token = request.header("x-amz-security-token")
        if caller is None or (caller.token or "") != (token or ""):
            raise ServiceError("UnknownKey", "The security token included in the request is invalid.")
        request.caller = caller
        self._check_date(request, authorization)
        self._check_signature(request, authorization, caller)
        if caller.expires is not None and self.world.clock.now >= caller.expires:
            raise ServiceError("ExpiredToken", "The security token included in the request is expired")

    def _wrong(self, message):
        raise ServiceError("SignatureDoesNotMatch", message)

    def _check_date(self, request, authorization):
        stamp = request.header("x-amz-date")
        moment = signature.seconds(stamp)
        if moment is None or not stamp.startswith(authorization.date):
            self._wrong("Date in Credential scope does not match X-Amz-Date.")
        tolerance = 900 if request.service == "s3" else 300
        now = self.world.clock.wire_now
        if abs(moment - now) > tolerance:
            clock = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
            if request.service == "s3":
                text = "The difference between the request time and the current time is too large."
            elif moment < now:
                text = f"Signature expired: {stamp} is now earlier than {clock} ({clock} - 5 min.)"
            else:
                text = f"Signature not yet current: {stamp} is still later than {clock} ({clock} + 5 min.)"
            raise ServiceError("TimeSkewed", text)

    def _check_signature(self, request, authorization, caller):
        signed = authorization.signed_headers
        names = {name.lower() for name, _ in request.headers}
        missing = {"host"} | {name for name in names if name.startswith("x-amz-")}
        missing -= set(signed)
        if missing or signed != sorted(signed):
            names = ", ".join(sorted(missing))
            self._wrong(f"There were headers present in the request which were not signed: {names}")
        actual = hashlib.sha256(request.body).hexdigest()
        payload = actual
        if request.service == "s3":
            payload = request.header("x-amz-content-sha256")
            if payload is None:
                raise ServiceError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
            if payload != actual and payload != "UNSIGNED-PAYLOAD":
                raise ServiceError(
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                )
        canonical = signature.canonical_request(
            request.method, request.path, request.query, request.headers, signed, payload, authorization.service
        )
        scope = f"{authorization.date}/{authorization.region}/{authorization.service}/aws4_request"
        text = signature.string_to_sign(request.header("x-amz-date"), scope, canonical)
        right = signature.signature(
            caller.secret, authorization.date, authorization.region, authorization.service, text
        )
        if right != authorization.signature:
            self._wrong(
                "The request signature we calculated does not match the signature you provided. The Canonical String "
                f"for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{text}'"
            )

    # --- What it says ------------------------------------------------------------------------------------------------

    def _parse(self, request):
        problems = shapes.Problems()
        service = shapes.service_model(request.service)
        if service is None or request.operation not in service.operation_names:
            if request.service in wire.OWN:
                self.world.violation(f"{request.service} has no operation {request.operation}")
                raise ServiceError("UnknownOperationException", f"no operation {request.operation}", 400)
            return None, problems
        model = service.operation_model(request.operation)
        if request.service in wire.OWN or request.protocol in ("json", "query"):
            request.parameters = wire.parse(request, model, problems, self.world.clock) or {}
        else:
            wire.check_xml_body(request, model, problems)
        for text in problems.violations:
            self.world.violation(f"{request.service} {request.operation}: {text}")
        return model, problems

    def _refuse(self, request, problems):
        wrong = problems.violations + problems.constraints
        if not wrong:
            return
        errors = f"{len(wrong)} validation error{'s' if len(wrong) > 1 else ''} detected: {'; '.join(wrong)}"
        raise ServiceError("ValidationError" if request.service == "cloudformation" else "ValidationException", errors)

    # --- What comes of it --------------------------------------------------------------------------------------------

    def _before(self, request, fault):
        kind = fault.kind if fault else None
        if kind == "throttle":
            raise ServiceError("Throttled", "Rate exceeded")
        if kind == "expired":
            raise ServiceError("ExpiredToken", "The security token included in the request is expired")
        if kind == "html500":
            raise HTML()
        if kind == "effectLater":
            self._again_later(request, fault)
        if kind in ("dropBefore", "effectLater"):
            raise NoAnswer()

    def _carry_out(self, request, model, fault, request_id):
        """The answer, and how many real seconds it is held back."""
        kind = fault.kind if fault else None
        if request.service not in wire.OWN:
            if request.caller is not None and (request.service, request.operation) != ("sts", "GetCallerIdentity"):
                actions.require(
                    request.caller, request.service, request.operation, request.region, request.parameters
                )
            return self._of_moto(request), 0
        if kind == "stale":
            result = faults.stale(self.world, request)
        else:
            result = self._result(request, repeated=kind == "repeatToken")
        delay = result.pop("_delay", 0)
        return wire.answer(request, model, result, self.world.clock, request_id), delay

    def _result(self, request, repeated):
        parameters = dict(request.parameters)
        if parameters.get("NextToken") == faults.REPEATED_TOKEN:
            del parameters["NextToken"]
        try:
            result = dict(
                self.world.perform(request.caller, request.region, request.service, request.operation, parameters)
            )
        except ServiceError:
            raise
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self.world.violation(f"the emulator failed at {request.service} {request.operation}: {error!r}")
            raise ServiceError("InternalFailure", f"the emulator failed: {error!r}", 500) from error
        if repeated:
            result["NextToken"] = faults.REPEATED_TOKEN
        if request.operation.startswith(("Describe", "List", "Get")):
            self.world.last_answers[faults.question(request)] = dict(result)
        return result

    def _again_later(self, request, fault):
        """A copy of the request that was under way for longer, with the credentials of its time."""
        if fault is None or fault.kind not in ("duplicateLater", "effectLater"):
            return

        def arrive():
            entry = {
                "service": request.service, "operation": request.operation, "region": request.region,
                "user": request.caller.name, "parameters": loggable(request.parameters), "late": True,
                "at": self.world.clock.now,
            }
            self.world.log.append(entry)
            try:
                if request.service in wire.OWN:
                    self._result(request, repeated=False)
                    entry["status"] = 200
                else:
                    entry["status"] = self._of_moto(request).status
            except ServiceError as error:
                entry.update(status=error.status, error=error.code, message=error.message)

        self.world.clock.after(fault.seconds, arrive)

    def _of_moto(self, request):
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
            "QUERY_STRING": request.query,
            "RAW_URI": request.target,
            "REQUEST_URI": request.target,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in request.headers:
            key = name.upper().replace("-", "_")
            if key == "CONTENT_TYPE":
                environ[key] = value
            elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
                environ["HTTP_" + key] = value
        started = []
        chunks = self._moto(environ, lambda status, headers, error=None: started.append((status, headers)))
        body = b"".join(chunks)
        status, headers = started[0]
        return wire.Answer(int(status.split()[0]), dict(headers), body)


class HTML(Exception):
    """A page instead of an answer."""


def service_of(signing_name):
    return {"monitoring": "cloudwatch", "servicequotas": "service-quotas"}.get(signing_name, signing_name)


def loggable(value):
    if isinstance(value, bytes):
        return value[:2000].decode("utf-8", "replace")
    if isinstance(value, dict):
        return {key: loggable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [loggable(item) for item in value]
    return value


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with connections that stay open, and the target exactly as it was sent."""

    protocol_version = "HTTP/1.1"
    server_version = "AmazonS3"
    sys_version = ""
    disable_nagle_algorithm = True

    def _serve(self):
        request = wire.Request(self.command, self.path, list(self.headers.items()), self._body())
        try:
            answer = self.server.front.answer(request)
        except NoAnswer:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("content-length", "connection", "date", "server"):
                self.send_header(name, value)
        length = answer.headers.get("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _serve

    def date_time_string(self, timestamp=None):
        skew = self.server.front.world.clock.skew
        return super().date_time_string(time.time() + skew if timestamp is None else timestamp)

    def _body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            chunks = []
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
                if size == 0:
                    return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, format, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world, port=0):
        self.front = Front(world)
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request, client_address):
        # Clients that hang up are what some tests are about.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"
