//! What `huella demo` brings along so that one machine is enough: a private PostgreSQL, an S3 endpoint and a mail
//! server with a page to read the mail. The product reaches them as it would reach real ones, by address and
//! credentials; none of this is compiled into a production binary.
pub mod correo;
pub mod datos;
pub mod s3;

use adapters::{S3Config, S3Files, Secret};
use anyhow::{Context, Result, bail};
use cluster::{Cluster, FolderLock, Options, private};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{
    collections::HashMap,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};
use tokio::task::JoinHandle;

pub use correo::MailSink;
pub use s3::S3Endpoint;

const DATABASE: &str = "huella";
const BUCKET: &str = "huella";
const REGION: &str = "us-east-1";

/// Roles that sign in, and the variable that holds each one's address. Each has a password of its own.
const LOGINS: [(&str, &str); 6] = [
    ("huella_servicio", "DATABASE_URL"),
    ("huella_app", "DATABASE_APP_URL"),
    ("huella_ro", "DATABASE_RO_URL"),
    ("huella_jobs", "DATABASE_JOBS_URL"),
    ("huella_operador", "DATABASE_OPERADOR_URL"),
    ("huella_backup", "DATABASE_BACKUP_URL"),
];

/// All that this module ever writes into the folder; `--fresh` deletes exactly this.
const OURS: [&str; 10] =
    ["conexion.env", "correo", "s3", "s3.clave", "s3.puerto", "smtp.puerto", "correo.puerto", "claves", "huella_roles", "huella.log"];

/// The running parts. Dropping it stops them all.
pub struct DemoParts {
    folder: PathBuf,
    cluster: Option<Cluster>,
    passwords: Vec<(&'static str, &'static str, String)>,
    s3: S3Endpoint,
    mail: MailSink,
    tasks: Vec<JoinHandle<()>>,
    _lock: FolderLock,
}

impl DemoParts {
    /// Starts everything in `folder`, which is made if it is missing and used by one process at a time. `fresh`
    /// deletes what an earlier demo left there. `say` hears what is going on.
    pub async fn start(folder: &Path, fresh: bool, say: impl Fn(&str)) -> Result<Self> {
        let folder = prepare(folder)?;
        let lock = FolderLock::take(&folder)?;
        if fresh {
            say("borrando los datos anteriores");
            clear(&folder).await?;
        }
        say("iniciando PostgreSQL");
        let cluster = database(&folder).await?;
        say("iniciando el almacén de archivos y el correo");
        let mut passwords = Vec::new();
        let roles = make_folder(folder.join("huella_roles"))?;
        for (role, variable) in LOGINS {
            passwords.push((role, variable, private::secret_in(&roles.join(role))?));
        }
        let (s3, s3_task) = s3::start(&make_folder(folder.join("s3"))?, &folder).await?;
        let mut tasks = vec![s3_task];
        let (mail, mail_tasks) = correo::start(&make_folder(folder.join("correo"))?, &folder).await?;
        tasks.extend(mail_tasks);
        let parts = Self { folder, cluster: Some(cluster), passwords, s3, mail, tasks, _lock: lock };
        S3Files::new(&parts.s3_config()).ensure_bucket().await.context("no se pudo crear el almacén de archivos")?;
        Ok(parts)
    }

    /// The folder, as an absolute path.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The superuser's address: for migrations only.
    pub fn admin_url(&self) -> String {
        self.cluster.as_ref().map(|cluster| cluster.url(DATABASE)).unwrap_or_default()
    }

    /// The page that shows the mail.
    pub fn mail_page(&self) -> String {
        self.mail.page()
    }

    /// Lets the roles sign in. After the migrations, which make the roles; again at every start, at no cost.
    pub async fn open_logins(&self) -> Result<()> {
        let mut db = PgConnection::connect(&self.admin_url()).await?;
        for (role, _, password) in &self.passwords {
            // Neither can be bound in a statement of this kind; both are ours and plain.
            db.execute_plain(format!("alter role {role} with login password '{password}'")).await?;
        }
        Ok(db.close().await?)
    }

