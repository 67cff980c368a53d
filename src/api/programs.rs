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

/// The image without registry, tag and digest; none for one of another registry than Docker's.
pub(crate) fn official(image: &str) -> Option<&str> {
    let image = image.split('@').next().unwrap_or(image);
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    let name = image.split(':').next().unwrap_or(image);
    (!name.contains('/') && !name.is_empty()).then_some(name)
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
        return Known::Endless;
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
        ] {
            assert_eq!(program(container), wanted, "{container}");
        }
    }
}
