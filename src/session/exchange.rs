//! What two containers of a Pod have together, shown by commands: one writes a file, and the other reads it.

use crate::api::objects::{Container, Pod, Volume};
use crate::value::Str;

/// Where two containers look for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The shared memory of the Pod.
    Memory,
    /// That of its node, with `hostIPC`.
    NodeMemory,
    /// A volume that both mount.
    Volume(Str),
    /// The file system of each: it is not shared.
    Own,
}

/// A command that writes, and one that reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Where.
    pub place: Place,
    /// Who writes and who reads.
    pub containers: [Str; 2],
    /// The command that writes.
    pub write: Str,
    /// The command that reads.
    pub read: Str,
}

/// What the first two running containers of a Pod can show; nothing where fewer run. Where one of them mounts something over
/// a folder of the runtime's, that folder shows nothing.
pub fn exchanges(pod: &Pod) -> Vec<Exchange> {
    let running = |container: &&Container| {
        let statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
        let mut its = statuses.filter(|status| status.name == container.name);
        its.any(|status| status.state.running.is_some())
    };
    let containers = pod.spec.init_containers.iter().chain(&pod.spec.containers);
    let running: Vec<&Container> = containers.filter(running).collect();
    let [first, second, ..] = running[..] else { return Vec::new() };
    let place = if pod.spec.host_ipc { Place::NodeMemory } else { Place::Memory };
    let of_runtime = |place: Place, folder: &str| {
        let is_free = ![first, second].iter().any(|container| covers(container, folder));
        is_free.then(|| exchange(pod, place, [first, second], [folder, folder]))
    };
    let memory = of_runtime(place, "/dev/shm");
    let volumes = pod.spec.volumes.iter().filter(|volume| can_be_written(volume)).filter_map(|volume| {
        let writer = running.iter().find(|container| mount(container, volume, true).is_some())?;
        let reader = running
            .iter()
            .find(|container| container.name != writer.name && mount(container, volume, false).is_some())?;
        let paths = [mount(writer, volume, true)?, mount(reader, volume, false)?];
        Some(exchange(pod, Place::Volume(volume.name.clone()), [writer, reader], paths))
    });
    let own = of_runtime(Place::Own, "/tmp");
    memory.into_iter().chain(volumes).chain(own).collect()
}

