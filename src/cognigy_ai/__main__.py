"""The `cognigy-ai` command."""

import gc
import sys


def main() -> None:
    """Serve, or hand over to the command line; a server process does not carry the latter."""
    if sys.argv[1:] == ["serve"]:
        gc.disable()  # loading makes no garbage to speak of; `kernel.serve.Late` enables it
        from cognigy_ai.cli.serve import serve  # noqa: PLC0415

        serve()
        return
    from cognigy_ai.cli.commands import cli  # noqa: PLC0415

    cli()


if __name__ == "__main__":
    main()
