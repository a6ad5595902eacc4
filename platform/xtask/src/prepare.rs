//! `cargo xtask sqlx`: what the compiler knows of each query, so that nobody needs a database to compile.
//!
//! sqlx's macros write one file per query to SQLX_OFFLINE_DIR whenever they are expanded against a database.
use crate::{
    job::{Job, say},
    packages::{Need, ensure},
    paths,
};
use anyhow::{Context, Result, bail};
use cluster::{Cluster, Options};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::SystemTime,
};

const DATABASE: &str = "huella";
/// Beside the queries: the major that described them. What may be null is read from plans, which differ by major.
const MAJOR: &str = "postgresql";

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let check = match arguments {
        [] => false,
        [one] if one == "--check" => true,
        _ => bail!("uso: cargo xtask sqlx [--check]"),
    };
    ensure(&[Need::Compiler, Need::Postgres])?;
    let cluster = migrated()?;
    let fresh = paths::target().join("sqlx-nuevo");
    let _ = fs::remove_dir_all(&fresh);
    fs::create_dir_all(&fresh)?;
    touch_queries()?;
    Job::workspace("compilando las consultas", "check")
        .args(["--all-targets"])
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", &fresh)
        .env("DATABASE_URL", cluster.url(DATABASE))
        .ok()?;
    let major = cluster.major().to_string();
    drop(cluster);
    fs::write(fresh.join(MAJOR), format!("{major}\n"))?;
    let committed = paths::root().join(".sqlx");
    let (old, new) = (files(&committed)?, files(&fresh)?);
    let changes = if check && old.get(MAJOR) != new.get(MAJOR) {
        say(&format!(".sqlx se hizo con otra versión que PostgreSQL {major}: se compara solo qué consultas hay"));
        differences(&names(old), &names(new))
    } else {
        differences(&old, &new)
    };
    if changes.is_empty() {
        say(".sqlx está al día");
        return Ok(ExitCode::SUCCESS);
    }
    for change in &changes {
        println!("{change}");
    }
    if check {
        bail!(".sqlx no está al día; ejecute: cargo xtask sqlx");
    }
    replace(&committed, &fresh)?;
    say(&format!(".sqlx renovado: {} cambios", changes.len()));
    Ok(ExitCode::SUCCESS)
}

/// A database as the migrations make it.
fn migrated() -> Result<Cluster> {
    let cluster = Cluster::throwaway(&paths::target().join("pruebas"), &Options::throwaway())?;
    cluster.psql_alone("postgres", &format!("create database {DATABASE}"))?;
    let mut migrations: Vec<PathBuf> = fs::read_dir(paths::root().join("migrations"))?.flatten().map(|entry| entry.path()).collect();
    migrations.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    migrations.sort();
    for path in migrations {
        let sql = fs::read_to_string(&path)?;
        cluster.psql(DATABASE, &sql).with_context(|| path.display().to_string())?;
    }
    cluster.psql_alone("postgres", &format!("alter database {DATABASE} set search_path = huella, public"))?;
    Ok(cluster)
}

/// Cargo expands a macro again only if its file is newer than the last build.
fn touch_queries() -> Result<()> {
    for folder in ["platform", "tests"] {
        each_source(&paths::root().join(folder), &mut |path| {
            let text = fs::read_to_string(path)?;
            if ["query!(", "query_as!(", "query_scalar!("].iter().any(|call| text.contains(call)) {
                #[expect(clippy::disallowed_methods, reason = "the time of a file is the system's")]
                fs::File::options().append(true).open(path)?.set_modified(SystemTime::now())?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn each_source(folder: &Path, act: &mut impl FnMut(&Path) -> Result<()>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            each_source(&path, act)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            act(&path)?;
        }
    }
    Ok(())
}

type Files = BTreeMap<String, Vec<u8>>;

fn files(folder: &Path) -> Result<Files> {
    if !folder.is_dir() {
        return Ok(Files::new());
    }
    let mut found = Files::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        found.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
    }
    Ok(found)
}

fn names(files: Files) -> Files {
    files.into_keys().map(|name| (name, Vec::new())).collect()
}

fn differences(old: &Files, new: &Files) -> Vec<String> {
    let gone = old.keys().filter(|name| !new.contains_key(*name)).map(|name| format!("- {name}"));
    let come = new.iter().filter_map(|(name, text)| match old.get(name) {
        None => Some(format!("+ {name}")),
        Some(before) if before != text => Some(format!("~ {name}")),
        Some(_) => None,
    });
    gone.chain(come).collect()
}

fn replace(committed: &Path, fresh: &Path) -> Result<()> {
    if committed.is_dir() {
        fs::remove_dir_all(committed)?;
    }
    fs::create_dir_all(committed)?;
    for (name, text) in files(fresh)? {
        fs::write(committed.join(name), text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_drift_is_named() {
        let set =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect::<Files>();
        let (old, new) = (set(&[("a", "1"), ("b", "1"), ("c", "1")]), set(&[("b", "2"), ("c", "1"), ("d", "1")]));
        assert_eq!(differences(&old, &new), ["- a", "~ b", "+ d"]);
        assert!(differences(&old, &old).is_empty());
        assert_eq!(differences(&names(old), &names(new)), ["- a", "+ d"]);
    }
}
