//! Writes an answer as JSON or XML. Both have only attributes and elements, so this is shorter than a library's use.

use std::io::Write as _;

use super::element::{Child, Document, Element, Value};

/// The two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Xml,
}

impl Form {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "text/xml;charset=utf-8",
        }
    }
}

pub(super) fn write(document: &Document, form: Form) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    match form {
        Form::Json => match document {
            Document::Container(container) => {
                out.push(b'{');
                json_text(&mut out, container.tag);
                out.push(b':');
                json_object(&mut out, container);
                out.push(b'}');
            }
            Document::Bare(element) => json_object(&mut out, element),
            Document::List(_, elements) => json_array(&mut out, elements.iter()),
        },
        Form::Xml => {
            out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
            match document {
                Document::Container(element) | Document::Bare(element) => xml_element(&mut out, element),
                Document::List(name, elements) => xml_around(&mut out, name, elements),
            }
        }
    }
    out
}

/// Adds one to the elements of a list.
pub(super) fn add(out: &mut Vec<u8>, element: &Element, form: Form) {
    match form {
        Form::Json => {
            if !out.is_empty() {
                out.push(b',');
            }
            json_object(out, element);
        }
        Form::Xml => xml_element(out, element),
    }
}

fn json_object(out: &mut Vec<u8>, element: &Element) {
    out.push(b'{');
    for (name, value) in &element.attributes {
        json_name(out, name);
        match value {
            Value::Text(text) => json_text(out, text),
            Value::Number(number) => put(out, format_args!("{number}")),
            // With a point, also where the number is whole.
            Value::Float(number) => put(out, format_args!("{number:?}")),
            Value::Flag(flag) => put(out, format_args!("{flag}")),
            Value::Nothing => out.extend_from_slice(b"null"),
        }
    }
    let mut rest = element.children.as_slice();
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        match first {
            Child::Each(each) => {
                let same = |child: &&Child| matches!(child, Child::Each(other) if other.list == each.list);
                let length = others.iter().take_while(same).count();
                let more = others[..length].iter().filter_map(|child| match child {
                    Child::Each(other) => Some(other),
                    _ => None,
                });
                json_name(out, each.list);
                json_array(out, std::iter::once(each).chain(more));
                rest = &others[length..];
            }
            Child::One(one) => {
                json_name(out, one.list);
                json_object(out, one);
            }
            Child::Around(name, elements) => {
                json_name(out, name);
                json_array(out, elements.iter());
            }
            Child::Written(name, written) => {
                json_name(out, name);
                out.push(b'[');
                out.extend_from_slice(written);
                out.push(b']');
            }
            Child::Words(name, _, words) => {
                json_name(out, name);
                out.push(b'[');
                for (number, word) in words.iter().enumerate() {
                    if number > 0 {
                        out.push(b',');
                    }
                    json_text(out, word);
                }
                out.push(b']');
            }
        }
    }
    out.push(b'}');
}

/// The name of a member, with the comma before it.
fn json_name(out: &mut Vec<u8>, name: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    // Names are ours: nothing in them is special.
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn json_array<'e>(out: &mut Vec<u8>, elements: impl Iterator<Item = &'e Element>) {
    out.push(b'[');
    for (number, element) in elements.enumerate() {
        if number > 0 {
            out.push(b',');
        }
        json_object(out, element);
    }
    out.push(b']');
}

fn json_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(
        out,
        text,
        |byte| matches!(byte, b'"' | b'\\' | 0..=0x1f),
        |out, byte| match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            byte => put(out, format_args!("\\u{byte:04x}")),
        },
    );
    out.push(b'"');
}

/// Text, with the few bytes that mean something else written otherwise. They are ASCII, so other characters stay whole.
fn escaped(out: &mut Vec<u8>, text: &str, is_special: fn(u8) -> bool, escape: fn(&mut Vec<u8>, u8)) {
    let mut rest = text.as_bytes();
    while let Some(length) = rest.iter().position(|byte| is_special(*byte)) {
        out.extend_from_slice(&rest[..length]);
        escape(out, rest[length]);
        rest = &rest[length + 1..];
    }
    out.extend_from_slice(rest);
}

fn xml_element(out: &mut Vec<u8>, element: &Element) {
    out.push(b'<');
    out.extend_from_slice(element.tag.as_bytes());
    for (name, value) in &element.attributes {
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"=\"");
        match value {
            Value::Text(text) => xml_text(out, text),
            Value::Number(number) => put(out, format_args!("{number}")),
            Value::Float(number) => put(out, format_args!("{number}")),
            Value::Flag(flag) => out.push(if *flag { b'1' } else { b'0' }),
            Value::Nothing => {}
        }
        out.push(b'"');
    }
    if element.children.is_empty() {
        out.extend_from_slice(b"/>\n");
        return;
    }
    out.extend_from_slice(b">\n");
    for child in &element.children {
        match child {
            Child::Each(child) | Child::One(child) => xml_element(out, child),
            Child::Around(name, elements) => xml_around(out, name, elements),
            Child::Written(_, written) => out.extend_from_slice(written),
            Child::Words(name, each, words) => {
                put(out, format_args!("<{name}>"));
                for word in *words {
                    put(out, format_args!("<{each} id=\""));
                    xml_text(out, word);
                    out.extend_from_slice(b"\"/>");
                }
                put(out, format_args!("</{name}>\n"));
            }
        }
    }
    put(out, format_args!("</{}>\n", element.tag));
}

fn xml_around(out: &mut Vec<u8>, name: &str, elements: &[Element]) {
    put(out, format_args!("<{name}>\n"));
    for element in elements {
        xml_element(out, element);
    }
    put(out, format_args!("</{name}>\n"));
}

fn xml_text(out: &mut Vec<u8>, text: &str) {
    escaped(
        out,
        text,
        |byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | 0..=0x1f),
        |out, byte| match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'\n' | b'\r' | b'\t' => put(out, format_args!("&#{byte};")),
            // XML has no way to write the others.
            _ => {}
        },
    );
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_model_makes_both_forms() {
        let video = Element::listed("Video", "Metadata").with("ratingKey", "1").with("title", "\"<A>\" & b\n");
        let show = Element::listed("Directory", "Metadata").with("duration", 2).with("rate", 25.0).flag("new", true);
        let container = Element::new("MediaContainer").with("size", 2).with("allowSync", true);
        let container = container.each([video, show]).one(Element::new("User").with("id", Value::Nothing));
        let document = Document::Container(container);
        let json = String::from_utf8(write(&document, Form::Json)).unwrap();
        let expected = concat!(
            r#"{"MediaContainer":{"size":2,"allowSync":true,"Metadata":[{"ratingKey":"1","#,
            r#""title":"\"<A>\" & b\u000a"},{"duration":2,"rate":25.0,"new":true}],"User":{"id":null}}}"#
        );
        assert_eq!(json, expected);
        let xml = String::from_utf8(write(&document, Form::Xml)).unwrap();
        let expected = concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MediaContainer size=\"2\" allowSync=\"1\">\n",
            "<Video ratingKey=\"1\" title=\"&quot;&lt;A&gt;&quot; &amp; b&#10;\"/>\n",
            "<Directory duration=\"2\" rate=\"25\" new=\"1\"/>\n<User id=\"\"/>\n</MediaContainer>\n"
        );
        assert_eq!(xml, expected);
    }
}
