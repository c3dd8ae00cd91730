"""A model server under SageMaker's container contract: GET /ping, POST /invocations, one process."""

import logging
import os

import uvicorn
from classifier import Classifier, UnreadablePicture
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ACCEPTED = ("image/jpeg", "image/png")

classifier = Classifier(os.environ["MODEL_FILE"])
audit = None
if os.environ.get("AUDIT") == "yes":
    from audit import Audit

    audit = Audit()


async def ping(request):
    return Response()


async def invocations(request):
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in ACCEPTED:
        return JSONResponse({"error": f"send {' or '.join(ACCEPTED)}, not '{kind}'"}, status_code=415)
    data = await request.body()
    try:
        answer = await run_in_threadpool(classifier.classify, data)
    except UnreadablePicture as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    except Exception:
        # Answered here: the framework would answer too, and then end the connection that others are waiting for.
        logging.exception("cannot classify %d bytes of %s", len(data), kind)
        return JSONResponse({"error": "internal error"}, status_code=500)
    if audit:
        audit.note(data)
    return JSONResponse(answer)


app = Starlette(
    routes=[Route("/ping", ping, methods=["GET"]), Route("/invocations", invocations, methods=["POST"])],
)

if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["SAGEMAKER_BIND_TO_PORT"]),
        log_level="warning",
        access_log=False,
        # The router keeps its connections; it, not the server, decides when they end.
        timeout_keep_alive=120,
    )
