//! Random manifests. What becomes of a workload's Pods is known when they are drawn, and stands in their template as
//! an annotation: `laws/fate`.

use crate::draw::Draw;

/// The annotation of a Pod's template that says what becomes of such a Pod.
pub(crate) const FATE: &str = "laws/fate";
/// It becomes ready and stays so.
pub(crate) const READY: &str = "ready";
/// It never does, or not for long.
pub(crate) const NEVER: &str = "never";
/// Its containers end well.
pub(crate) const ENDS: &str = "ends";
/// One of them ends badly.
pub(crate) const FAILS: &str = "fails";

/// The ConfigMap that a person forgets, and makes in the end.
pub(crate) const LATE: &str = "late";

/// The kinds that bring Pods; a bare Pod brings itself.
const KINDS: [&str; 6] = ["Deployment", "Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"];

/// One workload.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// The file with it and its Service.
    pub(crate) text: String,
    /// Images that its container can be given.
    pub(crate) images: &'static [&'static str],
}

impl Workload {
    /// As commands name it.
    pub(crate) fn target(&self) -> String {
        format!("{}/{}", self.kind.to_lowercase(), self.name)
    }
    /// The name of its file.
    pub(crate) fn file(&self) -> String {
        format!("{}.yaml", self.name)
    }
}

const SERVERS: &[&str] = &["nginx:1.25", "nginx:1.26", "nginx:1.27"];
const SHELLS: &[&str] = &["busybox:1.35", "busybox:1.36", "busybox:1.37"];

/// A container's fields, the images that it can have, and what becomes of it.
fn container(draw: Draw, is_endless: bool) -> (String, &'static [&'static str], &'static str) {
    let seconds = draw.below("seconds", 12) + 1;
    let shell = |script: String| format!("command: [sh, -c, \"{script}\"]");
    if !is_endless {
        return match draw.below("end", 4) {
            0 => (shell(format!("sleep {seconds}; exit 3")), SHELLS, FAILS),
            _ => (shell(format!("echo begins; sleep {seconds}; echo ends")), SHELLS, ENDS),
        };
    }
    let port = "ports: [{containerPort: 80}]";
    let probe = |path: &str| format!("{{httpGet: {{path: /, port: {path}}}, periodSeconds: 2}}");
    match draw.below("life", 12) {
        0 | 1 => (format!("{port}, readinessProbe: {}", probe("80")), SERVERS, READY),
        2 => {
            let probes = format!("livenessProbe: {0}, startupProbe: {0}", probe("80"));
            (format!("{port}, {probes}"), SERVERS, READY)
        }
        3 => (format!("{port}, readinessProbe: {}", probe("81")), SERVERS, NEVER),
        4 => (format!("{port}, livenessProbe: {}", probe("81")), SERVERS, NEVER),
        5 => (shell("trap 'exit 0' TERM; while true; do sleep 1; done".into()), SHELLS, READY),
        6 => (shell(format!("sleep {seconds}; exit 1")), SHELLS, NEVER),
        7 => (format!("{port}, envFrom: [{{configMapRef: {{name: {LATE}}}}}]"), SERVERS, READY),
        8 => (format!("{port}, envFrom: [{{configMapRef: {{name: nowhere}}}}]"), SERVERS, NEVER),
        9 => (format!("{port}, lifecycle: {{preStop: {{sleep: {{seconds: {seconds}}}}}}}"), SERVERS, READY),
        10 => (format!("{port}, resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}"), SERVERS, READY),
        _ => (port.into(), SERVERS, READY),
    }
}

/// A Pod's metadata and spec, for a template; the images, and what becomes of the Pod.
fn template(draw: Draw, kind: &str, name: &str) -> (String, &'static [&'static str], &'static str) {
    let is_endless = kind != "Job" && !(kind == "Pod" && draw.chance("ends", 30));
    let (fields, images, fate) = container(draw, is_endless);
    let image = images[draw.below("image", images.len() as u64) as usize];
    let mut spec = format!("containers: [{{name: main, image: \"{image}\", {fields}}}]");
    if !is_endless {
        spec += &format!(", restartPolicy: {}", draw.pick("restart", &["Never", "OnFailure"]));
    }
    if draw.chance("grace", 40) {
        spec += &format!(", terminationGracePeriodSeconds: {}", draw.below("grace period", 15) + 1);
    }
    if draw.chance("init", 20) {
        spec += ", initContainers: [{name: before, image: \"busybox:1.36\", command: [sh, -c, sleep 1]}]";
    }
    if kind == "DaemonSet" || draw.chance("tolerates", 20) {
        spec += ", tolerations: [{operator: Exists, effect: NoExecute, tolerationSeconds: 5}]";
    }
    let metadata = format!("labels: {{app: {name}}}, annotations: {{{FATE}: {fate}}}");
    (format!("metadata: {{{metadata}}}\nspec: {{{spec}}}"), images, fate)
}

fn bound(draw: Draw, what: &str) -> &'static str {
    draw.pick(what, &["0", "1", "2", "25%", "50%"])
}

/// What a workload's spec has besides its selector and its template.
fn spec(draw: Draw, kind: &str, fate: &str) -> String {
    let replicas = format!("replicas: {}", draw.below("replicas", 5));
    match kind {
        "Deployment" => {
            let unavailable = bound(draw, "unavailable");
            let surge = match bound(draw, "surge") {
                "0" if unavailable == "0" => "1",
                other => other,
            };
            let ready = draw.pick("min ready", &["0", "0", "0", "3"]);
            let strategy = match draw.chance("recreates", 20) {
                true => "strategy: {type: Recreate}".into(),
                false => format!(
                    "strategy: {{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}"
                ),
            };
            format!("{replicas}, {strategy}, minReadySeconds: {ready}")
        }
        "StatefulSet" => {
            let policy = draw.pick("policy", &["OrderedReady", "OrderedReady", "Parallel"]);
            format!("{replicas}, serviceName: x, podManagementPolicy: {policy}")
        }
        "Job" => {
            let (parallelism, completions) =
                (draw.below("parallelism", 3) + 1, draw.below("completions", 4) + 1);
            let limit = if fate == FAILS { draw.below("limit", 3) } else { 6 };
            format!("parallelism: {parallelism}, completions: {completions}, backoffLimit: {limit}")
        }
        _ => String::new(),
    }
}

/// A workload, with a Service in front of it where chance will have it.
pub(crate) fn workload(draw: Draw, name: String) -> Workload {
    let kind = draw.pick("kind", &KINDS);
    let (template, images, fate) = template(draw, kind, &name);
    let indented = template.replace('\n', "\n    ");
    let mut text = match kind {
        "Pod" => {
            let named = template.replacen("metadata: {", &format!("metadata: {{name: {name}, "), 1);
            format!("apiVersion: v1\nkind: Pod\n{named}\n")
        }
        _ => {
            let version = if kind == "Job" { "batch/v1" } else { "apps/v1" };
            let mut out = format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n");
            for field in fields(&spec(draw, kind, fate)) {
                out += &format!("  {field}\n");
            }
            if kind != "Job" {
                out += &format!("  selector: {{matchLabels: {{app: {name}}}}}\n");
            }
            out + &format!("  template:\n    {indented}\n")
        }
    };
    if draw.chance("service", 60) {
        text += &format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}\n"
        );
    }
    Workload { kind, name, text, images }
}

/// The fields of a flow mapping's inside, each as a line.
fn fields(inside: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in inside.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ',' if depth == 0 => {
                found.push(inside[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(inside[start..].trim());
    found.retain(|field| !field.is_empty());
    found
}
