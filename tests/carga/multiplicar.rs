//! Chains by the hundred: one made by the product's own command and doors, filled by SQL (`modelo.sql`), and copied under other
//! ids (`copias.sql`) by two sessions at once.
use crate::{
    chains::{self, Shape},
    names,
    place::{Place, ran},
};
use anyhow::{Context, Result, ensure};
use jiff::{Timestamp, civil::Date};
use kernel::{crypto::Keyring, ids::TenantId};
use pacientes::PacienteImportado;
use sqlx::{PgConnection, PgPool};
use std::{
    cell::Cell,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// In each sede: a small clinic, of which there are many.
pub const MEDICOS: usize = 2;
pub const MASCOTAS: usize = 100;
/// Names repeat after so many pets, so that a chain's dictionary is as large as one of that size has.
pub const NOMBRES: usize = 251;
/// From one word about how far it is to the next.
const TELL: Duration = Duration::from_secs(10);
const MODELO: &str = include_str!("modelo.sql");
const COPIAS: &str = include_str!("copias.sql");
const COPIADAS: &str = include_str!("copiadas.sql");

/// How many of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forma {
    pub sedes: usize,
    /// Of one chain.
    pub por_cadena: usize,
    /// At the desk of each sede.
    pub personas: usize,
}

impl Forma {
    pub fn cadenas(&self) -> usize {
        self.sedes / self.por_cadena
    }
}

/// A database with that in it.
pub struct Datos {
    pub forma: Forma,
    pub nombre: String,
    pub db: PgPool,
    pub segundos: f64,
    /// Of the database, and of what the cluster wrote ahead.
    pub mb: f64,
    pub wal_mb: f64,
}

/// What is being done and how far it is.
struct Avance {
    sedes: usize,
    de: usize,
    que: Cell<&'static str>,
    hechas: Cell<usize>,
    desde: Instant,
}

impl Avance {
    fn paso(&self, que: &'static str) {
        self.que.set(que);
    }
    fn linea(&self) -> String {
        let (hechas, de) = (self.hechas.get(), self.de);
        format!("    {} sedes: {}, {hechas} de {de} cadenas, {:.0} s", self.sedes, self.que.get(), self.desde.elapsed().as_secs_f64())
    }
}

/// Does it and says every ten seconds how far it is.
async fn contado<T>(avance: &Avance, trabajo: impl Future<Output = Result<T>>) -> Result<T> {
    let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + TELL, TELL);
    let mut trabajo = std::pin::pin!(trabajo);
    loop {
        tokio::select! {
            done = &mut trabajo => return done,
            _ = tick.tick() => println!("{}", avance.linea()),
        }
    }
}

/// A database of its own for so many sedes.
pub async fn hacer(place: &Place, forma: Forma) -> Result<Datos> {
    let nombre = format!("escala{}", forma.sedes);
    println!("Preparando {} sedes en {} cadenas…", forma.sedes, forma.cadenas());
    let avance = Avance {
        sedes: forma.sedes,
        de: forma.cadenas(),
        que: Cell::new("la primera cadena"),
        hechas: Cell::new(0),
        desde: Instant::now(),
    };
    let db = contado(&avance, llenar(place, forma, &nombre, &avance)).await.with_context(|| nombre.clone())?;
    let segundos = avance.desde.elapsed().as_secs_f64();
    let (mb, wal_mb): (f64, f64) = sqlx::query_as(
        "select pg_database_size(current_database())::float8 / 1e6, (select coalesce(sum(size), 0)::float8 / 1e6 from pg_ls_waldir())",
    )
    .fetch_one(&db)
    .await?;
    let (cadenas, sedes, mascotas, citas): (i64, i64, i64, i64) = sqlx::query_as(
        "select count(*), (select count(*) from sedes), (select count(*) from mascotas), (select count(*) from citas) from tenants",
    )
    .fetch_one(&db)
    .await?;
    println!("    {cadenas} cadenas, {sedes} sedes, {mascotas} mascotas, {citas} citas: {mb:.0} MB en {segundos:.0} s");
    ensure!(usize::try_from(sedes)? == forma.sedes, "{sedes} sedes en lugar de {}", forma.sedes);
    Ok(Datos { forma, nombre, db, segundos, mb, wal_mb })
}

async fn llenar(place: &Place, forma: Forma, nombre: &str, avance: &Avance) -> Result<PgPool> {
    let admin = place.connect("postgres").await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {nombre}"))).execute(&admin).await?;
    ran(place.huella(nombre).arg("migrate"))?;
    let mascotas = MASCOTAS * forma.por_cadena;
    let shape = Shape { clave: "cadena1".into(), sedes: forma.por_cadena, medicos: MEDICOS, mascotas };
    chains::apply(place, nombre, &shape, 0)?;
    let db = place.connect(nombre).await?;
    let modelo: Uuid = sqlx::query_scalar("select id from tenants where clave = $1").bind(&shape.clave).fetch_one(&db).await?;
    chains::populate(&chains::system(place, db.clone())?, TenantId(modelo), mascotas, paciente).await?;
    preparar(&db, modelo, forma).await?;
    avance.hechas.set(1);
    avance.paso("copiando");
    copiar_todas(place, &db, forma.cadenas(), avance).await?;
    avance.paso("contando lo que hay (vacuum analyze)");
    sqlx::query("vacuum analyze").execute(&db).await?;
    // After what may still hold an older transaction: what was loaded counts as sealed.
    sqlx::raw_sql(COPIADAS).execute(&db).await.context("copiadas.sql")?;
    sqlx::query("checkpoint").execute(&db).await?;
    Ok(db)
}

