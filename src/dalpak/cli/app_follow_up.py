"""The table of commands for what follows calls: flows and the texts of messages. No work here."""

from typing import Annotated

import typer

from dalpak.cli.options import DB, JSON

flows_app = typer.Typer(
    no_args_is_help=True, help="What follows calls and appointments, and why nothing was sent."
)
templates_app = typer.Typer(
    no_args_is_help=True, help="The texts of a business's messages, and a new one in their place."
)

FlowId = Annotated[str, typer.Argument(metavar="FLOW_ID", help="From `dalpak flows list`.")]
BusinessId = Annotated[str, typer.Argument(metavar="BUSINESS", help="Business id.")]
Kind = Annotated[str, typer.Argument(help="confirmation, reminder, ... (dalpak templates list).")]
Text = Annotated[str, typer.Argument(help="The new text; - reads it from standard input.")]
Code = Annotated[str, typer.Option("--language", help="Its code; the business's own if left out.")]


@flows_app.command("list")
def flows_list(
    business: Annotated[str, typer.Option(help="Business id; all if left out.")] = "",
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="waiting, running, later, done, given_up or cancelled."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    db: DB = "",
    as_json: JSON = False,
) -> None:
    """The flows, newest first, each by its last attempt."""
    from dalpak.cli.flows import list_flows

    raise typer.Exit(
        list_flows(business=business, states=state or [], limit=limit, db=db, as_json=as_json)
    )


@flows_app.command("show")
def flows_show(flow_id: FlowId, db: DB = "", as_json: JSON = False) -> None:
    """One flow with its message and deliveries."""
    from dalpak.cli.flows import show_flow

    raise typer.Exit(show_flow(flow_id, db=db, as_json=as_json))


@flows_app.command("retry")
def flows_retry(flow_id: FlowId, db: DB = "", as_json: JSON = False) -> None:
    """Run a flow that was given up or cancelled once more. Exit code 1 if it is neither."""
    from dalpak.cli.flows import retry_flow

    raise typer.Exit(retry_flow(flow_id, db=db, as_json=as_json))


@flows_app.command("cancel")
def flows_cancel(flow_id: FlowId, db: DB = "", as_json: JSON = False) -> None:
    """Stop a flow that is still at work. Exit code 1 if it is not."""
    from dalpak.cli.flows import cancel_flow

    raise typer.Exit(cancel_flow(flow_id, db=db, as_json=as_json))


@flows_app.command("why")
def flows_why(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="CALL_OR_APPOINTMENT", help="An appointment's id, or the beginning of a call's."
        ),
    ],
    db: DB = "",
    as_json: JSON = False,
) -> None:
    """Why was nothing sent? Every message that it should have caused, and how each stands."""
    from dalpak.cli.flows import why_nothing

    raise typer.Exit(why_nothing(subject, db=db, as_json=as_json))


@templates_app.command("list")
def templates_list(
    business: BusinessId, code: Code = "", db: DB = "", as_json: JSON = False
) -> None:
    """Every text with its placeholders, and what a person would read."""
    from dalpak.cli.templates import list_texts

    raise typer.Exit(list_texts(business=business, code=code, db=db, as_json=as_json))


@templates_app.command("preview")
def templates_preview(
    business: BusinessId, kind: Kind, text: Text, code: Code = "", db: DB = ""
) -> None:
    """What a person would read; nothing is saved. Exit code 2 names what is wrong with a text."""
    from dalpak.cli.templates import preview_text

    raise typer.Exit(preview_text(business=business, kind=kind, text=text, code=code, db=db))


@templates_app.command("set")
def templates_set(
    business: BusinessId, kind: Kind, text: Text, code: Code = "", db: DB = ""
) -> None:
    """Save a text of the business's own. Exit code 2 names what is wrong with it."""
    from dalpak.cli.templates import set_text

    raise typer.Exit(set_text(business=business, kind=kind, text=text, code=code, db=db))


@templates_app.command("reset")
def templates_reset(business: BusinessId, kind: Kind, code: Code = "", db: DB = "") -> None:
    """Bring the built-in text back."""
    from dalpak.cli.templates import reset_text

    raise typer.Exit(reset_text(business=business, kind=kind, code=code, db=db))


@templates_app.command("rules")
def templates_rules(
    business: BusinessId,
    given: Annotated[
        str, typer.Argument(metavar="[RULES]", help="JSON of those to change; - reads it.")
    ] = "",
    db: DB = "",
) -> None:
    """How people are written to: channels, consent, reminders, quiet hours, limits, how long texts are kept."""
    from dalpak.cli.templates import rules

    raise typer.Exit(rules(business=business, given=given, db=db))
