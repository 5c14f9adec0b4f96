"""The flags of the official test programs that these programs need."""

from argparse import ArgumentParser


def client_flags():
    parser = ArgumentParser()
    parser.add_argument("--server_host", default="127.0.0.1")
    parser.add_argument("--server_port", type=int, required=True)
    parser.add_argument("--test_case")
    return parser.parse_args()


def server_flags():
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    return parser.parse_args()
