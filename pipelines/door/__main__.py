"""The process of the UI: Dagster's webserver behind the door."""

import argparse
import logging

import uvicorn

from pipelines.door import inner
from pipelines.door.addresses import Addresses
from pipelines.door.app import Door
from pipelines.door.passes import Passes
from pipelines.door.serving import config
from resources.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="pipelines.door")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with inner.app() as app:
        addresses = Addresses.of(port)
        door = Door(app, addresses, Passes(Settings.load()))
        uvicorn.Server(config(door, port, addresses.listening)).run()


if __name__ == "__main__":
    main()
