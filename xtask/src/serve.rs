//! `cargo xtask serve`: the page at an address on this machine.

use crate::stage::stage;
use crate::{
    Command, Failure, Outcome, nothing_left, page, process, project, server, take_flag, take_option, tools,
};

pub(crate) const COMMAND: Command = Command {
    name: "serve",
    arguments: "[--dev] [--port N]",
    about: "builds the page and serves it; with --dev unoptimised, and again on every change",
    run,
};

const PORT: u16 = 8080;

fn run(arguments: &[String]) -> Outcome {
    let mut arguments = arguments.to_vec();
    let dev = take_flag(&mut arguments, "--dev");
    let port = take_option(&mut arguments, "--port")?
        .map(|port| port.parse::<u16>().map_err(|_| Failure::Told(format!("`{port}` is not a port"))))
        .transpose()?;
    nothing_left(&arguments)?;
    if dev { serve_dev(port.unwrap_or(PORT)) } else { serve_release(port) }
}

/// Serves the finished page. Without a wish, the first free port from the usual one on is taken.
fn serve_release(port: Option<u16>) -> Outcome {
    stage("the page, for release", page::build)?;
    let listener = match port {
        Some(port) => server::listen(port)?,
        None => (PORT..PORT + 10)
            .find_map(|port| server::listen(port).ok())
            .map_or_else(|| server::listen(0), Ok)?,
    };
    println!("\nPodium is at {} (Ctrl+C ends it).", server::address(&listener)?);
    server::serve(&listener, &project::dist())
}

/// Lets Trunk watch and rebuild. The page does not reload itself: the script for that is inline, and the
/// page's policy forbids inline scripts here as in the finished page.
fn serve_dev(port: u16) -> Outcome {
    tools::for_page()?;
    println!(
        "\nPodium will be at http://127.0.0.1:{port}/ when built; reload it after a change (Ctrl+C ends it)."
    );
    let mut trunk = page::trunk("serve");
    trunk.args(["--no-autoreload=true", "--no-error-reporting=true", "--public-url", "/"]);
    trunk.arg("--port").arg(port.to_string());
    trunk.arg("--dist").arg(project::target().join("page-dev"));
    process::run(&mut trunk)
}
