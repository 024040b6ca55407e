//! Form-encoded parameters as Stripe's clients send them: `a[b]=`, `a[0][c]=`, `a[]=`.

use crate::api_error::ApiError;
use crate::model::Metadata;

/// Parameters in one request; real ones have some dozens.
const MAX_PAIRS: usize = 1_000;
/// Brackets behind one name; real ones have at most five.
const MAX_DEPTH: usize = 8;

/// Stripe's limits for metadata.
const MAX_METADATA_KEYS: usize = 50;
const MAX_METADATA_KEY: usize = 40;
const MAX_METADATA_VALUE: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    Branch(Vec<(String, Self)>),
}

/// Decoded parameters. Paths are written as Stripe names them:
/// `subscription_data[metadata]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Params(Node);

impl Default for Params {
    fn default() -> Self {
        Self(Node::Branch(Vec::new()))
    }
}

impl Params {
    /// Decodes the query, then the body.
    pub(crate) fn decode(query: &str, body: &[u8]) -> Result<Self, ApiError> {
        let mut root = Node::Branch(Vec::new());
        let pairs = url::form_urlencoded::parse(query.as_bytes()).chain(url::form_urlencoded::parse(body));
        for (count, (name, value)) in pairs.enumerate() {
            let path = split(&name);
            if count >= MAX_PAIRS || path.len() > MAX_DEPTH {
                return Err(ApiError::invalid(&name, "Too many parameters."));
            }
            insert(&mut root, &path, &value);
        }
        Ok(Self(root))
    }

    fn find(&self, path: &str) -> Option<&Node> {
        split(path).into_iter().try_fold(&self.0, |node, key| match node {
            Node::Branch(children) => children.iter().find(|(name, _)| name == key).map(|(_, child)| child),
            Node::Text(_) => None,
        })
    }

    /// The names under a path, or the outermost ones.
    pub(crate) fn names(&self, path: &str) -> Vec<&str> {
        let node = if path.is_empty() { Some(&self.0) } else { self.find(path) };
        match node {
            Some(Node::Branch(children)) => children.iter().map(|(name, _)| name.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        match self.find(path)? {
            Node::Text(text) => Some(text),
            Node::Branch(_) => None,
        }
    }

    /// A text that is there and not blank.
    pub(crate) fn filled(&self, path: &str) -> Option<String> {
        self.text(path).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub(crate) fn required(&self, path: &str) -> Result<String, ApiError> {
        self.filled(path).ok_or_else(|| ApiError::required(path))
    }

    pub(crate) fn integer(&self, path: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(path) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            ApiError::invalid(path, format!("Invalid integer: {text}")).code("parameter_invalid_integer")
        })
    }

    pub(crate) fn boolean(&self, path: &str) -> Result<Option<bool>, ApiError> {
        match self.text(path) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => Err(ApiError::invalid(path, format!("Invalid boolean: {text}"))),
        }
    }

