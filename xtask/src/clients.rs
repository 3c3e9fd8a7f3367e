//! Real clients against the server: the scenarios through the AWS SDKs and the AWS CLI, over one port.

use std::path::PathBuf;

use anyhow::Result;
use xshell::cmd;

use crate::build::Profile;
use crate::tools::{self, Venv, debian};
use crate::workspace::Workspace;

const PYTHON: &str = "tests/python/requirements.txt";
/// The AWS CLI needs a botocore of its own.
const CLI: &str = "tests/server/cli.txt";
/// The jars of the AWS SDK for Java v2, in a wheel, for Maven's registry may be out of reach.
const JARS: &str = "tests/server/jars.txt";
/// The AWS SDK for Go v2, as Debian has it.
const GO: &[&str] = &["golang-go", "golang-github-aws-aws-sdk-go-v2-dev"];
const GO_PATH: &str = "/usr/share/gocode";

/// Runs the scenarios through every client that can be had here.
pub(crate) fn test(ws: &Workspace) -> Result<()> {
    tools::make()?;
    ws.cargo("build").args(["--package", "shardbrook-server", "--profile", Profile::Dev.name()]).run()?;
    tools::install_node_modules(ws)?;
    let python = Venv::with(ws, &[PYTHON])?.python();
    let server = ws.target.join(Profile::Dev.folder()).join("shardbrook");
    let aws = Venv::named(ws, "awscli", &[CLI])?.program("aws");
    let (go, java) = (go_driver(ws), java_driver(ws));
    let mut clients = vec!["js-http2", "js-http1", "boto3", "cli"];
    let mut options = Vec::new();
    match &go {
        Ok(driver) => {
            options.extend(["--go".into(), driver.clone()]);
            clients.extend(["go", "go-tls"]);
        }
        Err(why) => println!("the AWS SDK for Go is skipped: {why:#}"),
    }
    match &java {
        Ok((jars, classes)) => {
            options.extend(["--jars".into(), jars.clone(), "--java".into(), classes.clone()]);
            clients.push("java");
        }
        Err(why) => println!("the AWS SDK for Java is skipped: {why:#}"),
    }
    cmd!(ws.sh, "{python} tests/server/clients.py --server {server} --aws {aws} {options...} {clients...}")
        .run()?;
    Ok(())
}

/// The driver in Go, compiled.
fn go_driver(ws: &Workspace) -> Result<PathBuf> {
    debian::install(GO)?;
    let (driver, cache) = (ws.tools().join("go-driver"), ws.tools().join("go-cache"));
    cmd!(ws.sh, "go build -o {driver} tests/server/driver.go")
        .env("GO111MODULE", "off")
        .env("GOPATH", GO_PATH)
        .env("GOCACHE", cache)
        .run()?;
    Ok(driver)
}

/// The jars of the SDK for Java, and the driver's classes.
fn java_driver(ws: &Workspace) -> Result<(PathBuf, PathBuf)> {
    if tools::find("javac").is_none() {
        debian::install(&["default-jdk-headless"])?;
    }
    let jars = ws.tools().join("java/amazon_kclpy/jars");
    if !jars.exists() {
        println!("installing the jars of the AWS SDK for Java into target/tools/java");
        let (python, folder) = (Venv::with(ws, &[PYTHON])?.python(), ws.tools().join("java"));
        cmd!(
            ws.sh,
            "{python} -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target {folder} -r {JARS}"
        )
        .run()?;
    }
    let (classes, all) = (ws.tools().join("java-driver"), jars.join("*"));
    cmd!(ws.sh, "javac -cp {all} -d {classes} tests/server/Driver.java").run()?;
    Ok((jars, classes))
}
