//! Asking the cluster as its superuser.
use crate::{Cluster, Error, Result};
use std::{
    io::Write,
    process::{Command, Output, Stdio},
    thread,
};

impl Cluster {
    /// Runs SQL as the superuser in one transaction and answers what it prints: rows by line, columns by `|`.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String> {
        self.psql_with(database, &["-1"], sql)
    }

    /// Statements that refuse a transaction, such as `create database`.
    pub fn psql_alone(&self, database: &str, sql: &str) -> Result<String> {
        self.psql_with(database, &[], sql)
    }

    fn psql_with(&self, database: &str, more: &[&str], sql: &str) -> Result<String> {
        let mut command = Command::new(self.binaries.path("psql"));
        self.account.apply(&mut command);
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-f", "-"]).args(more);
        command.arg("-h").arg(&self.socket).args(["-p", &self.port.to_string()]);
        let out = feed(command, sql)?;
        if !out.status.success() {
            return Err(Error::new(format!("psql: {}", String::from_utf8_lossy(&out.stderr).trim())));
        }
        Ok(String::from_utf8_lossy(&out.stdout).trim_end().to_owned())
    }
}

fn feed(mut command: Command, input: &str) -> Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| Error::new(format!("No se pudo ejecutar {name}: {error}"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let pipe = child.stdin.take();
    let text = input.to_owned();
    // In a thread of its own: both sides may fill their pipes. A write error shows up as the program's failure.
    let writer = thread::spawn(move || pipe.map(|mut pipe| pipe.write_all(text.as_bytes())));
    let out = child.wait_with_output().map_err(failed)?;
    let _ = writer.join();
    Ok(out)
}
