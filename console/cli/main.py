"""The `ops` program: its options, and every command group mounted on it."""

import click


@click.group()
@click.version_option(package_name="structured-prompt-service")
def main() -> None:
    """Keep the Structured Prompt Service alive."""