    /// The same variables that a production server is given, with the addresses of these parts. No `REDIS_URL`:
    /// cache and bus are in the process.
    pub fn environment(&self) -> HashMap<String, String> {
        self.variables().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        if let Some(cluster) = &self.cluster {
            all.extend(self.passwords.iter().map(|(role, variable, password)| (*variable, cluster.url_as(role, password, DATABASE))));
            all.push(("DATABASE_ADMIN_URL", cluster.url(DATABASE)));
        }
        all.extend([
            ("S3_ENDPOINT", self.s3.url()),
            ("S3_REGION", REGION.to_owned()),
            ("S3_BUCKET", BUCKET.to_owned()),
            ("S3_ACCESS_KEY", self.s3.access_key.clone()),
            ("S3_SECRET_KEY", self.s3.secret_key.clone()),
            ("SMTP_URL", self.mail.url()),
            ("HUELLA_CORREO_REMITENTE", "Huella <no-responder@huella.example>".to_owned()),
            ("HUELLA_CLAVES", self.folder.join("claves").display().to_string()),
        ]);
        all
    }

    fn s3_config(&self) -> S3Config {
        S3Config {
            endpoint: Some(self.s3.url()),
            region: REGION.to_owned(),
            bucket: BUCKET.to_owned(),
            access_key: self.s3.access_key.clone(),
            secret_key: Secret::new(&self.s3.secret_key),
        }
    }

    /// Writes `conexion.env` (mode 0600): every part's address and credentials, for `psql` and the usual tools.
    /// `more` are further lines of the caller, such as the address of the application itself.
    pub fn write_conexion_env(&self, more: &[(&str, String)]) -> Result<PathBuf> {
        let mut text = String::from(
            "# Direcciones y claves de esta demo. Para usarlas en una terminal:\n#   set -a; . ./conexion.env; set +a; psql\n\
             # psql entra como huella_app, el rol de la aplicación: sin cadena elegida no ve ninguna fila.\n\
             # Caché y eventos están dentro del proceso; no hay REDIS_URL.\n\n",
        );
        for (name, value) in self.variables().iter().chain(&self.psql_variables()) {
            text.push_str(&line(name, value));
        }
        // The keys of an AWS client, such as `aws --endpoint-url "$S3_ENDPOINT" s3 ls s3://huella`.
        text.push_str(&line("AWS_ACCESS_KEY_ID", &self.s3.access_key));
        text.push_str(&line("AWS_SECRET_ACCESS_KEY", &self.s3.secret_key));
        text.push_str(&line("AWS_DEFAULT_REGION", REGION));
        text.push_str(&line("CORREO_PAGINA", &self.mail_page()));
        for (name, value) in more {
            text.push_str(&line(name, value));
        }
        let path = self.folder.join("conexion.env");
        private::write(&path, &text)?;
        Ok(path)
    }

    fn psql_variables(&self) -> Vec<(&'static str, String)> {
        let Some(cluster) = &self.cluster else { return Vec::new() };
        let app = self.passwords.iter().find(|(role, ..)| *role == "huella_app").map(|(_, _, password)| password.clone());
        vec![
            ("PGHOST", "127.0.0.1".to_owned()),
            ("PGPORT", cluster.port().to_string()),
            ("PGDATABASE", DATABASE.to_owned()),
            ("PGUSER", "huella_app".to_owned()),
            ("PGPASSWORD", app.unwrap_or_default()),
            ("PGOPTIONS", "-csearch_path=huella,public".to_owned()),
        ]
    }

    /// Stops in order: nobody writes while the database shuts down.
    pub async fn stop(mut self) -> Result<()> {
        self.tasks.drain(..).for_each(|task| task.abort());
        if let Some(mut cluster) = self.cluster.take() {
            tokio::task::spawn_blocking(move || cluster.stop()).await??;
        }
        Ok(())
    }
}

