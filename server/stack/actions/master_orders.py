"""Telling the API's master what to do, and showing what it says while it does it."""

import sys
from typing import NoReturn

import click

from server.api.cluster.master_client import Done, MasterAwayError, Order, Progress, send_order
from server.stack.layout import Layout


def give_order(layout: Layout, order: Order) -> Done:
    """Give an order, print every line that comes of it as it comes; its end. Ends the program where nobody answers."""
    try:
        for heard in send_order(layout.api_state, order, wait_s=None):
            if isinstance(heard, Progress):
                click.echo(heard.text)
            else:
                return heard
    except MasterAwayError as error:
        fail(f"{error}; is it up? ops act start-api")
    return fail("the API's master broke off; see ops logs api")


def give_order_or_exit(layout: Layout, order: Order) -> None:
    """``give_order``, and end the program with 1 when it was not done."""
    done = give_order(layout, order)
    if not done.ok:
        fail(done.text)
    click.echo(done.text)


def fail(message: str) -> NoReturn:
    """End the program with one sentence."""
    click.echo(f"ops: {message}", err=True)
    sys.exit(1)
