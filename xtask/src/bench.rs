//! Measures the simulation natively, in WebAssembly and in Chromium, beside webernetes and js-yaml: a table of times, ratios
//! and growth.

use std::path::{Path, PathBuf};

use crate::browser::CHROMIUM;
use crate::{Command, Outcome, process, project, tools};

pub(crate) const COMMAND: Command = Command {
    name: "bench",
    arguments: "[WHAT PODS NODES]",
    about: "measures the simulation natively, in WebAssembly and in Chromium, beside webernetes and js-yaml",
    run: |arguments| if arguments.is_empty() { table() } else { one(arguments) },
};

/// What is measured: so many Pods on so many nodes.
const SIZES: &[(u32, u32)] =
    &[(100, 1), (300, 3), (500, 5), (1_000, 10), (5_000, 100), (10_000, 200), (20_000, 400)];

/// What webernetes is measured with.
const BESIDE: &[(u32, u32)] = &[(100, 1), (500, 5)];

/// The sizes that the exponent of growth is taken between.
const GROWTH: [u32; 2] = [1_000, 20_000];

/// The size at which a state is looked up.
const LOOK_UP: (u32, u32) = (10_000, 200);

/// So many Deployments are read beside js-yaml.
const READ: (u32, u32) = (1_000, 1);

const WASI: &str = "wasm32-wasip1";

/// Each is measured so often, and the least counts: what else the machine does only adds.
const TIMES: u32 = 3;

/// One line of JSON that a measured program has printed.
#[derive(Clone, Default)]
struct Measured(String);

impl Measured {
    fn get(&self, name: &str) -> f64 {
        let start = format!("\"{name}\":");
        // A later line says better what an earlier one says too.
        let rest = self.0.rfind(&start).map_or("", |at| &self.0[at + start.len()..]);
        let end = rest.find([',', '}']).unwrap_or(rest.len());
        rest[..end].trim().parse().unwrap_or(f64::NAN)
    }
}

/// The programs that are measured.
struct Programs {
    native: PathBuf,
    wasm: PathBuf,
}

impl Programs {
    fn build() -> Outcome<Self> {
        tools::for_browser()?;
        tools::target(WASI)?;
        let build = |arguments: &[&str]| {
            let mut cargo = process::cargo();
            process::run(
                cargo.args(["build", "--package", "podium", "--bin", "podium-bench"]).args(arguments),
            )
        };
        build(&["--profile", "measured"])?;
        build(&["--profile", "page", "--target", WASI])?;
        let built = project::target().join(WASI).join("page/podium-bench.wasm");
        let wasm = built.with_extension("opt.wasm");
        // As Trunk does it for the page.
        let mut optimiser = process::command("wasm-opt");
        optimiser.args(["-Oz", "--strip-debug", "--strip-producers", "-o"]).arg(&wasm).arg(&built);
        process::run(&mut optimiser)?;
        let native =
            project::target().join("measured/podium-bench").with_extension(std::env::consts::EXE_EXTENSION);
        Ok(Self { native, wasm })
    }
    fn native(&self, what: &str, size: (u32, u32)) -> Outcome<Measured> {
        least(|| process::command(&self.native), what, size)
    }
    fn wasm(&self, what: &str, size: (u32, u32)) -> Outcome<Measured> {
        let node = || {
            let mut node = process::command("node");
            node.arg("--no-warnings").arg(folder().join("node.mjs")).arg(&self.wasm);
            node
        };
        least(node, what, size)
    }
}

/// Measures several times and gives that which took least of the processor.
fn least(program: impl Fn() -> std::process::Command, what: &str, size: (u32, u32)) -> Outcome<Measured> {
    let mut best: Option<Measured> = None;
    for _ in 0..TIMES {
        let mut program = program();
        program.args([what.to_owned(), size.0.to_string(), size.1.to_string()]);
        let printed = process::output(&mut program).ok_or_else(|| format!("{what} {} failed", size.0))?;
        let this = Measured(printed);
        if best.as_ref().is_none_or(|best| this.get("cpuMillis") < best.get("cpuMillis")) {
            best = Some(this);
        }
    }
    Ok(best.unwrap_or_default())
}