    /// Every text of a list.
    pub(crate) fn texts(&self, path: &str) -> Vec<String> {
        match self.find(path) {
            Some(Node::Branch(children)) => children
                .iter()
                .filter_map(|(_, child)| match child {
                    Node::Text(text) => Some(text.clone()),
                    Node::Branch(_) => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Every group of a list, such as `line_items[0]`.
    pub(crate) fn groups(&self, path: &str) -> Vec<Self> {
        match self.find(path) {
            Some(Node::Branch(children)) => children.iter().map(|(_, child)| Self(child.clone())).collect(),
            _ => Vec::new(),
        }
    }

    /// The value of a name, or nothing.
    pub(crate) fn group(&self, path: &str) -> Self {
        self.find(path).map_or_else(Self::default, |node| Self(node.clone()))
    }

    pub(crate) fn metadata(&self, path: &str) -> Result<Metadata, ApiError> {
        let mut metadata = Metadata::new();
        if let Some(Node::Branch(children)) = self.find(path) {
            for (key, value) in children {
                let Node::Text(value) = value else {
                    return Err(ApiError::invalid(
                        &format!("{path}[{key}]"),
                        "Metadata values must be strings.",
                    ));
                };
                if key.len() > MAX_METADATA_KEY || value.chars().count() > MAX_METADATA_VALUE {
                    return Err(ApiError::invalid(
                        path,
                        "Metadata keys can have up to 40 characters, values up to 500.",
                    ));
                }
                metadata.insert(key.clone(), value.clone());
            }
        }
        if metadata.len() > MAX_METADATA_KEYS {
            return Err(ApiError::invalid(path, "You can specify up to 50 keys."));
        }
        Ok(metadata)
    }

    /// Refuses every parameter that is not among these, as Stripe does.
    pub(crate) fn only(&self, allowed: &[&str]) -> Result<(), ApiError> {
        let Node::Branch(children) = &self.0 else { return Ok(()) };
        match children.iter().find(|(name, _)| !allowed.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(ApiError::invalid(name, format!("Received unknown parameter: {name}"))
                .code("parameter_unknown")),
        }
    }
}

/// `a[b][]` into `a`, `b` and an empty part.
fn split(name: &str) -> Vec<&str> {
    let Some((first, rest)) = name.split_once('[') else { return vec![name] };
    let mut parts = vec![first];
    parts.extend(rest.trim_end_matches(']').split("]["));
    if rest == "]" {
        parts.truncate(1);
        parts.push("");
    }
    parts
}

fn insert(node: &mut Node, path: &[&str], value: &str) {
    let Some((first, rest)) = path.split_first() else {
        *node = Node::Text(value.to_owned());
        return;
    };
    if let Node::Text(_) = node {
        *node = Node::Branch(Vec::new());
    }
    let Node::Branch(children) = node else { return };
    let key = if first.is_empty() { next_index(children, rest) } else { (*first).to_owned() };
    let place = match children.iter().position(|(name, _)| *name == key) {
        Some(place) => place,
        None => {
            children.push((key, Node::Branch(Vec::new())));
            children.len() - 1
        }
    };
    insert(&mut children[place].1, rest, value);
}

/// `[]` begins a new element, unless the last one is a group that lacks this key still.
fn next_index(children: &[(String, Node)], rest: &[&str]) -> String {
    if let (Some((name, Node::Branch(group))), Some(key)) = (children.last(), rest.first())
        && !group.iter().any(|(taken, _)| taken == key)
    {
        return name.clone();
    }
    children.len().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Params {
        Params::decode("", text.as_bytes()).unwrap()
    }

    #[test]
    fn names_with_brackets_become_nested_values() {
        let params = decode(
            "mode=payment&line_items[0][price]=price_1&line_items[0][quantity]=2\
             &line_items[1][price]=price_2&subscription_data%5Bmetadata%5D%5Bk%5D=v%20w",
        );
        assert_eq!(params.text("mode"), Some("payment"));
        let lines = params.groups("line_items");
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].integer("quantity"), Ok(Some(2)));
        assert_eq!(lines[1].text("price"), Some("price_2"));
        assert_eq!(params.text("subscription_data[metadata][k]"), Some("v w"));
    }

    #[test]
    fn both_list_styles_are_lists() {
        for text in ["e[0]=a.b&e[1]=c.d", "e[]=a.b&e[]=c.d", "e%5B%5D=a.b&e%5B%5D=c.d"] {
            assert_eq!(decode(text).texts("e"), ["a.b", "c.d"], "{text}");
        }
        let groups = decode("l[][price]=p1&l[][quantity]=1&l[][price]=p2").groups("l");
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].text("quantity"), Some("1"));
    }

    #[test]
    fn wrong_values_name_their_parameter() {
        let params = decode("limit=ten&connect=yes&metadata[a]=1");
        assert_eq!(params.integer("limit").unwrap_err().param.as_deref(), Some("limit"));
        assert_eq!(params.boolean("connect").unwrap_err().param.as_deref(), Some("connect"));
        assert_eq!(params.only(&["limit", "connect"]).unwrap_err().code, Some("parameter_unknown"));
        assert_eq!(params.metadata("metadata").unwrap().get("a").map(String::as_str), Some("1"));
    }

    #[test]
    fn deep_and_long_forms_are_refused() {
        let deep = format!("a{}=1", "[b]".repeat(MAX_DEPTH));
        assert!(Params::decode("", deep.as_bytes()).is_err());
        let long = "a=1&".repeat(MAX_PAIRS + 1);
        assert!(Params::decode("", long.as_bytes()).is_err());
    }
}
