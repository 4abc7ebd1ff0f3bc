"""`python -m verify completion`: the script that lets a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_VERIFY_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script of a shell, for the installed command `verify`.

    \b
    eval "$(verify completion bash)"                           in ~/.bashrc
    eval "$(verify completion zsh)"                            in ~/.zshrc
    verify completion fish > ~/.config/fish/completions/verify.fish
    """
    script = get_completion_class(shell)
    if script is None:
        raise click.ClickException(f"no completion for {shell}")
    click.echo(script(ctx.find_root().command, {}, "verify", VARIABLE).source())
    return 0
