//! What images do: their commands, stop signals and ports.

mod server;
mod stress;

pub(super) use server::Server;
pub(super) use stress::Stress;

use super::containers::Container;
use super::images::ImageName;
use super::process::Program;
use super::sh::{OTHERS, Shell, TOOLS};
use crate::cluster::time::{MILLI, SECOND, SimTime};
use crate::value::Str;

/// What an image does when nothing else is said.
#[derive(Clone, Debug)]
pub(super) struct ImageProgram {
    /// Its command line.
    pub(super) command: &'static [&'static str],
    /// Whether arguments follow that line rather than replace it (an `ENTRYPOINT`).
    pub(super) is_entry: bool,
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
        is_entry: false,
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
        "polinux/stress" if known => server(&["stress"], &[], "SIGTERM"),
        "progrium/stress" if known => ImageProgram { is_entry: true, ..server(&["stress"], &[], "SIGTERM") },
        "alexeiled/stress-ng" | "colinianking/stress-ng" | "polinux/stress-ng" if known => {
            ImageProgram { is_entry: true, ..server(&["stress-ng"], &[], "SIGTERM") }
        }
        OF_DOCUMENTATION if known => ImageProgram { is_entry: true, ..server(&["/stress"], &[], "SIGTERM") },
        short if known && short.starts_with("dockersamples/examplevotingapp_") => {
            server(&["/app"], &[80], "SIGTERM")
        }
        _ => ImageProgram {
            command: &[],
            is_entry: false,
            ports: &[],
            stop_signal: "SIGTERM",
            assumed: true,
            tools: Tools::Unknown,
        },
    }
}

/// The image of the documentation's page on processor time.
const OF_DOCUMENTATION: &str = "vish/stress";

/// nginx's image asks with SIGQUIT since 1.19.5.
fn is_nginx_since_quit(tag: &str) -> bool {
    let mut numbers = tag.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(1), Some(minor), patch) => minor > 19 || (minor == 19 && patch.is_none_or(|patch| patch >= 5)),
        _ => true,
    }
}

/// What an image puts into the environment.
pub(super) fn image_env(name: &ImageName) -> Vec<(Str, Str)> {
    const PATH: Str = Str::of(&"PATH");
    const FOLDERS: Str = Str::of(&"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    const VERSION: Str = Str::of(&"VERSION");
    let mut env = vec![(PATH, FOLDERS)];
    if matches!(name.short(), "nginx" | "podium/web") && &*name.registry == "docker.io" {
        env.push((VERSION, name.tag.clone()));
    }
    env
}

/// A program that begins, with its command line.
pub(super) struct Started {
    pub(super) command: Str,
    pub(super) program: Program,
    /// Whether what it would do is not known.
    pub(super) not_simulated: bool,
}

/// How a command is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A small tool.
    Tool(&'static str),
    /// A shell, or the server of the image.
    Program,
    /// A script that was written.
    File,
    /// It is there, or may be, and is not simulated.
    NotSimulated,
    /// It is not there.
    Nothing,
}

/// Looks a command up.
pub(super) fn find(container: &Container, name: &str) -> Found {
    let image = image_program(&container.image.name);
    let bare = name.rsplit('/').next().unwrap_or(name);
    let folders = ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/"];
    let is_found =
        !name.contains('/') || folders.iter().any(|folder| name.strip_prefix(folder) == Some(bare));
    if image.command.first() == Some(&name) || is_found && image.command.first() == Some(&bare) {
        return Found::Program;
    }
    if name.contains('/') && container.files.is_file(&super::files::absolute("", name)) {
        return Found::File;
    }
    let is_small = matches!(container.image.name.short(), "busybox" | "alpine")
        || container.image.name.tag.contains("alpine");
    if is_found {
        match bare {
            "sh" | "ash" | "dash" => return Found::Program,
            "bash" if !is_small => return Found::Program,
            "curl" if has_curl(&container.image.name, image.tools) => return Found::Tool("curl"),
            "curl" if image.tools == Tools::Shell => return Found::Nothing,
            "apt-get" | "apt" | "perl" if !is_small => return Found::NotSimulated,
            "apk" if is_small => return Found::NotSimulated,
            "stress" | "stress-ng" if image.tools == Tools::Unknown => return Found::Program,
            _ => {}
        }
        if let Some(tool) = TOOLS.iter().find(|tool| **tool == bare) {
            return Found::Tool(tool);
        }
        if OTHERS.contains(&bare) || own_tools(&container.image.name).contains(&bare) {
            return Found::NotSimulated;
        }
    }
    if image.tools == Tools::Unknown { Found::NotSimulated } else { Found::Nothing }
}

/// What the image of a server has beside it, as probes and hooks call it.
fn own_tools(name: &ImageName) -> &'static [&'static str] {
    match name.short() {
        "redis" => &["redis-cli"],
        "postgres" => &["pg_ctl", "pg_isready", "psql"],
        "mysql" => &["mysql", "mysqladmin"],
        "mariadb" => &["healthcheck.sh", "mariadb", "mariadb-admin", "mysql", "mysqladmin"],
        "mongo" => &["mongo", "mongosh"],
        _ => &[],
    }
}

