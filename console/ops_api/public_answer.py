"""What the daemon answers about the public page."""

import msgspec

from web.public_incident import PublicIncidentView, WordTemplate


class ComponentWords(msgspec.Struct, frozen=True):
    """A component as the public sees it."""

    id: str
    name: str
    status: str


class PublicAnswer(msgspec.Struct):
    """What the public reads, and what there is to write with."""

    public: tuple[PublicIncidentView, ...] = ()
    components: tuple[ComponentWords, ...] = ()
    templates: tuple[WordTemplate, ...] = ()
