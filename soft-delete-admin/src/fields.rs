//! The fields of a form or of a query, of which some come several times.

use std::str::FromStr;

// The field of a record's key.
const ID: &str = "id";

/// Names and values, as they were sent; empty values are left out, but for the key of a record, which may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(bytes).filter(|(name, value)| name == ID || !value.is_empty());
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The members of an object; a list is one name with several values. `None` for anything else.
    pub(crate) fn of_json(document: &serde_json::Value) -> Option<Self> {
        fn text(value: &serde_json::Value) -> Option<String> {
            match value {
                serde_json::Value::String(text) => Some(text.clone()),
                serde_json::Value::Number(number) => Some(number.to_string()),
                _ => None,
            }
        }
        let mut pairs = Vec::new();
        for (name, value) in document.as_object()? {
            match value {
                serde_json::Value::Null => {}
                serde_json::Value::Array(values) => {
                    for value in values {
                        pairs.push((name.clone(), text(value)?));
                    }
                }
                value => pairs.push((name.clone(), text(value)?)),
            }
        }
        pairs.retain(|(name, value)| name == ID || !value.is_empty());
        Some(Self(pairs))
    }

    /// The key of the record that is asked for, which may be empty.
    pub(crate) fn record_id(&self) -> Option<&str> {
        let mut named = self.0.iter().filter(|(known, _)| known == ID);
        named.next().map(|(_, value)| value.as_str())
    }

    /// The first value of this name.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of this name.
    pub(crate) fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> + use<'f> {
        let named: Vec<&str> = self
            .pairs()
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| value)
            .collect();
        named.into_iter()
    }

    /// The first value of this name, if it is one.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        self.one(name)?.parse().ok()
    }

    /// The same with this value instead of what the name had; `None` takes it away.
    pub(crate) fn with(&self, name: &str, value: Option<&str>) -> Self {
        let mut fields = self.without(|known| known == name);
        fields
            .0
            .extend(value.map(|value| (name.to_owned(), value.to_owned())));
        fields
    }

    /// The same without those of such names.
    pub(crate) fn without(&self, is_out: impl Fn(&str) -> bool) -> Self {
        let pairs = self.0.iter().filter(|(name, _)| !is_out(name));
        Self(pairs.cloned().collect())
    }

    /// As the end of a link.
    pub(crate) fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.pairs())
            .finish()
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter().filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_once_or_often() {
        let fields = Fields::read(b"model=leads&id=1&id=a%2Cb&reason=");
        assert_eq!(fields.one("model"), Some("leads"));
        assert_eq!(fields.all("id").collect::<Vec<_>>(), ["1", "a,b"]);
        assert_eq!(fields.one("reason"), None);
        let empty = Fields::read(b"model=leads&id=");
        assert_eq!((empty.record_id(), empty.one("id")), (Some(""), None));
        assert_eq!(
            (empty.all("id").count(), empty.query().as_str()),
            (0, "model=leads")
        );
        assert_eq!(fields.with("id", Some("7&8")).query(), "model=leads&id=7%268");
        assert_eq!(fields.with("id", None).query(), "model=leads");
        assert_eq!(Fields::read(b"size=x").parsed::<u32>("size"), None);
    }
}
