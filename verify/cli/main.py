"""The root command and the one place where failures become lines and exit codes."""

from __future__ import annotations

import difflib
import importlib
import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from verify.cli.console import printable
from verify.errors import EXIT_MALFORMED, EXIT_REJECTED, EXIT_USAGE, VerifyError
from verify.kernel.outcome import CheckFailure, Rejected

EXIT_PIPE = 141
"""The reader of our output has gone (`| head`): not a failure worth a line, but no verdict either."""


class LateGroup(click.Group):
    """A group whose commands are imported when they are used, with suggestions on typing errors."""

    def __init__(self, *args: Any, late: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.late = late or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the table."""
        return list(self.late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return its attribute `command`."""
        if cmd_name not in self.late:
            return None
        command: click.Command = importlib.import_module(self.late[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; an unknown name is met with the nearest known ones."""
        word = args[0]
        if word not in self.late and not word.startswith("-"):
            near = difflib.get_close_matches(word, self.late, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(self.late)}"
            ctx.fail(f"no command {word[:40]!r}: {hint}")
        return super().resolve_command(ctx, args)


def _print_versions(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from verify.cli.versions import lines

        click.echo("\n".join(lines()))
        ctx.exit()


@click.command(
    cls=LateGroup,
    late={
        "certify": "verify.cli.certify",
        "check": "verify.cli.check",
        "show": "verify.cli.show",
        "plot": "verify.cli.plot",
        "report": "verify.cli.report",
        "export": "verify.cli.export",
        "optimize": "verify.cli.optimize",
        "sweep": "verify.cli.sweep",
        "coq-path": "verify.cli.coq_path",
        "completion": "verify.cli.completion",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 verified; 1 rejected or refuted; 2 usage error; 3 inconclusive or out of budget; "
    "4 unreadable or malformed.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_versions,
    help="Show the version, with those of what it rests on, and exit.",
)
def root() -> None:
    """Machine-checked approximation theorems for neural networks.

    \b
    python -m verify certify thm2 --d 3 --eps 0.05
    python -m verify check certificates/
    """


def run(arguments: list[str]) -> int:
    """Run the command line; return its exit code. Every failure is one line on standard error."""
    if sys.stdout is None:  # closed by the caller (`>&-`)
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
    try:
        # Shells ask for completions of `verify`, whatever the program was called for its usage lines.
        code = root.main(
            args=arguments, prog_name="python -m verify", complete_var="_VERIFY_COMPLETE", standalone_mode=False
        )
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as problem:
        click.echo(problem.format_message())
        return EXIT_USAGE
    except click.ClickException as problem:
        command = problem.ctx.command_path if getattr(problem, "ctx", None) else "python -m verify"  # type: ignore[attr-defined]
        message = re.sub(r"\S{300,}", lambda word: word[0][:60] + "…", problem.format_message())
        return _fail(f"{message} (see {command} --help)", EXIT_USAGE)
    except VerifyError as problem:
        return _fail(str(problem), problem.exit_code)
    except CheckFailure as failure:
        return _fail(str(failure), EXIT_REJECTED if isinstance(failure, Rejected) else EXIT_MALFORMED)
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted; nothing was written", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE
    except SystemExit:
        return EXIT_PIPE  # click's answer to a broken pipe while a command runs
    except MemoryError:
        return _fail("out of memory; use fewer --workers or a larger --eps", 3)
    except UnicodeEncodeError as error:
        bad = error.object[error.start : error.end]
        return _fail(f"{bad[:40]!r} is not text that can be written; rename the file", EXIT_USAGE)
    except OSError as error:
        return _fail(f"{error.filename or 'system'}: {error.strerror or error}", EXIT_USAGE)


def _fail(message: str, code: int) -> int:
    click.echo("verify: " + printable(" ".join(message.split())), err=True)
    return code
