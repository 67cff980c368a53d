//! What is known of the program in a container by its image and command alone: whether it ends, and when.

use super::objects::Container;
use crate::value::Str;

/// What a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It has done its work within a moment.
    EndsAtOnce,
    /// It sleeps so many seconds, and ends.
    Sleeps(i64),
    /// It is made to wait for ever.
    Endless,
    /// It is a server that waits for requests.
    Server,
    /// Nobody knows.
    Unknown,
}

/// Images with a shell and no program of their own: without input the shell ends.
const BARE: &[&str] = &["alpine", "bash", "busybox", "centos", "debian", "fedora", "ubuntu"];
/// Images that are servers.
const SERVERS: &[&str] =
    &["caddy", "httpd", "mariadb", "memcached", "mongo", "mysql", "nginx", "postgres", "redis", "tomcat"];
/// Tools that print something and end.
const QUICK: &[&str] = &[
    "cat", "cp", "date", "echo", "env", "exit", "expr", "false", "hostname", "id", "ls", "mkdir", "printenv",
    "printf", "pwd", "touch", "true", "uname", "whoami",
];

/// What a script leaves a loop with, or ends what waits for ever.
const LEAVES: &[&str] = &["break", "exit", "kill", "pkill", "return", "timeout"];

/// The image without registry, tag and digest; none for one of another registry than Docker's.
pub(crate) fn official(image: &str) -> Option<&str> {
    let image = image.split('@').next().unwrap_or(image);
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    let name = repository(image);
    (!name.contains('/') && !name.is_empty()).then_some(name)
}

/// The image without tag and digest.
pub(crate) fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    // A colon before the last slash stands before the port of a registry.
    let path = image.rfind('/').map_or(0, |at| at + 1);
    image[path..].find(':').map_or(image, |at| &image[..path + at])
}

/// What a container's program does.
pub(crate) fn known(container: &Container) -> Known {
    let image = official(&container.image);
    let is = |list: &[&str]| image.is_some_and(|image| list.contains(&image));
    if container.stdin {
        return Known::Unknown;
    }
    let mut words: Vec<&Str> = container.command.iter().collect();
    if words.is_empty() && container.args.is_empty() {
        return if is(BARE) {
            Known::EndsAtOnce
        } else if is(SERVERS) {
            Known::Server
        } else {
            Known::Unknown
        };
    }
    if words.is_empty() && !is(BARE) {
        return Known::Unknown;
    }
    words.extend(&container.args);
    let words: Vec<&str> = words.into_iter().map(|word| &**word).collect();
    of_words(&words)
}

fn of_words(words: &[&str]) -> Known {
    let Some((first, rest)) = words.split_first() else { return Known::Unknown };
    match (first.rsplit('/').next().unwrap_or(first), rest) {
        ("sleep", [time]) => match *time {
            "infinity" | "inf" => Known::Endless,
            seconds => seconds.trim_end_matches('s').parse().map_or(Known::Unknown, Known::Sleeps),
        },
        ("tail", ["-f" | "-F", ..]) => Known::Endless,
        ("sh" | "bash" | "ash", ["-c" | "-ec" | "-ce", script, ..]) => of_script(script),
        // It becomes the program that it is given.
        ("env", rest) if rest.iter().any(|word| !word.contains('=')) => Known::Unknown,
        (tool, _) if QUICK.contains(&tool) => Known::EndsAtOnce,
        _ => Known::Unknown,
    }
}

/// What a script for a shell does, where it is a row of simple commands or waits for ever.
fn of_script(script: &str) -> Known {
    if ["while true", "while :", "sleep infinity", "sleep inf", "tail -f"]
        .iter()
        .any(|loops| script.contains(loops))
    {
        let mut words =
            script.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.' | '/'));
        return if words.any(|word| LEAVES.contains(&word)) { Known::Unknown } else { Known::Endless };
    }
    let mut total = 0;
    for part in script.split(['\n', ';', '&', '|']).map(str::trim).filter(|part| !part.is_empty()) {
        let words: Vec<&str> = part.split_whitespace().collect();
        match of_words(&words) {
            Known::EndsAtOnce => {}
            Known::Sleeps(seconds) => total += seconds,
            other => return other,
        }
    }
    if total == 0 { Known::EndsAtOnce } else { Known::Sleeps(total) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;
    use crate::value::typed::Typed;

    fn program(container: &str) -> Known {
        known(&Container::decode(&json::parse(container).expect("JSON")).expect("a container"))
    }

    #[test]
    fn what_is_plain_is_known_and_nothing_else() {
        for (container, wanted) in [
            (r#"{"image":"busybox"}"#, Known::EndsAtOnce),
            (r#"{"image":"docker.io/library/busybox:1.36","args":["date"]}"#, Known::EndsAtOnce),
            (r#"{"image":"busybox","stdin":true}"#, Known::Unknown),
            (r#"{"image":"nginx:1.27"}"#, Known::Server),
            (r#"{"image":"nginx:1.27","args":["-v"]}"#, Known::Unknown),
            (r#"{"image":"mine/nginx"}"#, Known::Unknown),
            (r#"{"image":"any","command":["/bin/sleep","30"]}"#, Known::Sleeps(30)),
            (r#"{"image":"any","command":["sh","-c","sleep 5; echo a && sleep 2"]}"#, Known::Sleeps(7)),
            (r#"{"image":"any","command":["sh","-c"],"args":["echo hi > /a"]}"#, Known::EndsAtOnce),
            (r#"{"image":"any","command":["sh","-c","while true; do date; done"]}"#, Known::Endless),
            (r#"{"image":"any","command":["sh","-c","sleep 5; ./serve"]}"#, Known::Unknown),
            (r#"{"image":"any","command":["tail","-f","/dev/null"]}"#, Known::Endless),
            (r#"{"image":"any","command":["./serve"]}"#, Known::Unknown),
            (r#"{"image":"any","command":["/usr/bin/env"]}"#, Known::EndsAtOnce),
            (r#"{"image":"any","command":["env","A=1"]}"#, Known::EndsAtOnce),
            (r#"{"image":"any","command":["/usr/bin/env","A=1","./serve"]}"#, Known::Unknown),
            (
                r#"{"image":"any","command":["sh","-c","while true; do nc -z db 5432 && break; sleep 1; done"]}"#,
                Known::Unknown,
            ),
            (
                r#"{"image":"any","command":["sh","-c","while true; do ./breakfast; sleep 1; done"]}"#,
                Known::Endless,
            ),
        ] {
            assert_eq!(program(container), wanted, "{container}");
        }
    }

    #[test]
    fn a_port_of_a_registry_is_no_tag() {
        for (image, wanted, of) in [
            ("nginx:1.27", "nginx", Some("nginx")),
            ("docker.io/library/nginx", "docker.io/library/nginx", Some("nginx")),
            ("localhost:5000/nginx", "localhost:5000/nginx", None),
            ("localhost:5000/mine/web:1@sha256:0123", "localhost:5000/mine/web", None),
        ] {
            assert_eq!((repository(image), official(image)), (wanted, of), "{image}");
        }
    }
}
