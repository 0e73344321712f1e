"""XML and HTML of strangers: no entities from outside, no network, no tree without end."""

from lxml import etree

from graph.errors import BadDocument

DEEPEST = 250
"""Elements within one another; documents that people write have a few dozen."""


def xml(content: bytes) -> etree._Element:
    """Return the root of an XML document. Raises BadDocument if it is not XML or declares entities."""
    # Entities are declared in a document type. None of the supported formats has one.
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        raise BadDocument("declares entities in its XML, which could pull in other files; save it again and retry")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        told = " ".join(str(error.msg).split())
        raise BadDocument(f"is damaged: its XML does not parse ({told})") from error


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; '' for comments and the like."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
