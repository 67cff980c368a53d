//! What names, labels and ports may look like, and what the API server says of those that do not. Modelled on
//! apimachinery's `util/validation`.

const LABEL_REGEX: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LETTER_LABEL_REGEX: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_REGEX: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED_REGEX: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_REGEX: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY_REGEX: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|byte| plain(*byte))
        && bytes.last().is_some_and(|byte| plain(*byte))
        && bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// The errors of a text as an RFC 1123 label: at most 63 of `a-z`, `0-9` and `-`.
pub(crate) fn label_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push("must be no more than 63 characters".to_owned());
    }
    if !is_label(text) {
        errors.push(if is_subdomain(text) { "must not contain dots" } else { LABEL_REGEX }.to_owned());
    }
    errors
}

/// The errors of a text as an RFC 1035 label: one that begins with a letter.
pub(crate) fn letter_label_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push("must be no more than 63 characters".to_owned());
    }
    if !is_label(text) || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
        errors.push(LETTER_LABEL_REGEX.to_owned());
    }
    errors
}

/// The errors of a text as an RFC 1123 subdomain: labels joined by dots, at most 253 characters.
pub(crate) fn subdomain_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push("must be no more than 253 characters".to_owned());
    }
    if !is_subdomain(text) {
        errors.push(SUBDOMAIN_REGEX.to_owned());
    }
    errors
}

/// The errors of a text as a segment of a URL, which is all that the names of roles have to be.
pub(crate) fn path_segment_errors(text: &str) -> Vec<String> {
    if matches!(text, "." | "..") {
        return vec![format!("may not be '{text}'")];
    }
    ["/", "%"]
        .iter()
        .filter(|part| text.contains(**part))
        .map(|part| format!("may not contain '{part}'"))
        .collect()
}

/// The errors of a text as a label's value.
pub(crate) fn label_value_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push("must be no more than 63 bytes".to_owned());
    }
    if !text.is_empty() && !is_qualified(text) {
        errors.push(VALUE_REGEX.to_owned());
    }
    errors
}

fn is_qualified(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The errors of a text as a label's key: a name, perhaps after a domain and a slash.
pub(crate) fn label_key_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts.as_slice() {
        [name] => *name,
        [prefix, name] => {
            if prefix.is_empty() {
                errors.push("prefix part must be non-empty".to_owned());
            } else {
                errors.extend(subdomain_errors(prefix).into_iter().map(|why| format!("prefix part {why}")));
            }
            name
        }
        _ => {
            return vec![format!(
                "a valid label key {QUALIFIED_REGEX} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        errors.push("name part must be no more than 63 bytes".to_owned());
    }
    if !is_qualified(name) {
        errors.push(format!("name part {QUALIFIED_REGEX}"));
    }
    errors
}

/// The errors of a text as the name of a container's port.
pub(crate) fn port_name_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let mut error = |wrong: bool, why: &str| {
        if wrong {
            errors.push(why.to_owned());
        }
    };
    error(text.len() > 15, "must be no more than 15 characters");
    let strange = |byte: u8| !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    error(
        text.is_empty() || text.bytes().any(strange),
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    );
    error(!text.bytes().any(|byte| byte.is_ascii_lowercase()), "must contain at least one letter (a-z)");
    error(text.contains("--"), "must not contain consecutive hyphens");
    error(text.starts_with('-') || text.ends_with('-'), "must not begin or end with a hyphen");
    errors
}

/// The errors of a text as a key of a ConfigMap or Secret.
pub(crate) fn config_key_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push("must be no more than 253 characters".to_owned());
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.is_empty() || !text.bytes().all(plain) {
        errors.push(CONFIG_KEY_REGEX.to_owned());
    }
    if text == "." || text == ".." {
        errors.push(format!("must not be '{text}'"));
    } else if text.starts_with("..") {
        errors.push("must not start with '..'".to_owned());
    }
    errors
}

/// A valid name made of a text: small letters, hyphens for what may not be there. None where nothing is left.
pub(crate) fn mended_name(text: &str, dots: bool, most: usize) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() => out.push(c),
            '.' if dots && !out.is_empty() && !out.ends_with(['-', '.']) => out.push('.'),
            _ if !out.is_empty() && !out.ends_with(['-', '.']) => out.push('-'),
            _ => {}
        }
    }
    out.truncate(most);
    let out = out.trim_end_matches(['-', '.']).to_owned();
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_the_server_judges() {
        for (text, label, subdomain) in [
            ("web", true, true),
            ("1svc", true, true),
            ("a.b", false, true),
            ("MyPod", false, false),
            ("my_pod", false, false),
            ("game-", false, false),
            ("", false, false),
            ("a..b", false, false),
        ] {
            assert_eq!(label_errors(text).is_empty(), label, "{text} as a label");
            assert_eq!(subdomain_errors(text).is_empty(), subdomain, "{text} as a subdomain");
        }
        assert_eq!(label_errors("a.b"), ["must not contain dots"]);
        assert_eq!(label_errors(&"a".repeat(64)), ["must be no more than 63 characters"]);
    }

    #[test]
    fn label_keys_and_values_are_judged_as_the_server_judges() {
        for (key, errors) in [
            ("app", 0),
            ("app.kubernetes.io/name", 0),
            ("a b", 1),
            ("example.com/team/name", 1),
            ("/name", 1),
            ("example.com/", 2),
            ("Example.com/name", 1),
        ] {
            assert_eq!(label_key_errors(key).len(), errors, "{key}: {:?}", label_key_errors(key));
        }
        for (value, errors) in [("", 0), ("v1.2_3", 0), ("platform team", 1), ("-a", 1)] {
            assert_eq!(label_value_errors(value).len(), errors, "{value}");
        }
    }

    #[test]
    fn port_names_are_judged_as_the_server_judges() {
        for (name, errors) in
            [("http", 0), ("http-metrics-port", 1), ("Bad_Name", 1), ("80", 1), ("a--b", 1), ("-a", 1)]
        {
            assert_eq!(port_name_errors(name).len(), errors, "{name}: {:?}", port_name_errors(name));
        }
    }

    #[test]
    fn names_are_mended() {
        for (text, expected) in [
            ("My_App", Some("my-app")),
            ("game-", Some("game")),
            ("{{ .Release.Name }}-settings", Some("release.name-settings")),
            ("___", None),
        ] {
            assert_eq!(mended_name(text, true, 253).as_deref(), expected, "{text}");
        }
    }
}
