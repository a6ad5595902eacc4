//! The parts that one machine brings itself: those that nobody gave.
use super::{MailSink, S3Endpoint, correo, environment::Given, folder::Folder, s3};
use adapters::{S3Config, S3Files, Secret};
use anyhow::{Context, Result};
use cluster::{Cluster, Options, private};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::Path;
use tokio::task::JoinHandle;

const DATABASE: &str = "huella";
const BUCKET: &str = "huella";
const REGION: &str = "us-east-1";

/// A role that signs in, and the variable that holds its address. Each has a password of its own.
struct Login {
    role: &'static str,
    variable: &'static str,
    password: String,
}

const LOGINS: [(&str, &str); 6] = [
    ("huella_servicio", "DATABASE_URL"),
    ("huella_app", "DATABASE_APP_URL"),
    ("huella_ro", "DATABASE_RO_URL"),
    ("huella_jobs", "DATABASE_JOBS_URL"),
    ("huella_operador", "DATABASE_OPERADOR_URL"),
    ("huella_backup", "DATABASE_BACKUP_URL"),
];

struct Base {
    cluster: Cluster,
    logins: Vec<Login>,
}

/// The running parts. Dropping it stops them all.
pub struct DemoParts {
    // Fields are dropped in this order: the folder is let go of last.
    base: Option<Base>,
    s3: Option<S3Endpoint>,
    mail: Option<MailSink>,
    tasks: Vec<JoinHandle<()>>,
    folder: Folder,
}

impl DemoParts {
    /// Starts what is not given. `say` hears what is going on.
    pub async fn start(folder: Folder, given: &Given, say: impl Fn(&str)) -> Result<Self> {
        let mut parts = Self { base: None, s3: None, mail: None, tasks: Vec::new(), folder };
        if !given.database() {
            say("iniciando PostgreSQL");
            parts.base = Some(Base { cluster: database(parts.folder.path()).await?, logins: logins(&parts.folder)? });
        }
        if !given.s3() {
            say("iniciando el almacén de archivos");
            let (endpoint, task) = s3::start(&parts.folder.make("s3")?, parts.folder.path()).await?;
            parts.tasks.push(task);
            S3Files::new(&s3_config(&endpoint)).ensure_bucket().await.context("no se pudo crear el almacén de archivos")?;
            parts.s3 = Some(endpoint);
        }
        if !given.mail() {
            say("iniciando el correo");
            let (mail, tasks) = correo::start(&parts.folder.make("correo")?, parts.folder.path()).await?;
            parts.tasks.extend(tasks);
            parts.mail = Some(mail);
        }
        Ok(parts)
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The page that shows the mail, if it comes here.
    pub fn mail_page(&self) -> Option<String> {
        self.mail.as_ref().map(MailSink::page)
    }

    /// Lets the roles of our own cluster sign in: those of a given server are its administrator's. After the
    /// migrations, which make the roles; again at every start, at no cost.
    pub async fn open_logins(&self) -> Result<()> {
        let Some(base) = &self.base else { return Ok(()) };
        let mut db = PgConnection::connect(&base.cluster.url(DATABASE)).await?;
        for Login { role, password, .. } in &base.logins {
            // Neither can be bound in a statement of this kind; both are ours and plain.
            let sql = format!("alter role {role} with login password '{password}'");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await?;
        }
        Ok(db.close().await?)
    }

    /// The same variables that a production server is given, with the addresses of these parts. No `REDIS_URL`:
    /// cache and bus are in the process.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        if let Some(Base { cluster, logins }) = &self.base {
            all.extend(logins.iter().map(|login| (login.variable, cluster.url_as(login.role, &login.password, DATABASE))));
            all.push(("DATABASE_ADMIN_URL", cluster.url(DATABASE)));
        }
        if let Some(s3) = &self.s3 {
            all.extend([
                ("S3_ENDPOINT", s3.url()),
                ("S3_REGION", REGION.to_owned()),
                ("S3_BUCKET", BUCKET.to_owned()),
                ("S3_ACCESS_KEY", s3.access_key.clone()),
                ("S3_SECRET_KEY", s3.secret_key.clone()),
            ]);
        }
        if let Some(mail) = &self.mail {
            all.extend([("SMTP_URL", mail.url()), ("CORREO_PAGINA", mail.page())]);
        }
        all.push(("HUELLA_CORREO_REMITENTE", "Huella <no-responder@huella.example>".to_owned()));
        all.push(("HUELLA_CLAVES", self.folder.join("claves").display().to_string()));
        all
    }

    /// What `psql` reads to enter our own cluster; nothing where the database is given.
    pub fn psql(&self) -> Vec<(&'static str, String)> {
        const USER: &str = "huella_app";
        let Some(Base { cluster, logins }) = &self.base else { return Vec::new() };
        let password = logins.iter().find(|login| login.role == USER).map(|login| login.password.clone());
        vec![
            ("PGHOST", "127.0.0.1".to_owned()),
            ("PGPORT", cluster.port().to_string()),
            ("PGDATABASE", DATABASE.to_owned()),
            ("PGUSER", USER.to_owned()),
            ("PGPASSWORD", password.unwrap_or_default()),
            ("PGOPTIONS", "-csearch_path=huella,public".to_owned()),
        ]
    }

    /// Stops in order: nobody writes while the database shuts down.
    pub async fn stop(mut self) -> Result<()> {
        self.tasks.drain(..).for_each(|task| task.abort());
        if let Some(mut base) = self.base.take() {
            tokio::task::spawn_blocking(move || base.cluster.stop()).await??;
        }
        Ok(())
    }
}

