//! The servers: where each comes from and how it is started.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};
use xshell::cmd;

use super::program;
use crate::tools::{Venv, install_lock};
use crate::workspace::Workspace;

const FERROKINESIS: &str = "0.7.0";
/// The peers from npm, with a lock of their own.
const NPM: &str = "tests/peers/npm";
const REQUIREMENTS: &str = "tests/peers/requirements.txt";

const PUTS: &[&str] = &["put_record", "put_records"];
const HTTP1: &[&str] = &["put_record", "put_records", "get_records"];
const ALL: &[&str] =
    &["put_record", "put_records", "get_records", "put_record_h2", "put_records_h2", "get_records_h2"];

/// How a server is started: the program with its arguments, and its environment.
type Start = (Vec<String>, Value);

/// A server that is measured.
pub(super) struct Server {
    pub(super) name: &'static str,
    /// Sees to it that it is there, and says how it is started.
    start: fn(&Workspace) -> Result<Start>,
    has_streams: bool,
    works: &'static [&'static str],
}

pub(super) const SHARDBROOK: &str = "shardbrook";
pub(super) const DURABLE: &str = "shardbrook, fsync";
pub(super) const FERRO: &str = "ferrokinesis";
pub(super) const BARE_ANSWER: &str = "bare answer";
pub(super) const BARE_PARSE: &str = "bare parse";

/// In the order in which they have their turns, which is that of the table's columns.
pub(super) const SERVERS: [Server; 8] = [
    Server {
        name: SHARDBROOK,
        start: |ws| Ok((words(&program(ws, "shardbrook"), &["serve", "--port", "{port}"]), json!({}))),
        has_streams: true,
        works: ALL,
    },
    Server {
        name: DURABLE,
        start: |ws| {
            let arguments =
                ["serve", "--port", "{port}", "--data-dir", "{folder}/journal", "--fsync", "always"];
            Ok((words(&program(ws, "shardbrook"), &arguments), json!({})))
        },
        has_streams: true,
        works: PUTS,
    },
    Server { name: FERRO, start: ferrokinesis, has_streams: true, works: ALL },
    Server {
        name: "kinesalite",
        start: |ws| {
            let cli = npm(ws)?.join("kinesalite/cli.js");
            Ok((vec!["node".into(), text(&cli), "--port".into(), "{port}".into()], json!({})))
        },
        has_streams: true,
        works: HTTP1,
    },
    Server { name: "kinesis-local", start: kinesis_local, has_streams: true, works: ALL },
    Server {
        name: "moto",
        start: |ws| {
            let server = Venv::with(ws, &[REQUIREMENTS])?.program("moto_server");
            Ok((words(&server, &["--host", "127.0.0.1", "--port", "{port}"]), json!({})))
        },
        has_streams: true,
        works: HTTP1,
    },
    Server {
        name: BARE_ANSWER,
        start: |ws| Ok((words(&program(ws, "shardbrook-peers"), &["bare", "answer", "{port}"]), json!({}))),
        has_streams: false,
        works: &["put_record", "put_record_h2"],
    },
    Server {
        name: BARE_PARSE,
        start: |ws| Ok((words(&program(ws, "shardbrook-peers"), &["bare", "parse", "{port}"]), json!({}))),
        has_streams: false,
        works: &["put_records", "put_records_h2"],
    },
];

impl Server {
    /// What `tests/peers` wants to know, once the server is installed.
    pub(super) fn plan(&self, ws: &Workspace) -> Result<Value> {
        let (command, env) = (self.start)(ws)?;
        Ok(json!({
            "name": self.name,
            "command": command,
            "env": env,
            "has_streams": self.has_streams,
            "works": self.works,
        }))
    }
}

fn ferrokinesis(ws: &Workspace) -> Result<(Vec<String>, Value)> {
    let root = ws.tools();
    let program = root.join("bin/ferrokinesis");
    let installed = cmd!(ws.sh, "cargo install --list --root {root}").quiet().read()?;
    if !installed.contains(&format!("ferrokinesis v{FERROKINESIS}:")) {
        println!("installing ferrokinesis {FERROKINESIS} into target/tools");
        cmd!(
            ws.sh,
            "cargo install --quiet ferrokinesis --version ={FERROKINESIS} --locked --force --root {root}"
        )
        .run()?;
    }
    Ok((words(&program, &["serve", "--port", "{port}", "--log-level", "error"]), json!({})))
}

fn kinesis_local(ws: &Workspace) -> Result<(Vec<String>, Value)> {
    let package = npm(ws)?.join("kinesis-local");
    let env = json!({
        "KINESIS_MOCK_PLAIN_PORT": "{port}",
        "KINESIS_MOCK_TLS_PORT": "{spare}",
        "KINESIS_MOCK_CERT_PATH": package.join("server.json"),
        "LOG_LEVEL": "ERROR",
    });
    Ok((vec!["node".into(), text(&package.join("main.js"))], env))
}

/// Installs the peers from npm, unless just these are there, and gives the folder of the packages.
fn npm(ws: &Workspace) -> Result<PathBuf> {
    let home = ws.tools().join("peers");
    for file in ["package.json", "package-lock.json"] {
        ws.sh.create_dir(&home)?;
        ws.sh.copy_file(ws.root.join(NPM).join(file), &home)?;
    }
    install_lock(ws, &home)?;
    Ok(home.join("node_modules"))
}

fn words(program: &Path, arguments: &[&str]) -> Vec<String> {
    core::iter::once(text(program)).chain(arguments.iter().map(|word| (*word).to_owned())).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