/// webernetes and the program that measures it.
fn folder() -> PathBuf {
    project::root().join("bench")
}

/// Installs webernetes where it is not there, and bundles it with what measures it.
fn webernetes() -> Outcome<PathBuf> {
    let folder = folder();
    tools::npm_packages(&folder)?;
    let bundle = project::target().join("bench/webernetes.mjs");
    let mut esbuild = process::command(folder.join("node_modules/.bin/esbuild"));
    esbuild.arg(folder.join("webernetes.mjs"));
    esbuild.args(["--bundle", "--platform=node", "--format=esm", "--minify", "--log-level=warning"]);
    esbuild.arg(format!("--outfile={}", bundle.display()));
    process::run(&mut esbuild)?;
    Ok(bundle)
}

/// What only a browser can tell: a paste of 300 Pods, and a long text read beside js-yaml.
fn chromium(programs: &Programs) -> Outcome<Measured> {
    let text = project::target().join("bench/text.yaml");
    let printed = process::output(process::command(&programs.native).args(["text", "1000", "1"]));
    project::write(&text, &printed.ok_or("the text was not printed")?)?;
    let mut node = process::command("node");
    node.arg("bench.mjs").arg(&programs.wasm).arg(folder().join("wasi.mjs"));
    node.arg(folder().join("node_modules/js-yaml/dist/js-yaml.mjs")).arg(&text);
    node.current_dir(project::e2e()).env("CHROMIUM", CHROMIUM.find()?);
    process::output(&mut node).map(Measured).ok_or_else(|| "the measurement in Chromium failed".into())
}

fn measure_webernetes(bundle: &Path, (pods, nodes): (u32, u32)) -> Outcome<Measured> {
    let mut node = process::command("node");
    node.arg(bundle).args([pods.to_string(), nodes.to_string()]);
    process::output(&mut node)
        .map(Measured)
        .ok_or_else(|| format!("webernetes with {pods} Pods failed").into())
}

/// One measurement, natively and in WebAssembly, as the program prints it.
fn one(arguments: &[String]) -> Outcome {
    let [what, pods, nodes] = arguments else { return Err("it takes WHAT PODS NODES, or nothing".into()) };
    let (Ok(pods), Ok(nodes)) = (pods.parse(), nodes.parse()) else {
        return Err("PODS and NODES are numbers".into());
    };
    let programs = Programs::build()?;
    println!("native  {}", programs.native(what, (pods, nodes))?.0);
    println!("wasm    {}", programs.wasm(what, (pods, nodes))?.0);
    Ok(())
}

const MIB: f64 = 1024.0 * 1024.0;

