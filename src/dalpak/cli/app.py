"""The table of commands: what each takes and says, and where its work is done. No work here."""

from pathlib import Path
from typing import Annotated

import typer

from dalpak.cli.app_follow_up import flows_app, templates_app
from dalpak.cli.options import DB, JSON

app = typer.Typer(
    name="dalpak",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The front desk: an AI receptionist that answers a business's phone in Hebrew and books appointments.",
)
calls_app = typer.Typer(
    no_args_is_help=False, help="The calls so far.", invoke_without_command=True
)
app.add_typer(calls_app, name="calls")
app.add_typer(flows_app, name="flows")
app.add_typer(templates_app, name="templates")
policy_app = typer.Typer(no_args_is_help=True, help="What a business's rules come to.")
app.add_typer(policy_app, name="policy")
whatsapp_app = typer.Typer(no_args_is_help=True, help="Messaging: is it connected, and pairing.")
app.add_typer(whatsapp_app, name="whatsapp")


def main() -> None:
    """The console script. A wrong setting is told in one line, never as a traceback."""
    from dalpak.errors import FieldError
    from dalpak.logs import configure_logging

    configure_logging(debug=False, quiet=True)

    try:
        app()
    except FieldError as error:
        typer.secho(f"error: {error}", err=True, fg=typer.colors.RED)
        raise SystemExit(2) from None


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """The front desk."""
    if version:
        from dalpak import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to bind; anything but loopback needs a password.")
    ] = "",
    port: Annotated[int, typer.Option(help="Port to bind.")] = 0,
) -> None:
    """Answer calls and serve the page until told to stop; live calls are finished first."""
    from dalpak.cli.serve import serve as run

    run(host=host, port=port)


