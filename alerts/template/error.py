"""What is wrong with a template: found at load, or only when it is rendered."""


class TemplateError(ValueError):
    """A template that Go's text/template would not parse, or could not execute over the facts given."""