fn paciente(number: usize, now: Timestamp) -> Result<PacienteImportado> {
    const NOMBRES_DE_PERSONA: [&str; 8] = ["María", "José", "Rosa", "Luis", "Carmen", "Jorge", "Ana", "Carlos"];
    let nombres = NOMBRES_DE_PERSONA[number % NOMBRES_DE_PERSONA.len()];
    chains::un_paciente(number, nombres, &names::nombre_de_mascota(number % NOMBRES), now)
}

/// Today where the sedes are.
pub fn hoy() -> Result<Date> {
    #[expect(clippy::disallowed_methods, reason = "the clock of a measurement is the wall's")]
    let now = Timestamp::now();
    Ok(now.in_tz("America/Lima")?.date())
}

/// Fills the first chain and gets its copies ready. The settings are the parameters of the SQL.
async fn preparar(db: &PgPool, modelo: Uuid, forma: Forma) -> Result<()> {
    let mut db = db.acquire().await?;
    sqlx::query(
        "select set_config('carga.tenant', $1, false), set_config('carga.hoy', $2, false), set_config('carga.personas', $3, false),
                set_config('carga.medicos', $4, false), set_config('carga.mascotas', $5, false)",
    )
    .bind(modelo.to_string())
    .bind(hoy()?.to_string())
    .bind(forma.personas.to_string())
    .bind(MEDICOS.to_string())
    .bind(MASCOTAS.to_string())
    .execute(&mut *db)
    .await?;
    sqlx::raw_sql(MODELO).execute(&mut *db).await.context("modelo.sql")?;
    sqlx::raw_sql(COPIAS).execute(&mut *db).await.context("copias.sql")?;
    Ok(())
}

async fn copiar_todas(place: &Place, db: &PgPool, cadenas: usize, avance: &Avance) -> Result<()> {
    let nuevas: Vec<Uuid> = sqlx::query_scalar(
        "insert into tenants (id, clave, nombre, creado_en)
         select gen_random_uuid(), 'cadena' || n, 'Carga cadena' || n, now() from generate_series(2, $1) n returning id",
    )
    .bind(i32::try_from(cadenas)?)
    .fetch_all(db)
    .await?;
    let ring = Keyring::open_or_create(&place.folder.join("claves/maestra.json"))?;
    let next = Cell::new(0);
    let work = || copiar(db, &ring, &nuevas, &next, avance);
    let (one, two) = tokio::join!(work(), work());
    one.and(two)
}

/// Takes one chain after the other until there are none.
async fn copiar(db: &PgPool, ring: &Keyring, nuevas: &[Uuid], next: &Cell<usize>, avance: &Avance) -> Result<()> {
    let mut db = db.acquire().await?;
    sqlx::raw_sql("set session_replication_role = replica; set synchronous_commit = off").execute(&mut *db).await?;
    while let Some(tenant) = nuevas.get(next.replace(next.get() + 1)) {
        sellar(&mut db, ring, *tenant).await?;
        sqlx::query("select public.copiar_cadena($1)").bind(tenant).execute(&mut *db).await?;
        avance.hechas.set(avance.hechas.get() + 1);
    }
    sqlx::raw_sql("reset synchronous_commit; reset session_replication_role").execute(&mut *db).await?;
    Ok(())
}

/// A key and a phone for each owner that a chain will have.
async fn sellar(db: &mut PgConnection, ring: &Keyring, tenant: Uuid) -> Result<()> {
    let owners: Vec<(Uuid, Uuid)> =
        sqlx::query_as("select id, public.copia($1, id) from molde.tutores").bind(tenant).fetch_all(&mut *db).await?;
    let (mut viejos, mut telefonos, mut versiones, mut envueltas) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, (viejo, nuevo)) in owners.into_iter().enumerate() {
        let (key, wrapped) = ring.new_person(TenantId(tenant), nuevo)?;
        viejos.push(viejo);
        telefonos.push(key.seal("telefono", &format!("+519{number:08}")));
        versiones.push(wrapped.version);
        envueltas.push(wrapped.bytes);
    }
    sqlx::query("insert into public.sellos select $1, * from unnest($2::uuid[], $3::bytea[], $4::int[], $5::bytea[])")
        .bind(tenant)
        .bind(viejos)
        .bind(telefonos)
        .bind(versiones)
        .bind(envueltas)
        .execute(db)
        .await?;
    Ok(())
}
