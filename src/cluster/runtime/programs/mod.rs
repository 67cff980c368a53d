//! What images do: their commands, stop signals and ports.

mod server;

pub(super) use server::Server;

use super::containers::Container;
use super::images::ImageName;
use super::process::Program;
use crate::cluster::time::{MILLI, SECOND, SimTime};
use crate::value::Str;

/// What an image does when nothing else is said.
#[derive(Clone, Debug)]
pub(super) struct ImageProgram {
    /// Its command line.
    pub(super) command: &'static [&'static str],
    /// Ports on which its server listens.
    pub(super) ports: &'static [u16],
    /// The signal that asks it to end.
    pub(super) stop_signal: &'static str,
    /// Whether it is not known and taken for a server on the container's ports.
    pub(super) assumed: bool,
    /// The tools of which it is known that it has them, and that it has no others.
    pub(super) tools: Tools,
}

/// Which tools an image has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tools {
    /// A shell and the usual small tools.
    Shell,
    /// Nobody knows.
    Unknown,
}

/// What an image does.
pub(super) fn image_program(name: &ImageName) -> ImageProgram {
    let server = |command, ports, stop_signal| ImageProgram {
        command,
        ports,
        stop_signal,
        assumed: false,
        tools: Tools::Shell,
    };
    let known = &*name.registry == "docker.io";
    match name.short() {
        "nginx" if known => {
            let stop_signal = if is_nginx_since_quit(&name.tag) { "SIGQUIT" } else { "SIGTERM" };
            server(&["nginx", "-g", "daemon off;"], &[80], stop_signal)
        }
        "busybox" | "alpine" | "ubuntu" | "debian" if known => server(&["sh"], &[], "SIGTERM"),
        "podium/web" if known => server(&["/app"], &[8080], "SIGTERM"),
        "httpd" if known => server(&["httpd-foreground"], &[80], "SIGWINCH"),
        "redis" if known => server(&["redis-server"], &[6379], "SIGTERM"),
        "mysql" | "mariadb" if known => server(&["mysqld"], &[3306], "SIGTERM"),
        "postgres" if known => server(&["postgres"], &[5432], "SIGINT"),
        "mongo" if known => server(&["mongod"], &[27017], "SIGTERM"),
        "memcached" if known => server(&["memcached"], &[11211], "SIGTERM"),
        "tomcat" if known => server(&["catalina.sh", "run"], &[8080], "SIGTERM"),
        short if known && short.starts_with("dockersamples/examplevotingapp_") => {
            server(&["/app"], &[80], "SIGTERM")
        }
        _ => ImageProgram {
            command: &[],
            ports: &[],
            stop_signal: "SIGTERM",
            assumed: true,
            tools: Tools::Unknown,
        },
    }
}

/// nginx's image asks with SIGQUIT since 1.19.5.
fn is_nginx_since_quit(tag: &str) -> bool {
    let mut numbers = tag.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(1), Some(minor), patch) => minor > 19 || (minor == 19 && patch.is_none_or(|patch| patch >= 5)),
        _ => true,
    }
}

/// A program that begins, with its command line.
pub(super) struct Started {
    pub(super) command: Str,
    pub(super) program: Program,
}

/// A container's first process: its own command or the image's. The error is the runtime's sentence.
pub(super) fn start(container: &Container, now: SimTime) -> Result<Started, String> {
    let image = image_program(&container.image.name);
    let Some(spec) = container.spec() else { return Err("no such container".into()) };
    let mut words: Vec<Str> = spec.command.clone();
    if words.is_empty() && spec.args.is_empty() {
        words = image.command.iter().map(|word| Str::from(*word)).collect();
    } else {
        words.extend(spec.args.iter().cloned());
    }
    let is_own = spec.command.is_empty() && (spec.args.is_empty() || !image.assumed);
    if image.assumed && (is_own || spec.command.is_empty()) {
        let ports: Vec<u16> =
            spec.ports.iter().filter_map(|port| u16::try_from(port.container_port).ok()).collect();
        let name = container.image.name.short();
        let program = Program::Server(Box::new(Server::new(ports, container, now)));
        return Ok(Started { command: name.into(), program });
    }
    let command: Str = words.join(" ").into();
    if words.iter().map(|word| &**word).eq(image.command.iter().copied()) && !image.ports.is_empty() {
        let port = container.variable("PORT").and_then(|port| port.parse().ok());
        let ports = port.map_or_else(|| image.ports.to_vec(), |port| vec![port]);
        let program = Program::Server(Box::new(Server::new(ports, container, now)));
        return Ok(Started { command, program });
    }
    run(container, &words, now).map(|program| Started { command, program })
}

