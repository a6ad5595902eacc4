//! Which services somebody already has, and the variables with which the product is started.
use super::parts::DemoParts;
use crate::config::Config;
use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

/// Written by every start; names the folder of the shell's demonstration.
pub const FOLDER: &str = "HUELLA_DEMO_CARPETA";
const FILE: &str = "conexion.env";

/// What the parts' variables start with; others of the product's are settings, no addresses.
const OF_PARTS: [&str; 6] = ["DATABASE_", "REDIS_", "S3_", "SMTP_", "HUELLA_CLAVES", "HUELLA_CORREO_"];

/// The variables that somebody set himself.
pub struct Given(HashMap<String, String>);

impl Given {
    /// Of all variables of the process those that are no demonstration's own: after `. conexion.env` a shell holds
    /// the addresses of parts that come and go with their demonstration, and nobody meant them as given.
    pub fn of(process: HashMap<String, String>, folder: &Path) -> Self {
        let sourced = process.get(FOLDER).map(Path::new);
        let ours: HashSet<(String, String)> = sourced.into_iter().chain([folder]).flat_map(earlier).collect();
        Self(process.into_iter().filter(|(name, value)| !value.is_empty() && !ours.contains(&(name.clone(), value.clone()))).collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
    pub fn database(&self) -> bool {
        self.has("DATABASE_URL")
    }
    /// Without an endpoint the bucket is at Amazon.
    pub fn s3(&self) -> bool {
        self.has("S3_ENDPOINT") || self.has("S3_BUCKET")
    }
    pub fn mail(&self) -> bool {
        self.has("SMTP_URL")
    }

    /// The services that are used and not started.
    pub fn names(&self) -> Vec<&'static str> {
        let all = [(self.database(), "DATABASE_URL"), (self.has("REDIS_URL"), "REDIS_URL"), (self.s3(), "S3_*"), (self.mail(), "SMTP_URL")];
        all.into_iter().filter(|(given, _)| *given).map(|(_, name)| name).collect()
    }

    /// What the product is started with: the parts' variables and the given ones. A part of ours is ours whole: a
    /// replica or a bucket of somebody else does not go with it.
    pub fn merged(&self, parts: &DemoParts) -> HashMap<String, String> {
        let own = [(self.database(), "DATABASE_"), (self.s3(), "S3_"), (self.mail(), "SMTP_")];
        let of_own = |name: &str| own.iter().any(|(given, prefix)| !given && name.starts_with(prefix));
        let mut env: HashMap<String, String> = parts.variables().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        env.extend(self.0.iter().filter(|(name, _)| !of_own(name)).map(|(name, value)| (name.clone(), value.clone())));
        env
    }
}

/// Names and values of a folder's `conexion.env`.
fn earlier(folder: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
    text.lines().filter_map(parsed).collect()
}

/// A line that a shell and a `.env` reader understand alike, as long as no value holds a single quote.
fn line(name: &str, value: &str) -> String {
    format!("{name}='{}'\n", value.replace('\'', "'\\''"))
}

fn parsed(line: &str) -> Option<(String, String)> {
    let (name, quoted) = line.split_once("='")?;
    Some((name.to_owned(), quoted.strip_suffix('\'')?.replace("'\\''", "'")))
}

/// The text of `conexion.env`: address and credentials of every part, own or given, for `psql` and the usual tools.
/// `env` is what `config` was read from; `more` are further lines, such as the logins.
pub fn conexion(parts: &DemoParts, config: &Config, env: &HashMap<String, String>, more: &[(String, String)]) -> String {
    let mut text = String::from(
        "# Direcciones y claves de esta demo. Para usarlas, sin que se queden en la terminal:\n\
         #   ( set -a; . ./conexion.env; psql )\n",
    );
    text.push_str(if parts.psql().is_empty() {
        "# La base es una dada: psql \"$DATABASE_URL\"\n"
    } else {
        "# psql entra como huella_app, el rol de la aplicación: sin cadena elegida no ve ninguna fila.\n"
    });
    if config.redis.is_none() {
        text.push_str("# Caché y eventos están dentro del proceso; no hay REDIS_URL.\n");
    }
    text.push('\n');
    let own: Vec<&str> = parts.variables().into_iter().map(|(name, _)| name).collect();
    let read = config.shown.iter().map(|shown| shown.env).filter(|name| OF_PARTS.iter().any(|prefix| name.starts_with(prefix)));
    let given = read.filter(|name| !own.contains(name));
    let value = |name: &str| env.get(name).cloned().unwrap_or_default();
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&line(name, &value));
        }
    };
    own.iter().copied().chain(given).for_each(|name| add(name, value(name)));
    parts.psql().into_iter().for_each(|(name, value)| add(name, value));
    // What an AWS client calls them, such as `aws --endpoint-url "$S3_ENDPOINT" s3 ls s3://huella`.
    let aws = [("AWS_ACCESS_KEY_ID", "S3_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "S3_SECRET_KEY"), ("AWS_DEFAULT_REGION", "S3_REGION")];
    aws.iter().for_each(|(name, ours)| add(name, value(ours)));
    more.iter().for_each(|(name, value)| add(name, value.clone()));
    text
}

/// Where it is written.
pub fn file(folder: &Path) -> std::path::PathBuf {
    folder.join(FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        for value in ["postgres://a:b@c/d", "con espacio $HOME", "d'Angelo", ""] {
            let line = line("X_Y", value);
            assert_eq!(parsed(line.trim_end()), Some(("X_Y".to_owned(), value.to_owned())), "{line}");
        }
        assert_eq!(line("X", "d'Angelo"), "X='d'\\''Angelo'\n", "as a shell quotes it");
        assert_eq!(parsed("# comentario"), None);
    }

    #[test]
    fn what_a_demonstration_wrote_is_not_given() {
        let folder = std::env::temp_dir().join(format!("huella-entorno-{}", uuid::Uuid::now_v7()));
        let other = folder.join("otra");
        std::fs::create_dir_all(&other).expect("a folder");
        std::fs::write(folder.join(FILE), [line("DATABASE_URL", "postgres://demo"), line("S3_ENDPOINT", "http://demo")].concat())
            .expect("written");
        let shell = |more: &[(&str, &str)]| {
            let mut all = vars(&[("DATABASE_URL", "postgres://demo"), ("S3_ENDPOINT", "http://demo"), ("REDIS_URL", "")]);
            all.extend(vars(more));
            all
        };
        assert!(Given::of(shell(&[]), &folder).names().is_empty());
        // One that is changed afterwards is meant.
        assert_eq!(Given::of(shell(&[("DATABASE_URL", "postgres://mia")]), &folder).names(), ["DATABASE_URL"]);
        // The same shell starts a demonstration in another folder.
        let name = folder.to_string_lossy().into_owned();
        assert!(Given::of(shell(&[(FOLDER, &name)]), &other).names().is_empty());
        assert_eq!(Given::of(shell(&[("SMTP_URL", "smtp://x")]), &other).names(), ["DATABASE_URL", "S3_*", "SMTP_URL"]);
        std::fs::remove_dir_all(&folder).expect("deleted");
    }
}