impl Drop for DemoParts {
    fn drop(&mut self) {
        self.tasks.drain(..).for_each(|task| task.abort());
    }
}

fn s3_config(endpoint: &S3Endpoint) -> S3Config {
    S3Config {
        endpoint: Some(endpoint.url()),
        region: REGION.to_owned(),
        bucket: BUCKET.to_owned(),
        access_key: endpoint.access_key.clone(),
        secret_key: Secret::new(&endpoint.secret_key),
    }
}

fn logins(folder: &Folder) -> Result<Vec<Login>> {
    let kept = folder.make("huella_roles")?;
    LOGINS.into_iter().map(|(role, variable)| Ok(Login { role, variable, password: private::secret_in(&kept.join(role))? })).collect()
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
    use axum::body::Bytes;
    use kernel::ports::Files;
    use std::{collections::HashMap, fs};

    fn given(pairs: &[(&str, &str)]) -> Given {
        let vars = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Given::of(vars, Path::new("/nada"))
    }

    async fn start(path: &Path) -> DemoParts {
        DemoParts::start(Folder::open(path).expect("free"), &given(&[]), |_| {}).await.expect("started")
    }

    fn env(parts: &DemoParts) -> HashMap<&'static str, String> {
        parts.variables().into_iter().collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_product_reaches_every_part_by_address_and_finds_its_data_after_a_restart() {
        let path = std::env::temp_dir().join(format!("huella-demo-{}", uuid::Uuid::now_v7()));
        let parts = start(&path).await;
        let in_use = Folder::open(&path).err().expect("one at a time").to_string();
        assert!(in_use.contains("está en uso por el proceso"), "{in_use}");

        // Given what the migrations make,
        let before = env(&parts);
        let mut admin = PgConnection::connect(&before["DATABASE_ADMIN_URL"]).await.expect("superuser");
        for (role, _) in LOGINS {
            sqlx::raw_sql(AssertSqlSafe(format!("create role {role} login"))).execute(&mut admin).await.expect("a role");
        }
        // when the logins are opened, then each role signs in with its own password and no other.
        parts.open_logins().await.expect("opened");
        for (role, variable) in LOGINS {
            let mut db = PgConnection::connect(&before[variable]).await.expect(role);
            let who: String = sqlx::query_scalar("select current_user::text").fetch_one(&mut db).await.expect("asked");
            assert_eq!(who, role);
        }
        assert!(PgConnection::connect(&before["DATABASE_URL"].replace("huella_servicio", "huella_jobs")).await.is_err());

        let config = s3_config(parts.s3.as_ref().expect("own"));
        let files = S3Files::new(&config);
        files.ready().await.expect("ready");
        files.put("t1/foto.png", "image/png", Bytes::from_static(b"\x89PNG")).await.expect("stored");
        let other = S3Config { secret_key: Secret::new("otra"), ..config };
        assert!(S3Files::new(&other).get("t1/foto.png").await.is_err(), "a wrong secret was accepted");
        drop(admin);
        parts.stop().await.expect("stopped");

        let again = start(&path).await;
        assert_eq!(env(&again), before, "addresses and passwords must stay valid");
        PgConnection::connect(&before["DATABASE_URL"]).await.expect("still signs in");
        let files = S3Files::new(&s3_config(again.s3.as_ref().expect("own")));
        assert_eq!(files.get("t1/foto.png").await.expect("read"), Some(("image/png".into(), Bytes::from_static(b"\x89PNG"))));
        assert_eq!(files.get("t1/otra.png").await.expect("read"), None);
        files.delete("t1/foto.png").await.expect("deleted");
        assert_eq!(files.get("t1/foto.png").await.expect("read"), None);
        again.stop().await.expect("stopped");

        Folder::open(&path).expect("free").clear().await.expect("cleared");
        let fresh = start(&path).await;
        assert_ne!(env(&fresh)["DATABASE_URL"], before["DATABASE_URL"]);
        fresh.stop().await.expect("stopped");
        cluster::destroy(&path).expect("deleted");
        fs::remove_dir_all(&path).expect("deleted");
    }

    #[tokio::test]
    async fn what_is_given_is_not_started_and_what_is_ours_takes_nothing_of_others() {
        let path = std::env::temp_dir().join(format!("huella-dada-{}", uuid::Uuid::now_v7()));
        let given = given(&[
            ("DATABASE_URL", "postgres://mia"),
            ("REDIS_URL", "redis://mio"),
            ("SMTP_URL", "smtp://mio"),
            ("S3_SECRET_KEY", "de-otro"),
        ]);
        let parts = DemoParts::start(Folder::open(&path).expect("free"), &given, |_| {}).await.expect("started");
        assert!(parts.base.is_none() && parts.mail.is_none() && parts.mail_page().is_none());
        assert!(!path.join("pg").exists() && !path.join("correo").exists());
        parts.open_logins().await.expect("nothing to do");
        let env = given.merged(&parts);
        assert_eq!([&env["DATABASE_URL"], &env["REDIS_URL"], &env["SMTP_URL"]], ["postgres://mia", "redis://mio", "smtp://mio"]);
        assert!(!env.contains_key("DATABASE_APP_URL"));
        assert_ne!(env["S3_SECRET_KEY"], "de-otro");
        parts.stop().await.expect("stopped");
        fs::remove_dir_all(&path).expect("deleted");
    }
}
