//! The tools that ask the network: `wget` and `nslookup` as busybox has them, and `curl`.

use super::super::super::files::absolute;
use super::super::{Engine, Event, FORK, Outcome, Runtime, Shell, Streams, Wait};
use crate::cluster::dial::{Dial, Dialed};
use crate::cluster::dns::CLUSTER_DNS;
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::value::Str;

/// How long a connection is tried that nothing answers (Linux: `tcp_syn_retries`).
const GIVES_UP: Micros = 131 * SECOND;

/// A tool that waits for the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Caller {
    pub(in super::super) dial: Dial,
    tool: &'static str,
    /// The host and the port as they were written.
    host: Str,
    /// Where the text goes: a file, or `-` for standard output.
    output: Option<Str>,
    is_quiet: bool,
    /// `curl -S`: errors are told all the same.
    says_errors: bool,
    /// `wget --spider`: nothing is fetched.
    is_spider: bool,
    /// `curl -f`: an error is no text.
    fails: bool,
    /// `curl -w`: what is printed behind.
    format: Option<Str>,
    timeout: Option<Micros>,
    begun: SimTime,
    pub(in super::super) streams: Streams,
}

impl Runtime {
    /// Runs one of them.
    pub(super) fn network_tool(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        tool: &'static str,
        words: &[Str],
    ) -> Outcome {
        let caller = match self.caller(engine.now, pid, shell, tool, words) {
            Ok(caller) => caller,
            Err(NotCalled::Misused(text, status)) => {
                self.say(engine, pid, shell, true, &text);
                return Outcome::Status(status);
            }
            Err(NotCalled::NotSimulated) => {
                self.not_simulated(engine, pid, &format!("{tool} {}", words.join(" ")));
                self.complain(engine, pid, shell, format!("{tool}: {}: not simulated", words.join(" ")));
                return Outcome::Status(127);
            }
        };
        // Within its own namespace nothing travels.
        if let Some((port, path)) = &caller.dial.to
            && (matches!(&*caller.dial.host, "localhost" | "127.0.0.1")
                || self.address_of(pid).is_some_and(|ip| ip == caller.dial.host))
        {
            let address =
                if &*caller.dial.host == "localhost" { "127.0.0.1".into() } else { caller.dial.host.clone() };
            let dialed = match self.serves(engine.now, pid, *port, path) {
                Some((code, body)) => Dialed::Answered { address, code, body },
                None => Dialed::Refused(address),
            };
            return Outcome::Status(self.tell(engine, pid, shell, &caller, &dialed));
        }
        shell.has_acted = true;
        shell.wait = Wait::Network(Box::new(caller));
        engine.schedule(engine.now + FORK, Event::Dial(self.node, pid));
        Outcome::Waits
    }
    /// What a process waits for the network to answer.
    pub(in crate::cluster) fn dial_of(&self, pid: u32) -> Option<Dial> {
        match self.shell_of(pid)?.wait {
            Wait::Network(ref caller) => Some(caller.dial.clone()),
            _ => None,
        }
    }
    /// The network answers a process that waits for it: it hears of it at `at`, or when its own time is over.
    pub(in crate::cluster) fn dialed(&mut self, engine: &mut Engine, pid: u32, dialed: Dialed, at: SimTime) {
        let Some(shell) = self.shell_of_mut(pid) else { return };
        let Wait::Network(caller) = std::mem::replace(&mut shell.wait, Wait::None) else { return };
        let gives_up = caller.begun + caller.timeout.unwrap_or(GIVES_UP);
        let at = if matches!(dialed, Dialed::NoAnswer(_)) { gives_up } else { at.min(gives_up) };
        let dialed = match dialed {
            Dialed::Answered { address, .. } if at == gives_up => Dialed::NoAnswer(address),
            dialed => dialed,
        };
        shell.wait = Wait::Answer(at, Box::new((*caller, dialed)));
        self.go_on(engine, pid);
    }
    /// Reads what a tool was given.
    fn caller(
        &self,
        now: SimTime,
        pid: u32,
        shell: &Shell,
        tool: &'static str,
        words: &[Str],
    ) -> Result<Caller, NotCalled> {
        let mut caller = Caller {
            dial: Dial {
                host: Str::default(),
                to: None,
                namespace: self.asks_cluster_names(pid),
                from: self.address_of(pid).unwrap_or_default(),
            },
            tool,
            host: Str::default(),
            output: None,
            is_quiet: false,
            says_errors: false,
            is_spider: false,
            fails: false,
            format: None,
            timeout: None,
            begun: now,
            streams: shell.streams.clone(),
        };
        let mut url = None;
        let mut rest = words.iter();
        let time =
            |text: &str| text.parse::<f64>().ok().map(|seconds| (seconds.clamp(0.0, 1e6) * 1e6) as Micros);
        while let Some(word) = rest.next() {
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) =
                    long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
                let mut value = || value.map(Str::from).or_else(|| rest.next().cloned()).unwrap_or_default();
                match (tool, name) {
                    ("wget", "spider") => caller.is_spider = true,
                    ("wget", "quiet") | ("curl", "silent") => caller.is_quiet = true,
                    ("wget", "timeout") | ("curl", "max-time" | "connect-timeout") => {
                        caller.timeout = time(&value())
                    }
                    ("wget", "output-document") | ("curl", "output") => caller.output = Some(value()),
                    ("curl", "fail") => caller.fails = true,
                    ("curl", "write-out") => caller.format = Some(value()),
                    ("wget", "no-check-certificate") | ("curl", "insecure" | "location") => {}
                    ("curl", "show-error") => caller.says_errors = true,
                    _ => return Err(NotCalled::NotSimulated),
                }
                continue;
            }
            let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                url = url.or_else(|| Some(word.clone()));
                continue;
            };
            for (at, letter) in letters.char_indices() {
                let behind = &letters[at + letter.len_utf8()..];
                let mut value = || {
                    if behind.is_empty() { rest.next().cloned().unwrap_or_default() } else { behind.into() }
                };
                match (tool, letter) {
                    ("wget", 'q') | ("curl", 's') => caller.is_quiet = true,
                    ("curl", 'S') => caller.says_errors = true,
                    ("curl", 'f') => caller.fails = true,
                    ("wget", 'c') | ("curl", 'k' | 'L') => {}
                    ("wget", 'O') | ("curl", 'o') => caller.output = Some(value()),
                    ("wget", 'T') | ("curl", 'm') => caller.timeout = time(&value()),
                    ("curl", 'w') => caller.format = Some(value()),
                    ("wget", 't' | 'Y') => _ = value(),
                    _ => return Err(NotCalled::NotSimulated),
                }
                if "OTtYomw".contains(letter) {
                    break;
                }
            }
        }
        let Some(url) = url else {
            return Err(match tool {
                "curl" => NotCalled::Misused(
                    "curl: try 'curl --help' or 'curl --manual' for more information\n".into(),
                    2,
                ),
                "wget" => NotCalled::Misused("wget: missing URL\n".into(), 1),
                _ => NotCalled::NotSimulated,
            });
        };
        if tool == "nslookup" {
            caller.dial.host = url;
            return Ok(caller);
        }
        if url.starts_with("https://") || url.starts_with("ftp://") {
            return Err(NotCalled::NotSimulated);
        }
        let rest = url.strip_prefix("http://").unwrap_or(&url);
        let (host, path) =
            rest.split_once('/').map_or((rest, "/".to_owned()), |(host, path)| (host, format!("/{path}")));
        let (name, port) =
            host.split_once(':').map_or((host, Some(80)), |(name, port)| (name, port.parse().ok()));
        let Some(port) = port else { return Err(NotCalled::NotSimulated) };
        caller.host = host.into();
        caller.dial.host = name.into();
        caller.dial.to = Some((port, path.as_str().into()));
        if tool == "wget" && caller.output.is_none() {
            let last = path.rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or("index.html");
            caller.output = Some(last.into());
        }
        Ok(caller)
    }
    /// A tool prints what came of it, and ends with this status.
    pub(in super::super) fn tell(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        caller: &Caller,
        dialed: &Dialed,
    ) -> i32 {
        if *dialed == Dialed::Outside {
            self.not_simulated(engine, pid, &format!("{} {}", caller.tool, caller.dial.host));
            let what =
                format!("{}: {}: not simulated: it lies outside the cluster", caller.tool, caller.dial.host);
            self.complain(engine, pid, shell, what);
            return 127;
        }
        match caller.tool {
            "nslookup" => self.tell_names(engine, pid, shell, dialed),
            "curl" => self.tell_curl(engine, pid, shell, caller, dialed),
            _ => self.tell_wget(engine, pid, shell, caller, dialed),
        }
    }
    fn tell_names(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell, dialed: &Dialed) -> i32 {
        let Dialed::Names(names) = dialed else { return 1 };
        let mut out = format!("Server:\t\t{CLUSTER_DNS}\nAddress:\t{CLUSTER_DNS}:53\n\n");
        // Each is asked for addresses of both families, and nobody here has one of the newer.
        for is_newer in [false, true] {
            for (name, addresses) in names {
                match &addresses[..] {
                    [] => out.push_str(&format!("** server can't find {name}: NXDOMAIN\n")),
                    _ if is_newer => {}
                    all => all.iter().for_each(|ip| out.push_str(&format!("Name:\t{name}\nAddress: {ip}\n"))),
                }
                out.push('\n');
            }
        }
        self.say(engine, pid, shell, false, &out);
        i32::from(names.iter().any(|(_, addresses)| addresses.is_empty()))
    }
    fn tell_wget(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        caller: &Caller,
        dialed: &Dialed,
    ) -> i32 {
        let host = &caller.host;
        let port = caller.dial.to.as_ref().map_or(80, |(port, _)| *port);
        let address = match dialed {
            Dialed::Answered { address, .. } | Dialed::Refused(address) | Dialed::NoAnswer(address) => {
                address
            }
            _ => {
                self.complain(engine, pid, shell, format!("wget: bad address '{host}'"));
                return 1;
            }
        };
        if !caller.is_quiet {
            self.complain(engine, pid, shell, format!("Connecting to {host} ({address}:{port})"));
        }
        let why = match dialed {
            Dialed::Answered { code, .. } if *code >= 400 => {
                let word = match code {
                    403 => "Forbidden",
                    503 => "Service Unavailable",
                    _ => "Not Found",
                };
                format!("server returned error: HTTP/1.1 {code} {word}")
            }
            Dialed::Answered { body, .. } => return self.fetched(engine, pid, shell, caller, body),
            Dialed::NoAnswer(_) if caller.timeout.is_some() => "download timed out".to_owned(),
            Dialed::NoAnswer(_) => format!("can't connect to remote host ({address}): Operation timed out"),
            _ => format!("can't connect to remote host ({address}): Connection refused"),
        };
        self.complain(engine, pid, shell, format!("wget: {why}"));
        1
    }
    /// `wget` has the text.
    fn fetched(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        caller: &Caller,
        body: &str,
    ) -> i32 {
        let tells = |text: String| if caller.is_quiet { String::new() } else { text };
        if caller.is_spider {
            self.say(engine, pid, shell, true, &tells("remote file exists\n".to_owned()));
            return 0;
        }
        let file = caller.output.as_deref().unwrap_or("-");
        let bar = format!("100% |{}| {:5}  0:00:00 ETA\n", "*".repeat(32), body.len());
        if file == "-" {
            self.say(engine, pid, shell, true, &tells("writing to stdout\n".to_owned()));
            self.say(engine, pid, shell, false, body);
            self.say(engine, pid, shell, true, &tells(format!("{:20} {bar}written to stdout\n", "-")));
            return 0;
        }
        self.say(engine, pid, shell, true, &tells(format!("saving to '{file}'\n{file:20} {bar}")));
        let path = absolute(&shell.folder, file);
        if path == "/dev/null" {
            self.say(engine, pid, shell, true, &tells(format!("'{file}' saved\n")));
            return 0;
        }
        match self.write_file(pid, &path, body, false) {
            Ok(()) => {
                self.say(engine, pid, shell, true, &tells(format!("'{file}' saved\n")));
                0
            }
            Err(why) => {
                self.complain(engine, pid, shell, format!("wget: can't open '{file}': {why}"));
                1
            }
        }
    }
    fn tell_curl(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        caller: &Caller,
        dialed: &Dialed,
    ) -> i32 {
        let host = &caller.dial.host;
        let port = caller.dial.to.as_ref().map_or(80, |(port, _)| *port);
        let took = engine.now.since(caller.begun) / MILLI;
        let not_connected =
            || format!("Failed to connect to {host} port {port} after {took} ms: Couldn't connect to server");
        let (code, body, failure) = match dialed {
            Dialed::Answered { code, .. } if caller.fails && *code >= 400 => {
                (*code, "", Some((22, format!("The requested URL returned error: {code}"))))
            }
            Dialed::Answered { code, body, .. } => (*code, &**body, None),
            Dialed::Refused(_) => (0, "", Some((7, not_connected()))),
            Dialed::NoAnswer(_) if caller.timeout.is_some() => {
                (0, "", Some((28, format!("Connection timed out after {took} milliseconds"))))
            }
            Dialed::NoAnswer(_) => (0, "", Some((28, not_connected()))),
            _ => (0, "", Some((6, format!("Could not resolve host: {host}")))),
        };
        if !caller.is_quiet {
            self.say(engine, pid, shell, true, &meter(body.len(), took));
        }
        match caller.output.as_deref().filter(|file| *file != "-") {
            None => self.say(engine, pid, shell, false, body),
            Some("/dev/null") => {}
            Some(file) => _ = self.write_file(pid, &absolute(&shell.folder, file), body, false),
        }
        let behind = caller.format.as_deref().unwrap_or_default();
        let behind = behind
            .replace("%{http_code}", &format!("{code:03}"))
            .replace("%{response_code}", &format!("{code:03}"));
        self.say(engine, pid, shell, false, &behind.replace("\\n", "\n"));
        match failure {
            None => 0,
            Some((status, why)) => {
                if !caller.is_quiet || caller.says_errors {
                    self.complain(engine, pid, shell, format!("curl: ({status}) {why}"));
                }
                status
            }
        }
    }
}

/// curl's meter, as it stands in the end.
fn meter(size: usize, took: Micros) -> String {
    let speed = size as u64 * 1_000 / took.max(1);
    let percent = if size > 0 { 100 } else { 0 };
    format!(
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n\
         {blank:33}Dload  Upload   Total   Spent    Left  Speed\n\
         {percent:3} {size:5}  {percent:3} {size:5}    0     0  {speed:5}      0 --:--:-- --:--:-- --:--:-- {speed:5}\n",
        blank = ""
    )
}

/// Why nothing is called.
enum NotCalled {
    /// What the tool says of it, and its status.
    Misused(String, i32),
    /// The tool could, and this one cannot.
    NotSimulated,
}