fn table() -> Outcome {
    let programs = Programs::build()?;
    let bundle = webernetes()?;
    println!(
        "A Deployment to all Pods Ready, all records kept; milliseconds of the processor, the least of {TIMES}. In WebAssembly once \
         the engine has compiled the code; the first run, in which it does so, beside it.\n"
    );
    println!(
        "| Pods | nodes | native | wasm | wasm, first run | native, µs a Pod | memory, MiB native | MiB wasm |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut rows = Vec::new();
    for size in SIZES {
        let (native, wasm) = (programs.native("cluster", *size)?, programs.wasm("cluster", *size)?);
        let (pods, nodes) = size;
        let (millis, wasm_millis) = (native.get("cpuMillis"), wasm.get("cpuMillis"));
        println!(
            "| {pods} | {nodes} | {millis:.1} | {wasm_millis:.1} | {:.1} | {:.0} | {:.0} | {:.0} |",
            wasm.get("coldCpuMillis"),
            millis * 1e3 / f64::from(*pods),
            native.get("peakBytes") / MIB,
            wasm.get("peakBytes") / MIB,
        );
        rows.push((*size, native, wasm));
    }
    let row = |pods: u32| rows.iter().find(|((of, _), ..)| *of == pods);
    if let [Some(small), Some(large)] = GROWTH.map(row) {
        let exponent = |of: fn(&((u32, u32), Measured, Measured)) -> f64| {
            (of(large) / of(small)).ln() / f64::from(GROWTH[1] / GROWTH[0]).ln()
        };
        println!(
            "\nFrom {} to {} Pods time grows with an exponent of {:.2} natively and {:.2} in WebAssembly.",
            GROWTH[0],
            GROWTH[1],
            exponent(|(_, native, _)| native.get("cpuMillis")),
            exponent(|(.., wasm)| wasm.get("cpuMillis")),
        );
    }
    let (native, wasm) = (programs.native("states", LOOK_UP)?, programs.wasm("states", LOOK_UP)?);
    println!(
        "With {} Pods a run has {} records of {:.0} bytes each, natively and with all that they hold; the state at any time, \
         every Pod and every message under way, takes {:.2} ms natively ({:.2} at worst) and {:.2} ms in WebAssembly ({:.2}).",
        LOOK_UP.0,
        native.get("records"),
        native.get("recordBytes"),
        native.get("lookUpMillis"),
        native.get("worstLookUpMillis"),
        wasm.get("lookUpMillis"),
        wasm.get("worstLookUpMillis"),
    );
    let (native, wasm) = (programs.native("scenes", LOOK_UP)?, programs.wasm("scenes", LOOK_UP)?);
    println!(
        "A scene of them takes {:.1} ms natively ({:.1} at worst) and {:.1} ms in WebAssembly ({:.1}).",
        native.get("sceneMillis"),
        native.get("worstSceneMillis"),
        wasm.get("sceneMillis"),
        wasm.get("worstSceneMillis"),
    );
    let (read, chromium) = (programs.native("read", READ)?, chromium(&programs)?);
    println!(
        "In Chromium 300 Pods on 3 nodes from a pasted text to all Ready, read, checked, applied, recorded and told, take {:.0} ms in a \
         page that has just come, {:.0} ms in one that has simulated an example of three Pods, and {:.0} ms in one that has done so \
         before; {:.0}, {:.0} and {:.0} ms of the page's own thread.",
        chromium.get("coldMillis"),
        chromium.get("begunMillis"),
        chromium.get("warmMillis"),
        chromium.get("coldCpuMillis"),
        chromium.get("begunCpuMillis"),
        chromium.get("warmCpuMillis"),
    );
    println!(
        "{} Deployments ({:.0} kB) are read and checked in {:.0} ms natively and {:.0} ms in Chromium, where js-yaml 5 parses them in {:.0} ms: \
         {:.1} times as long.\n",
        READ.0,
        read.get("bytes") / 1e3,
        read.get("cpuMillis"),
        chromium.get("readCpuMillis"),
        chromium.get("jsYamlCpuMillis"),
        chromium.get("readCpuMillis") / chromium.get("jsYamlCpuMillis"),
    );
    println!("| Pods | nodes | webernetes 0.3.5 | times native | times wasm |");
    println!("| --- | --- | --- | --- | --- |");
    for size in BESIDE {
        let other = measure_webernetes(&bundle, *size)?.get("cpuMillis");
        let Some((_, native, wasm)) = row(size.0) else { continue };
        println!(
            "| {} | {} | {other:.0} | {:.0} | {:.0} |",
            size.0,
            size.1,
            other / native.get("cpuMillis"),
            other / wasm.get("cpuMillis"),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts() {
        let measured =
            Measured("{\"pods\":10,\"cpuMillis\":1.5}\n{\"cpuMillis\":2.5,\"peakBytes\":7}".into());
        assert_eq!(
            (measured.get("pods"), measured.get("cpuMillis"), measured.get("peakBytes")),
            (10.0, 2.5, 7.0)
        );
        assert!(measured.get("records").is_nan());
    }
}