/// Whether an image has curl: nginx's has, and of those that nobody knows here it is taken for granted.
fn has_curl(name: &ImageName, tools: Tools) -> bool {
    name.short() == "nginx" || tools == Tools::Unknown
}

/// Why a command is not there, in the runtime's words.
fn missing(name: &str) -> String {
    if name.contains('/') {
        format!("exec: \"{name}\": stat {name}: no such file or directory")
    } else {
        format!("exec: \"{name}\": executable file not found in $PATH")
    }
}

/// A server on the ports that a container says it has.
fn assumed_server(container: &Container, now: SimTime) -> Program {
    let ports = container.spec().map(|spec| &spec.ports[..]).unwrap_or_default();
    let ports = ports.iter().filter_map(|port| u16::try_from(port.container_port).ok()).collect();
    Program::Server(Box::new(Server::new(ports, container, now)))
}

/// A container's first process: its own command or the image's. The error is the runtime's sentence.
pub(super) fn start(container: &Container, now: SimTime) -> Result<Started, String> {
    let image = image_program(&container.image.name);
    let Some(spec) = container.spec() else { return Err("no such container".into()) };
    let mut words: Vec<Str> = spec.command.clone();
    if words.is_empty() && (spec.args.is_empty() || image.is_entry || image.assumed) {
        words = image.command.iter().map(Str::of).collect();
    }
    words.extend(spec.args.iter().cloned());
    if image.assumed && spec.command.is_empty() {
        let command = container.image.name.short().into();
        return Ok(Started { command, program: assumed_server(container, now), not_simulated: false });
    }
    let Some(first) = words.first() else { return Err("no command specified".into()) };
    let command: Str = words.join(" ").into();
    match find(container, first) {
        Found::Nothing => Err(missing(first)),
        Found::NotSimulated if image.assumed => {
            Ok(Started { command, program: assumed_server(container, now), not_simulated: true })
        }
        Found::NotSimulated => Ok(Started { command, program: Program::Done(127), not_simulated: true }),
        Found::Tool(_) | Found::Program | Found::File => {
            let folder = spec.working_dir.trim_end_matches('/');
            let program = match program(container, &words, &container.env, folder, now)? {
                // A shell whose input stays open waits for somebody who types.
                Program::Done(0) if spec.stdin => Program::Sleep(None),
                program => program,
            };
            Ok(Started { command, program, not_simulated: false })
        }
    }
}

/// A further command in a container.
pub(super) fn exec(container: &Container, words: &[Str], now: SimTime) -> Result<Started, String> {
    let Some(first) = words.first() else { return Err("no command specified".into()) };
    let command: Str = words.join(" ").into();
    let folder = container.spec().map(|spec| spec.working_dir.clone()).unwrap_or_default();
    match find(container, first) {
        Found::Nothing => Err(missing(first)),
        Found::NotSimulated => Ok(Started { command, program: Program::Done(127), not_simulated: true }),
        Found::Tool(_) | Found::Program | Found::File => {
            let program = program(container, words, &container.env, folder.trim_end_matches('/'), now)?;
            Ok(Started { command, program, not_simulated: false })
        }
    }
}

