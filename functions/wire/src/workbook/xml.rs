//! What is read of the XML in workbooks.

use std::io::{BufReader, Read};

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Shows everything to `see`, as far as the content can be read.
pub(super) fn each_event(content: &mut dyn Read, mut see: impl FnMut(&Event)) {
    let mut reader = Reader::from_reader(BufReader::new(content));
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) | Err(_) => return,
            Ok(event) => see(&event),
        }
        buffer.clear();
    }
}

/// Shows each element of that name to `see`, whatever stands before it, as far as the content can be read.
pub(super) fn each_element(content: &mut dyn Read, name: &str, mut see: impl FnMut(&BytesStart)) {
    each_event(content, |event| match event {
        Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == name => see(element),
        _ => {}
    });
}

/// Returns the value of an attribute, whatever stands before its name.
pub(super) fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    unescaped(&found)
}

/// Returns what an attribute says.
pub(super) fn unescaped(attribute: &Attribute) -> Option<String> {
    Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}