/// A further command in a container.
pub(super) fn exec(container: &Container, words: &[Str], now: SimTime) -> Result<Started, String> {
    let command: Str = words.join(" ").into();
    run(container, words, now).map(|program| Started { command, program })
}

/// A command by its words.
fn run(container: &Container, words: &[Str], now: SimTime) -> Result<Program, String> {
    let Some(first) = words.first() else { return Err("no command specified".into()) };
    let name = first.rsplit('/').next().unwrap_or(first);
    let is_path = first.contains('/');
    let is_tool_path = !is_path
        || ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"]
            .iter()
            .any(|folder| first.strip_prefix(folder).is_some_and(|rest| rest == name));
    match name {
        "sleep" if is_tool_path => match sleep_time(&words[1..]) {
            Ok(None) => Ok(Program::Sleep(None)),
            Ok(Some(micros)) => Ok(Program::Sleep(Some(now + micros))),
            Err(()) => Ok(Program::Done(1)),
        },
        "true" | ":" | "sh" if is_tool_path => Ok(Program::Done(0)),
        "false" if is_tool_path => Ok(Program::Done(1)),
        _ if is_path => Err(format!("exec: \"{first}\": stat {first}: no such file or directory")),
        _ => {
            _ = container;
            Err(format!("exec: \"{first}\": executable file not found in $PATH"))
        }
    }
}

/// What `sleep` was told: a span, none for `infinity`, an error for anything else.
pub(super) fn sleep_time(words: &[Str]) -> Result<Option<u64>, ()> {
    let mut total = 0u64;
    if words.is_empty() {
        return Err(());
    }
    for word in words {
        if &**word == "infinity" || &**word == "inf" {
            return Ok(None);
        }
        let (number, unit) = match word.as_bytes().last() {
            Some(b's') => (&word[..word.len() - 1], SECOND),
            Some(b'm') => (&word[..word.len() - 1], 60 * SECOND),
            Some(b'h') => (&word[..word.len() - 1], 3_600 * SECOND),
            Some(b'd') => (&word[..word.len() - 1], 86_400 * SECOND),
            _ => (&**word, SECOND),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| ())? };
        let millis: u64 = format!("{fraction:0<3}").get(..3).unwrap_or("0").parse().map_err(|_| ())?;
        total =
            total.saturating_add(whole.saturating_mul(unit)).saturating_add(millis * (unit / SECOND) * MILLI);
    }
    Ok(Some(total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::runtime::image_name;

    #[test]
    fn nginx_asks_with_the_signal_of_its_version() {
        for (name, signal) in [
            ("nginx:1.14.2", "SIGTERM"),
            ("nginx:1.15.3-alpine", "SIGTERM"),
            ("nginx:1.19.5", "SIGQUIT"),
            ("nginx:1.25", "SIGQUIT"),
            ("nginx", "SIGQUIT"),
            ("example.com/nginx", "SIGTERM"),
        ] {
            let name = image_name(name).expect("valid");
            assert_eq!(image_program(&name).stop_signal, signal, "{name:?}");
        }
    }

    #[test]
    fn sleep_reads_its_times() {
        for (word, expected) in [
            ("3", Ok(Some(3_000_000))),
            ("0.5", Ok(Some(500_000))),
            ("2m", Ok(Some(120_000_000))),
            ("infinity", Ok(None)),
            ("x", Err(())),
        ] {
            assert_eq!(sleep_time(&[word.into()]), expected, "{word}");
        }
    }
}
