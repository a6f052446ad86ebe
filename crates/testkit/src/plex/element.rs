//! What Plex answers, before it is written as JSON or XML: one model for both, since a client asks for either.

use std::borrow::Cow;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(Cow<'static, str>),
    Number(i64),
    Float(f64),
    /// `true` in JSON, `1` in XML.
    Flag(bool),
    /// `null` in JSON, an empty attribute in XML.
    Nothing,
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<Cow<'static, str>> for Value {
    fn from(text: Cow<'static, str>) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number.cast_signed())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(number as i64)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// An element of XML, an object of JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Element {
    /// Its tag.
    pub tag: &'static str,
    /// The list of JSON that it stands in: films and shows are `Video` and `Directory`, but both `Metadata`.
    pub list: &'static str,
    pub attributes: Vec<(&'static str, Value)>,
    pub children: Vec<Child>,
}

/// What lies in an element.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Child {
    /// One of a list; those of a list stand side by side.
    Each(Element),
    /// The only one of its kind: no list in JSON.
    One(Element),
    /// A list that has an element of its own around it in XML.
    Around(&'static str, Vec<Element>),
    /// A list that has been written already, in the form of the answer.
    Written(&'static str, Vec<u8>),
    /// Words: strings in JSON, elements with an `id` in XML.
    Words(&'static str, &'static str, &'static [&'static str]),
}

impl Element {
    pub(super) fn new(tag: &'static str) -> Self {
        Self { tag, list: tag, attributes: Vec::new(), children: Vec::new() }
    }

    /// One with many attributes.
    pub(super) fn large(tag: &'static str) -> Self {
        Self { attributes: Vec::with_capacity(24), ..Self::new(tag) }
    }

    /// One whose tag is another word in XML than its list in JSON.
    pub(super) fn listed(tag: &'static str, list: &'static str) -> Self {
        Self { list, ..Self::large(tag) }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// An attribute that is absent where there is no value, as Plex does with nearly all.
    pub(super) fn maybe(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A flag that is told only when it is set.
    pub(super) fn flag(self, name: &'static str, is_set: bool) -> Self {
        self.maybe(name, is_set.then_some(true))
    }

    pub(super) fn each(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Child::Each));
        self
    }

    pub(super) fn one(mut self, child: Self) -> Self {
        self.children.push(Child::One(child));
        self
    }

    pub(super) fn around(mut self, name: &'static str, children: Vec<Self>) -> Self {
        self.children.push(Child::Around(name, children));
        self
    }

    /// A list that has been written already; as in all others, an empty one is not told.
    pub(super) fn written(mut self, name: &'static str, written: Vec<u8>) -> Self {
        if !written.is_empty() {
            self.children.push(Child::Written(name, written));
        }
        self
    }

    pub(super) fn words(mut self, name: &'static str, each: &'static str, words: &'static [&'static str]) -> Self {
        self.children.push(Child::Words(name, each, words));
        self
    }

    /// Leaves out what a request does not want (`excludeElements`, `excludeFields`), in the elements of its lists.
    pub(super) fn without(&mut self, elements: &[&str], fields: &[&str]) {
        self.attributes.retain(|(name, _)| !fields.contains(name));
        self.children.retain(|child| !matches!(child, Child::Each(each) if elements.contains(&each.list)));
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Document {
    /// A media server's: under its name in JSON.
    Container(Element),
    /// The account's: the bare object in JSON.
    Bare(Element),
    /// The account's list: the bare array in JSON.
    List(&'static str, Vec<Element>),
}