impl Drop for DemoParts {
    fn drop(&mut self) {
        self.tasks.drain(..).for_each(|task| task.abort());
    }
}

/// A line that a shell and a `.env` reader understand alike. Our values hold no single quote.
fn line(name: &str, value: &str) -> String {
    format!("{name}='{}'\n", value.replace('\'', ""))
}

trait Plain {
    async fn execute_plain(&mut self, sql: String) -> Result<()>;
}

impl Plain for PgConnection {
    async fn execute_plain(&mut self, sql: String) -> Result<()> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(self).await?;
        Ok(())
    }
}

/// Others may pass through (the database's user has to) but not look: every secret inside has mode 0600.
fn prepare(folder: &Path) -> Result<PathBuf> {
    let made = DirBuilder::new().recursive(true).mode(0o711).create(folder);
    made.with_context(|| format!("no se pudo crear la carpeta {}", folder.display()))?;
    fs::canonicalize(folder).with_context(|| format!("no se pudo abrir la carpeta {}", folder.display()))
}

fn make_folder(path: PathBuf) -> Result<PathBuf> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
    made.with_context(|| format!("no se pudo crear la carpeta {}", path.display()))?;
    Ok(path)
}

async fn clear(folder: &Path) -> Result<()> {
    let home = folder.to_owned();
    tokio::task::spawn_blocking(move || cluster::destroy(&home)).await??;
    for name in OURS {
        let path = folder.join(name);
        let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match gone {
            Err(error) if error.kind() != io::ErrorKind::NotFound => bail!("no se pudo borrar {}: {error}", path.display()),
            _ => {}
        }
    }
    Ok(())
}

/// Starting and asking block, so they have a thread of their own.
async fn database(folder: &Path) -> Result<Cluster> {
    let home = folder.to_owned();
    let start = move || -> Result<Cluster> {
        let cluster = Cluster::start(&home, &Options::default())?;
        let there = cluster.psql("postgres", &format!("select count(*) from pg_database where datname = '{DATABASE}'"))?;
        if there == "0" {
            cluster.psql_alone("postgres", &format!("create database {DATABASE}"))?;
        }
        Ok(cluster)
    };
    tokio::task::spawn_blocking(start).await?
}

#[cfg(test)]
mod tests {
    use super::*;
    use adapters::{SmtpConfig, SmtpMailer};
    use axum::body::Bytes;
    use kernel::ports::{Files, Mail, Mailer};
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_product_reaches_every_part_by_address_and_finds_its_data_after_a_restart() {
        let folder = std::env::temp_dir().join(format!("huella-demo-{}", uuid::Uuid::now_v7()));
        let parts = DemoParts::start(&folder, false, |_| {}).await.expect("started");
        let in_use = DemoParts::start(&folder, false, |_| {}).await.err().expect("one at a time").to_string();
        assert!(in_use.contains("está en uso por el proceso"), "{in_use}");

        // Given what the migrations make,
        let mut admin = PgConnection::connect(&parts.admin_url()).await.expect("superuser");
        for (role, _) in LOGINS {
            admin.execute_plain(format!("create role {role} login")).await.expect("a role");
        }
        // when the logins are opened, then each role signs in with its own password and no other.
        parts.open_logins().await.expect("opened");
        let env = parts.environment();
        for (role, variable) in LOGINS {
            let mut db = PgConnection::connect(&env[variable]).await.expect(role);
            let who: String = sqlx::query_scalar("select current_user::text").fetch_one(&mut db).await.expect("asked");
            assert_eq!(who, role);
        }
        assert!(PgConnection::connect(&env["DATABASE_URL"].replace("huella_servicio", "huella_jobs")).await.is_err());

        let files = S3Files::new(&parts.s3_config());
        files.ready().await.expect("ready");
        files.put("t1/foto.png", "image/png", Bytes::from_static(b"\x89PNG")).await.expect("stored");
        let other = S3Config { secret_key: Secret::new("otra"), ..parts.s3_config() };
        assert!(S3Files::new(&other).get("t1/foto.png").await.is_err(), "a wrong secret was accepted");

        let path = parts.write_conexion_env(&[("HUELLA_URL", "http://127.0.0.1:8080".into())]).expect("written");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&path).expect("readable");
        for name in ["DATABASE_URL", "DATABASE_ADMIN_URL", "PGHOST", "PGPORT", "S3_ENDPOINT", "SMTP_URL", "CORREO_PAGINA", "HUELLA_URL"] {
            assert!(text.contains(&format!("\n{name}='")), "{name} is missing in\n{text}");
        }
        drop(admin);
        parts.stop().await.expect("stopped");

