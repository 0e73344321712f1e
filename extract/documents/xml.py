"""XML and HTML of strangers: no entities from outside, no network, no tree without end."""

from lxml import etree

from graph.errors import BadDocument

DEEPEST = 250
"""Elements within one another; documents that people write have a few dozen."""


def xml(content: bytes) -> etree._Element:
    """The root of an XML document. Raises BadDocument where it is none, or declares entities."""
    # A document type is where entities are declared; none of the formats that are read has one.
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        raise BadDocument("declares entities in its XML, which could pull in other files; save it anew and try again")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BadDocument(f"is damaged: its XML does not parse ({error.msg})") from error


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; '' for comments and the like."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