/// What a command that was found runs.
pub(super) fn program(
    container: &Container,
    words: &[Str],
    env: &[(Str, Str)],
    folder: &str,
    now: SimTime,
) -> Result<Program, String> {
    let image = image_program(&container.image.name);
    let Some(first) = words.first() else { return Err("no command specified".into()) };
    let bare = first.rsplit('/').next().unwrap_or(first);
    let is_server = image.command.first().is_some_and(|command| [&**first, bare].contains(command));
    if is_server && !image.ports.is_empty() {
        if let Some(signal) = asked_of_nginx(bare, &words[1..]) {
            // In a PID namespace of the whole Pod the first process is `pause`, and which one is nginx's is not known here: it goes
            // on until the kubelet stops the container.
            if container.pod.spec.share_process_namespace == Some(true) {
                return Ok(Program::Done(0));
            }
            // Its master is the container's first process, and takes some milliseconds to end; this has ended by then.
            let text = format!("(sleep 0.02; kill -{signal} 1) &");
            return Ok(Program::Shell(Box::new(Shell::new(&text, vec!["sh".into()], env, folder)?)));
        }
        let port =
            env.iter().rev().find(|(name, _)| &**name == "PORT").and_then(|(_, port)| port.parse().ok());
        let ports = port.map_or_else(|| image.ports.to_vec(), |port| vec![port]);
        return Ok(Program::Server(Box::new(Server::new(ports, container, now))));
    }
    match bare {
        "sh" | "ash" | "dash" | "bash" => shell(container, words, env, folder),
        "sleep" => Ok(match sleep_time(&words[1..]) {
            Ok(until) => Program::Sleep(until.map(|micros| now + micros)),
            Err(()) => Program::Done(1),
        }),
        "stress" | "stress-ng" => {
            let is_of_documentation = container.image.name.short() == OF_DOCUMENTATION;
            Ok(Program::Stress(Box::new(Stress::new(words, is_of_documentation, now))))
        }
        bare => {
            let mut words = words.to_vec();
            words[0] = bare.into();
            Ok(Program::Shell(Box::new(Shell::tool(&words, env, folder))))
        }
    }
}

/// The signal that `nginx -s` sends to the master (upstream: ngx_signal_process).
fn asked_of_nginx(program: &str, words: &[Str]) -> Option<&'static str> {
    match words {
        [flag, what] if program == "nginx" && &**flag == "-s" => match &**what {
            "quit" => Some("QUIT"),
            "stop" => Some("TERM"),
            "reload" => Some("HUP"),
            "reopen" => Some("USR1"),
            _ => None,
        },
        _ => None,
    }
}

/// A shell: with `-c` it runs a text, with a file's name the file; without either it reads its input, which has none.
fn shell(container: &Container, words: &[Str], env: &[(Str, Str)], folder: &str) -> Result<Program, String> {
    let mut flags = String::new();
    let mut rest = &words[1..];
    while let Some((first, after)) = rest.split_first().filter(|(first, _)| first.starts_with('-')) {
        flags.push_str(&first[1..]);
        rest = after;
    }
    let (text, arguments) = if flags.contains('c') {
        let Some((text, after)) = rest.split_first() else { return Ok(Program::Done(2)) };
        let mut arguments = after.to_vec();
        if arguments.is_empty() {
            arguments.push("sh".into());
        }
        (text.clone(), arguments)
    } else if let Some(file) = rest.first() {
        match container.files.read(&super::files::absolute(folder, file)) {
            Ok(text) => (text.clone(), rest.to_vec()),
            Err(_) => return Ok(Program::Done(2)),
        }
    } else {
        return Ok(Program::Done(0));
    };
    let text = if flags.contains('e') { format!("set -e\n{text}").into() } else { text };
    Ok(match Shell::new(&text, arguments.clone(), env, folder) {
        Ok(shell) => Program::Shell(Box::new(shell)),
        // The shell says what it does not understand and ends.
        Err(why) => {
            let said = "echo \"$1\" >&2; exit 2";
            let arguments = vec!["sh".into(), format!("sh: {why}").into()];
            Program::Shell(Box::new(Shell::new(said, arguments, env, folder)?))
        }
    })
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