/// Whether a container mounts something at a folder or above it.
fn covers(container: &Container, folder: &str) -> bool {
    container.volume_mounts.iter().any(|mount| {
        let below = folder.strip_prefix(mount.mount_path.trim_end_matches('/'));
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Whether a container can write into a volume of this sort: those of ConfigMaps, Secrets and the like are read only.
fn can_be_written(volume: &Volume) -> bool {
    volume.empty_dir.is_some() || volume.persistent_volume_claim.is_some()
}

/// Where a container mounts a volume as a whole.
fn mount<'a>(container: &'a Container, volume: &Volume, writes: bool) -> Option<&'a str> {
    let mut mounts = container.volume_mounts.iter();
    let is_it = |mount: &&crate::api::objects::VolumeMount| {
        mount.name == volume.name && mount.sub_path.is_empty() && !(writes && mount.read_only)
    };
    mounts.find(is_it).map(|mount| mount.mount_path.trim_end_matches('/'))
}

fn exchange(pod: &Pod, place: Place, [from, to]: [&Container; 2], [writes, reads]: [&str; 2]) -> Exchange {
    let meta = &pod.metadata;
    let namespace = match &*meta.namespace {
        "" | "default" => String::new(),
        other => format!(" -n {other}"),
    };
    let exec = |container: &Container, what: &str| {
        Str::from(format!("kubectl exec {}{namespace} -c {} -- {what}", meta.name, container.name))
    };
    Exchange {
        place,
        containers: [from.name.clone(), to.name.clone()],
        write: exec(from, &format!("sh -c 'echo from {} > {writes}/note'", from.name)),
        read: exec(to, &format!("cat {reads}/note")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::time::SimTime;
    use crate::session::{Action, Session};

    const TWO: &str = "
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  volumes:
  - {name: data, emptyDir: {}}
  containers:
  - {name: one, image: 'busybox:1.36', command: [sleep, '3600'], volumeMounts: [{name: data, mountPath: /out}]}
  - {name: other, image: 'busybox:1.36', command: [sleep, '3600'], volumeMounts: [{name: data, mountPath: /in}]}
";

    /// The session once all that is asked for is done.
    fn until(session: &mut Session, seconds: u64) {
        let at = SimTime::millis(seconds * 1_000);
        while session.run(at, 10_000).0 {}
        session.show(at);
    }

    /// What each command of the exchanges prints.
    fn played(text: &str) -> Vec<(Place, String)> {
        let mut session = Session::default();
        let file = session.open_file().name.clone();
        session.apply(Action::EditFile(file.clone(), text.into()));
        session.apply(Action::Command(format!("kubectl apply -f {file}").into()));
        until(&mut session, 20);
        let exchanges = {
            let view = session.timeline().at(session.at());
            let pod = view.all::<Pod>().next().expect("it is there");
            exchanges(pod)
        };
        let mut second = 20;
        let mut said = Vec::new();
        for exchange in exchanges {
            for command in [&exchange.write, &exchange.read] {
                session.apply(Action::Command(command.clone()));
                second += 2;
                until(&mut session, second);
            }
            let view = session.timeline().at(session.at());
            let last = view.commands().last().expect("it was given");
            let printed: String = last.printed().map(|(_, text)| text.to_string()).collect();
            said.push((exchange.place, printed));
        }
        said
    }

    #[test]
    fn what_one_writes_the_other_reads_where_both_have_it() {
        let own =
            "cat: can't open '/tmp/note': No such file or directory\ncommand terminated with exit code 1\n";
        assert_eq!(
            played(TWO),
            [
                (Place::Memory, "from one\n".to_owned()),
                (Place::Volume("data".into()), "from one\n".to_owned()),
                (Place::Own, own.to_owned()),
            ]
        );
    }

    #[test]
    fn a_folder_that_is_mounted_over_shows_nothing() {
        let places = |one: &str, other: &str| {
            let text = TWO.replace("/out", one).replace("/in", other);
            played(&text).into_iter().map(|(place, _)| place).collect::<Vec<_>>()
        };
        let data = Place::Volume("data".into());
        assert_eq!(places("/tmp", "/tmp"), [Place::Memory, data.clone()]);
        assert_eq!(places("/tmp/", "/in"), [Place::Memory, data.clone()]);
        assert_eq!(places("/dev/shm", "/dev/shm"), [data.clone(), Place::Own]);
        assert_eq!(places("/tmp/below", "/tmpfs"), [Place::Memory, data, Place::Own]);
    }

    #[test]
    fn one_container_alone_has_nobody_to_share_with() {
        let one = TWO.lines().filter(|line| !line.contains("name: other")).collect::<Vec<_>>().join("\n");
        assert_eq!(played(&one), []);
    }

    #[test]
    fn with_host_ipc_the_memory_is_that_of_the_node() {
        let host = TWO.replace("spec:", "spec:\n  hostIPC: true\n  nodeName: node-1");
        let other = host.replace("name: two", "name: later");
        let both = format!("{host}---{other}");
        let mut session = Session::default();
        let file = session.open_file().name.clone();
        session.apply(Action::EditFile(file.clone(), both.as_str().into()));
        session.apply(Action::Command(format!("kubectl apply -f {file}").into()));
        until(&mut session, 20);
        session.apply(Action::Command("kubectl exec two -c one -- sh -c 'echo hi > /dev/shm/note'".into()));
        until(&mut session, 22);
        session.apply(Action::Command("kubectl exec later -c one -- cat /dev/shm/note".into()));
        until(&mut session, 24);
        let view = session.timeline().at(session.at());
        let last = view.commands().last().expect("it was given");
        assert_eq!(last.printed().map(|(_, text)| text.to_string()).collect::<String>(), "hi\n");
    }
}