        let again = DemoParts::start(&folder, false, |_| {}).await.expect("started again");
        assert_eq!(again.environment(), env, "addresses and passwords must stay valid");
        PgConnection::connect(&env["DATABASE_URL"]).await.expect("still signs in");
        let files = S3Files::new(&again.s3_config());
        assert_eq!(files.get("t1/foto.png").await.expect("read"), Some(("image/png".into(), Bytes::from_static(b"\x89PNG"))));
        assert_eq!(files.get("t1/otra.png").await.expect("read"), None);
        files.delete("t1/foto.png").await.expect("deleted");
        assert_eq!(files.get("t1/foto.png").await.expect("read"), None);
        again.stop().await.expect("stopped");

        let fresh = DemoParts::start(&folder, true, |_| {}).await.expect("started fresh");
        assert_ne!(fresh.environment()["DATABASE_URL"], env["DATABASE_URL"]);
        fresh.stop().await.expect("stopped");
        cluster::destroy(&folder).expect("deleted");
        fs::remove_dir_all(&folder).expect("deleted");
    }

    #[tokio::test]
    async fn a_mail_sent_by_smtp_can_be_read_on_the_page() {
        let folder = std::env::temp_dir().join(format!("huella-correo-{}", uuid::Uuid::now_v7()));
        let inbox = make_folder(folder.join("correo")).expect("a folder");
        let (sink, tasks) = correo::start(&inbox, &folder).await.expect("started");
        let mailer =
            SmtpMailer::new(&SmtpConfig::from_url(&sink.url(), "Huella <no-responder@huella.example>").expect("good")).expect("good");
        mailer.ready().await.expect("greets");
        let text =
            "Señora Ñúñez:\n.un punto al comienzo\nEntre a https://huella.example/invitacion?c=a&b=<x>.\n<script>alert(1)</script>\n";
        for number in 1..=2 {
            let mail = Mail { to: "ana@clinica.example".into(), subject: format!("Invitación {number} <b>"), text: text.into() };
            mailer.send(mail).await.expect("sent");
        }
        let list = get(&sink.page()).await;
        let (new, old) = (list.find("Invitación 2").expect("listed"), list.find("Invitación 1").expect("listed"));
        assert!(new < old && list.contains("ana@clinica.example") && !list.contains("<b>"), "{list}");
        let one = get(&format!("{}2", sink.page())).await;
        assert!(one.contains("Señora Ñúñez:") && one.contains("\n.un punto"), "{one}");
        assert!(one.contains("<a href=\"https://huella.example/invitacion?c=a&amp;b=\"") && !one.contains("<script>"), "{one}");
        assert!(get(&format!("{}9", sink.page())).await.contains("No existe"));
        for task in tasks {
            task.abort();
        }
        fs::remove_dir_all(&folder).expect("deleted");
    }

    /// The body of a page, by hand: this crate has no HTTP client.
    async fn get(url: &str) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let rest = url.strip_prefix("http://").expect("http");
        let (host, path) = rest.split_once('/').expect("a path");
        let mut stream = tokio::net::TcpStream::connect(host).await.expect("connected");
        let ask = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        answer
    }
}