@app.command()
def call(
    script: Annotated[
        Path | None,
        typer.Option("--script", help="A file of lines to say; `>` begins keys pressed."),
    ] = None,
    now: Annotated[
        str, typer.Option("--now", help="Pin the time (ISO 8601, with zone); scripts only.")
    ] = "",
    db: DB = "",
    business: Annotated[str, typer.Option(help="Business id; the first one if left out.")] = "",
    caller: Annotated[
        str, typer.Option(help="The caller's number, as a carrier would give it.")
    ] = "",
    keypad: Annotated[
        bool, typer.Option("--keypad", help="A caller who can only press keys.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Talk to the front desk in the terminal: typed words, and keys after `>`."""
    from dalpak.cli.call import talk

    raise typer.Exit(
        talk(
            script=script,
            now=now,
            db=db,
            business=business,
            caller=caller,
            keypad=keypad,
            as_json=as_json,
        )
    )


@app.command()
def simulate(
    calls: Annotated[int, typer.Option(min=1, max=1000, help="How many callers.")] = 5,
    url: Annotated[
        str, typer.Option(help="Where the server is; its settings are taken from this environment.")
    ] = "",
    ramp: Annotated[float, typer.Option(help="Seconds between two callers' first ring.")] = 0.1,
    as_json: JSON = False,
) -> None:
    """Callers over real sockets speaking Twilio's protocol; each books by keypad."""
    from dalpak.cli.simulate import simulate as run

    raise typer.Exit(run(calls=calls, url=url, ramp_s=ramp, as_json=as_json))


@app.command()
def check(as_json: JSON = False) -> None:
    """The GO/NO-GO table: every row measured by really running it. Exit code 1 on NO-GO."""
    from dalpak.cli.check import check as run

    raise typer.Exit(run(as_json=as_json))


@app.command()
def doctor(as_json: JSON = False) -> None:
    """Is everything this installation needs there, and how to mend what is not."""
    from dalpak.cli.doctor import doctor as run

    raise typer.Exit(run(as_json=as_json))


@app.command()
def forget(
    phone: Annotated[str, typer.Argument(metavar="PHONE", help="Whose data, by their number.")],
    business: Annotated[str, typer.Option(help="Business id; all if left out.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    db: DB = "",
    as_json: JSON = False,
) -> None:
    """Erase what is kept about one person. A wish for no messages is kept, as a digest."""
    from dalpak.cli.forget import forget as run

    raise typer.Exit(run(phone=phone, business=business, db=db, as_json=as_json, yes=yes))


@calls_app.callback()
def calls_list(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    db: DB = "",
    as_json: JSON = False,
) -> None:
    """List the calls so far, newest first."""
    if ctx.invoked_subcommand is None:
        from dalpak.cli.calls import list_calls

        raise typer.Exit(list_calls(limit=limit, db=db, as_json=as_json))


@calls_app.command("show")
def calls_show(
    call_id: Annotated[str, typer.Argument(help="The call's id, or the beginning of it.")],
    db: DB = "",
    as_json: JSON = False,
) -> None:
    """One call as a timeline: what was said, latency marks, tools with their reasons, messages."""
    from dalpak.cli.calls import show_call

    raise typer.Exit(show_call(call_id, db=db, as_json=as_json))


@app.command()
def worker(db: DB = "") -> None:
    """Run the flows in a process of their own. Servers beside it have FLOWS_HERE=false."""
    from dalpak.cli.worker import worker as run

    raise typer.Exit(run(db=db))


@policy_app.command("explain")
def policy_explain(
    business: Annotated[str, typer.Argument(help="Business id, name or number.")],
    day: Annotated[str, typer.Argument(metavar="DATE", help="YYYY-MM-DD.")],
    service: Annotated[
        list[str] | None, typer.Option("--service", help="Id or name; several for one visit.")
    ] = None,
    staff: Annotated[str, typer.Option("--staff", help="Id or name; anyone if left out.")] = "",
    now: Annotated[str, typer.Option("--now", help="As if it were now (ISO 8601, zone).")] = "",
    db: DB = "",
    as_json: JSON = False,
) -> None:
    """Every step of a day: offered or not, and why not."""
    from dalpak.cli.policy import explain_day

    raise typer.Exit(
        explain_day(
            business=business,
            day=day,
            services=service or [],
            staff=staff,
            now=now,
            db=db,
            as_json=as_json,
        )
    )


@app.command()
def number(
    business: Annotated[str, typer.Argument(help="Business id; none: list them all.")] = "",
    phone: Annotated[
        str, typer.Argument(metavar="NUMBER", help="What its callers dial, +972...")
    ] = "",
    db: DB = "",
    as_json: JSON = False,
) -> None:
    """Which telephone number is whose: the number that is dialled says which business answers."""
    from dalpak.cli.number import number as run

    raise typer.Exit(run(business=business, phone=phone, db=db, as_json=as_json))


@app.command()
def feeds(
    business: Annotated[str, typer.Argument(help="Business id.")],
    new: Annotated[
        str, typer.Option("--new", help="Staff id: give a new link, the old one is dead.")
    ] = "",
    db: DB = "",
    as_json: JSON = False,
) -> None:
    """The private calendar links of the staff, to subscribe to in any calendar."""
    from dalpak.cli.feeds import feeds as run

    raise typer.Exit(run(business=business, new=new, db=db, as_json=as_json))


@app.command()
def slots(
    case: Annotated[
        str, typer.Option("--case", help="A file of cases (JSON), or - for standard input.")
    ],
) -> None:
    """Answer slot cases: policy, day, moment and what is taken in; free starts out, a line each."""
    from dalpak.cli.slots import answer

    raise typer.Exit(answer(case))


@app.command()
def understand(
    text: Annotated[str, typer.Argument(help="A sentence; without one, JSON lines are read.")] = "",
    language: Annotated[str, typer.Option("--language", help="Its code.")] = "he",
    now: Annotated[str, typer.Option("--now", help="As if it were now (ISO 8601, zone).")] = "",
    timezone: Annotated[str, typer.Option(help="The business's zone.")] = "Asia/Jerusalem",
    as_json: JSON = False,
) -> None:
    """What a caller's sentence means. Lines in: id, text, ref?, context?, hours?; out: id, meaning."""
    from dalpak.cli.understand import understand as run

    raise typer.Exit(run(text=text, code=language, now=now, timezone=timezone, as_json=as_json))


@app.command()
def outbox(
    db: DB = "", limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, as_json: JSON = False
) -> None:
    """The messages that were or would be sent, with why one was not."""
    from dalpak.cli.calls import list_outbox

    raise typer.Exit(list_outbox(limit=limit, db=db, as_json=as_json))


@app.command()
def replay(
    file: Annotated[
        Path, typer.Argument(help="A journal, from DATA_DIR/journal or a failing seed.")
    ],
    every: Annotated[bool, typer.Option("--all", help="Show every step, frames too.")] = False,
    as_json: JSON = False,
) -> None:
    """Run a recorded call through the core again. Exit code 1 if it behaves differently."""
    from dalpak.cli.replay import replay as run

    raise typer.Exit(run(file, every=every, as_json=as_json))


@whatsapp_app.command("status")
def whatsapp_status(as_json: JSON = False) -> None:
    """Which messengers are set up, and how the sidecar stands. Exit code 1 if nothing can be sent."""
    from dalpak.cli.whatsapp import status

    raise typer.Exit(status(as_json=as_json))


@whatsapp_app.command("pair")
def whatsapp_pair(
    phone: Annotated[
        str, typer.Option(help="The account's number, +972...: gives a code to type into it.")
    ] = "",
    as_json: JSON = False,
) -> None:
    """Link the sidecar to a WhatsApp account, as one of its devices."""
    from dalpak.cli.whatsapp import pair

    raise typer.Exit(pair(phone=phone, as_json=as_json))


@whatsapp_app.command("sidecar")
def whatsapp_sidecar(
    folder: Annotated[
        Path | None, typer.Option(help="Where it is, if not beside this program's source.")
    ] = None,
) -> None:
    """Run the WhatsApp sidecar (Node 20 or newer) until told to stop."""
    from dalpak.cli.whatsapp import sidecar

    raise typer.Exit(sidecar(folder=folder))


@app.command()
def password() -> None:
    """Make the value of ADMIN_PASSWORD_HASH; the password itself is asked, never shown or kept."""
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    plain = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
    typer.echo(f"ADMIN_PASSWORD_HASH='{hasher.hash(plain)}'")
