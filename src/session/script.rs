//! What was done up to a moment, as lines for a shell.

use super::{Session, breaking, sending};
use crate::cluster::time::SECOND;
use crate::timeline::{Act, Acted};
use crate::value::Str;
use std::fmt::Write;

/// What somebody did, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The machine that it is typed on; none for the terminal where kubectl is.
    pub on: Option<Str>,
    /// The line.
    pub line: String,
}

impl Typed {
    /// What an act of a session is typed as; none for what is no line of a shell, as a file that is written.
    pub fn of(session: &Session, acted: &Acted) -> Option<Self> {
        match &acted.act {
            Act::Command(line) => Some(Self { on: None, line: line.to_string() }),
            Act::Fault(fault) => breaking::typed(session, acted.at, fault).map(Self::there),
            Act::Requests(client) => {
                Some(Self::there(sending::typed(session.timeline().at(acted.at), client)))
            }
            Act::Interrupt(_) | Act::File(..) => None,
        }
    }
    fn there((on, line): (Str, String)) -> Self {
        Self { on: Some(on), line }
    }
    /// As a prompt shows it.
    pub fn prompt(&self) -> String {
        match &self.on {
            None => format!("$ {}", self.line),
            Some(on) => format!("{on} # {}", self.line),
        }
    }
}

/// What was done up to the playhead, as a script for a shell, with the waits between. `acts` are the session's, as they are to be
/// shown. What is done on another machine, as what breaks a node, stands in it as a comment.
pub fn script(session: &Session, acts: &[Acted]) -> String {
    let mut out = String::from("#!/bin/sh\n");
    let mut last = None;
    for acted in acts.iter().filter(|acted| acted.at <= session.at()) {
        let Some(typed) = Typed::of(session, acted) else { continue };
        if let Some(last) = last.replace(acted.at) {
            let waited = acted.at.since(last) / SECOND;
            if waited > 0 {
                _ = writeln!(out, "sleep {waited}");
            }
        }
        _ = match typed.on {
            None => writeln!(out, "{}", typed.line),
            Some(on) => writeln!(out, "# {on}: {}", typed.line),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Kind, ObjectKey};
    use crate::cluster::fault::{Fault, RegistryState};
    use crate::cluster::record::NodeId;
    use crate::session::Action;

    #[test]
    fn all_that_was_done_is_in_the_script() {
        let mut session = Session::default();
        session.apply(Action::LoadExample("deployment"));
        let to_the_end = |session: &mut Session| {
            while session.run(session.at(), 10_000).0 {}
            session.show(session.timeline().history().end());
        };
        to_the_end(&mut session);
        let view = session.timeline().at(session.at());
        let pod = view.objects(Kind::Pod, None).next().expect("a Pod").key();
        let missing = ObjectKey::new(Kind::Pod, "default", "nobody");
        for action in [
            Action::Fault(Fault::KillPause(pod.clone())),
            Action::Fault(Fault::KillPause(missing)),
            Action::Fault(Fault::KubeletStops(NodeId(1))),
            Action::Fault(Fault::KubeletResumes(NodeId(1))),
            Action::Fault(Fault::Registry(RegistryState::Slow)),
            Action::Fault(Fault::ImageGone("never/used:1".into())),
            Action::Command("kubectl get pods".into()),
        ] {
            session.apply(action);
            to_the_end(&mut session);
        }
        let script = script(&session, session.timeline().acts());
        let lines: Vec<&str> = script.lines().filter(|line| !line.starts_with("sleep ")).collect();
        let [shell, apply, kill, stops, resumes, slow, gone, get] = lines[..] else { panic!("{script}") };
        assert_eq!([shell, get], ["#!/bin/sh", "kubectl get pods"]);
        assert!(apply.starts_with("kubectl apply -f "), "{apply}");
        assert!(kill.starts_with("# node-") && kill.contains(": kill -9 "), "{kill}");
        assert_eq!(
            [stops, resumes, slow, gone],
            [
                "# node-2: systemctl stop kubelet",
                "# node-2: systemctl start kubelet",
                "# registry: tc qdisc add dev eth0 root netem rate 1mbit",
                "# registry: crane delete never/used:1",
            ]
        );
    }
}
