package dev.fairway.server.run.report;

import java.io.InputStream;
import java.util.MissingResourceException;
import java.util.Objects;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// Goes through an XML document from which nothing else is ever read: no document type, no entity
/// of its own, no other file.
final class XmlCursor implements AutoCloseable {
  private static final int MAX_DEPTH = 64;

  private final XMLStreamReader xml;
  private boolean typed;
  private int depth;

  XmlCursor(InputStream in) throws XMLStreamException {
    var factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    xml = factory.createXMLStreamReader(in);
  }

  /// The JDK's parser has no words for some mistakes of a document type.
  private int advance() throws XMLStreamException {
    try {
      return xml.next();
    } catch (MissingResourceException e) {
      throw new XMLStreamException("not well-formed", xml.getLocation(), e);
    }
  }

  /// Goes to the root element and tells its name.
  String root() throws XMLStreamException {
    while (xml.hasNext()) {
      switch (advance()) {
        case XMLStreamConstants.DTD -> typed = true;
        case XMLStreamConstants.START_ELEMENT -> {
          depth = 1;
          return xml.getLocalName();
        }
        default -> {}
      }
    }
    return "";
  }

  /// Whether the document names its type. It is passed over unread; formats that have none by their
  /// tools refuse one.
  boolean typed() {
    return typed;
  }

  /// Goes to the next beginning or end of an element.
  ///
  /// @return whether there is one before the end of the root
  boolean next() throws XMLStreamException {
    if (xml.isEndElement()) {
      depth--;
    }
    while (depth > 0) {
      switch (advance()) {
        case XMLStreamConstants.START_ELEMENT -> {
          if (++depth > MAX_DEPTH) {
            throw new XMLStreamException("nested deeper than " + MAX_DEPTH, xml.getLocation());
          }
          return true;
        }
        case XMLStreamConstants.END_ELEMENT -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  /// At the beginning of an element of that name.
  boolean starts(String name) {
    return xml.isStartElement() && xml.getLocalName().equals(name);
  }

  /// At the end of an element of that name.
  boolean ends(String name) {
    return xml.isEndElement() && xml.getLocalName().equals(name);
  }

  boolean isStart() {
    return xml.isStartElement();
  }

  String name() {
    return xml.getLocalName();
  }

  /// How many elements are open; the root is 1.
  int depth() {
    return depth;
  }

  /// An attribute of the element that begins here; empty text where it has none of that name.
  String attribute(String name) {
    return CaseCollector.cut(
        Objects.requireNonNullElse(xml.getAttributeValue(null, name), ""),
        CaseCollector.MAX_MESSAGE_CHARS);
  }

  boolean has(String attribute) {
    return xml.getAttributeValue(null, attribute) != null;
  }

  /// A number that the element states; 0 where it states none.
  long number(String attribute) {
    try {
      return Long.parseLong(attribute(attribute));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /// The text of the element that begins here; goes to its end.
  String text() throws XMLStreamException {
    var text = new StringBuilder();
    var open = depth;
    while (depth >= open) {
      switch (advance()) {
        case XMLStreamConstants.START_ELEMENT -> {
          if (++depth > MAX_DEPTH) {
            throw new XMLStreamException("nested deeper than " + MAX_DEPTH, xml.getLocation());
          }
        }
        case XMLStreamConstants.END_ELEMENT -> {
          if (depth == open) {
            // The end itself is counted when the next element is asked for.
            return text.toString().strip();
          }
          depth--;
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          if (text.length() < CaseCollector.MAX_DETAIL_CHARS) {
            text.append(xml.getText());
          }
        }
        default -> {}
      }
    }
    return text.toString();
  }

  @Override
  public void close() throws XMLStreamException {
    xml.close();
  }
}
