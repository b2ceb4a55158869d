"""Go's text templates as alert rules use them: parsed at load, rendered as data, never as code."""

from alerts.template.error import TemplateError
from alerts.template.execution import Facts, Query, Template, no_query
from alerts.template.parser import parse_template
from alerts.template.value import Sample

__all__ = ["Facts", "Query", "Sample", "Template", "TemplateError", "no_query", "parse_template"]
