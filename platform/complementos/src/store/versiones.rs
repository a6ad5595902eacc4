//! Versions: the platform's table, of which a chain sees what was approved and its own.
use crate::{
    model::{EstadoVersion, Examen, FaltaExamen, Hallazgo, Publicada, mundo},
    problemas::VERSION_REPETIDA,
};
use jiff_sqlx::{Timestamp as T, ToSqlx};
use kernel::{OnConstraint, Problem, Tx};
use plugin_manifest::{Digest, Package};
use sqlx::types::Json;

struct Fila {
    digest: String,
    propia: bool,
    editor: String,
    complemento: String,
    version: String,
    mundo: String,
    estado: String,
    clave_editor: Option<String>,
    paquete: Json<Package>,
    bytes: i32,
    importa: Vec<String>,
    hallazgos: Json<Vec<Hallazgo>>,
    faltas: Json<Vec<FaltaExamen>>,
    examen_ms: Option<i64>,
    subida_en: T,
    examinada_en: Option<T>,
    revisada_en: Option<T>,
    motivo: Option<String>,
    revision: i32,
}

impl TryFrom<Fila> for Publicada {
    type Error = Problem;
    fn try_from(row: Fila) -> Result<Self, Problem> {
        Ok(Self {
            mundo: mundo(&row.mundo).ok_or_else(|| Problem::internal("a world that is none"))?,
            estado: EstadoVersion::read(&row.estado),
            digest: row.digest,
            propia: row.propia,
            editor: row.editor,
            complemento: row.complemento,
            version: row.version,
            clave_editor: row.clave_editor,
            paquete: row.paquete.0,
            bytes: row.bytes,
            importa: row.importa,
            hallazgos: row.hallazgos.0,
            faltas: row.faltas.0,
            examen_ms: row.examen_ms,
            subida_en: row.subida_en.to_jiff(),
            examinada_en: row.examinada_en.map(T::to_jiff),
            revisada_en: row.revisada_en.map(T::to_jiff),
            motivo: row.motivo,
            revision: row.revision,
        })
    }
}

/// Which versions; what is absent does not narrow.
#[derive(Debug, Clone, Default)]
pub struct Filtro {
    pub digests: Option<Vec<String>>,
    pub complemento: Option<String>,
    pub estado: Option<EstadoVersion>,
    /// Only those of this chain.
    pub propias: bool,
    /// Uploaded before that one.
    pub despues_de: Option<(jiff::Timestamp, String)>,
}

pub async fn list(tx: &mut Tx, filtro: &Filtro, limit: i64) -> Result<Vec<Publicada>, Problem> {
    let (en, digest) = filtro.despues_de.clone().unzip();
    let rows = sqlx::query_as!(
        Fila,
        r#"select digest, propietario = tenant_actual() as "propia!", editor, complemento, version, mundo, estado, clave_editor,
                  paquete as "paquete: Json<Package>", bytes, importa, hallazgos as "hallazgos: Json<Vec<Hallazgo>>",
                  faltas as "faltas: Json<Vec<FaltaExamen>>", examen_ms, subida_en, examinada_en, revisada_en, motivo, revision
             from complementos_versiones
            where ($1::text[] is null or digest = any($1)) and ($2::text is null or complemento = $2) and ($3::text is null or estado = $3)
              and (not $4 or propietario = tenant_actual()) and ($5::timestamptz is null or (subida_en, digest) < ($5, $6))
            order by subida_en desc, digest desc limit $7"#,
        filtro.digests.as_deref(),
        filtro.complemento,
        filtro.estado.map(EstadoVersion::clave),
        filtro.propias,
        en.map(ToSqlx::to_sqlx) as _,
        digest,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Publicada::try_from).collect()
}

pub async fn get(tx: &mut Tx, digest: &str) -> Result<Option<Publicada>, Problem> {
    let one = Filtro { digests: Some(vec![digest.to_owned()]), ..Filtro::default() };
    Ok(list(tx, &one, 1).await?.pop())
}

/// Until the transaction ends nobody else decides about it.
pub async fn lock(tx: &mut Tx, digest: &str) -> Result<Option<Publicada>, Problem> {
    sqlx::query!("select digest from complementos_versiones where digest = $1 for update", digest).fetch_optional(&mut **tx).await?;
    get(tx, digest).await
}

/// The newest that a chain may install, of each plugin or of one.
pub async fn newest(tx: &mut Tx, sandbox: bool, mundo: Option<&str>, complemento: Option<&str>) -> Result<Vec<Publicada>, Problem> {
    let rows = sqlx::query_as!(
        Fila,
        r#"select distinct on (complemento) digest, propietario = tenant_actual() as "propia!", editor, complemento, version, mundo, estado,
                  clave_editor, paquete as "paquete: Json<Package>", bytes, importa, hallazgos as "hallazgos: Json<Vec<Hallazgo>>",
                  faltas as "faltas: Json<Vec<FaltaExamen>>", examen_ms, subida_en, examinada_en, revisada_en, motivo, revision
             from complementos_versiones v
            where (estado = 'aprobada' or $1 and estado = 'en_revision' and propietario = tenant_actual())
              and ($2::text is null or mundo = $2) and ($3::text is null or complemento = $3)
              and exists (select from editores e where e.clave = v.editor and e.activo and not e.suspendido)
            order by complemento, orden desc, subida_en desc"#,
        sandbox,
        mundo,
        complemento
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Publicada::try_from).collect()
}

/// What is known of a version when its bytes arrive.
pub struct Subida<'a> {
    pub digest: &'a Digest,
    pub editor: &'a str,
    pub clave_editor: Option<String>,
    pub paquete: &'a Package,
    pub orden: &'a str,
    pub bytes: i32,
}

/// A new version, or once more one that the examination refused.
pub async fn upload(tx: &mut Tx, subida: &Subida<'_>) -> Result<bool, Problem> {
    let manifest = &subida.paquete.manifest;
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    let done = sqlx::query!(
        "insert into complementos_versiones as v (digest, editor, complemento, version, orden, mundo, estado, clave_editor, paquete, bytes, subida_en, subida_por)
         values ($1, $2, $3, $4, $5, $6, 'en_examen', $7, $8, $9, $10, $11)
         on conflict (digest) do update set estado = 'en_examen', clave_editor = excluded.clave_editor, bytes = excluded.bytes, faltas = '[]', hallazgos = '[]',
                subida_en = excluded.subida_en, subida_por = excluded.subida_por, examinada_en = null, examen_ms = null, motivo = null, revision = v.revision + 1
          where v.estado = 'rechazada' and v.revisada_en is null",
        subida.digest.to_string(),
        subida.editor,
        manifest.id,
        manifest.version,
        subida.orden,
        manifest.world.world.name(),
        subida.clave_editor,
        Json(subida.paquete) as _,
        subida.bytes,
        now as _,
        author
    )
    .execute(&mut **tx)
    .await
    .on_constraint("complementos_versiones_subida", || Problem::new(VERSION_REPETIDA).detail("Esa versión ya está en examen o en revisión."))?;
    Ok(done.rows_affected() > 0)
}

/// How many of this chain's wait to be examined.
pub async fn in_examination(tx: &mut Tx) -> Result<i64, Problem> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from complementos_versiones where propietario = tenant_actual() and estado = 'en_examen'"#
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Whether this number was published before by other bytes.
pub async fn number_taken(tx: &mut Tx, complemento: &str, version: &str) -> Result<bool, Problem> {
    let taken = sqlx::query_scalar!(
        r#"select exists (select from complementos_versiones where complemento = $1 and version = $2 and estado in ('aprobada', 'retirada')) as "hay!""#,
        complemento,
        version
    );
    Ok(taken.fetch_one(&mut **tx).await?)
}

/// Another publisher that has approved versions under this name.
pub async fn owner_of_name(tx: &mut Tx, complemento: &str) -> Result<Option<String>, Problem> {
    let owner = sqlx::query_scalar!(
        "select editor from complementos_versiones where complemento = $1 and estado in ('aprobada', 'retirada') order by revisada_en limit 1",
        complemento
    );
    Ok(owner.fetch_optional(&mut **tx).await?)
}

pub async fn examined(tx: &mut Tx, digest: &str, examen: &Examen) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update complementos_versiones set estado = 'en_revision', importa = $2, hallazgos = $3, faltas = '[]', examen_ms = $4, examinada_en = $5, revision = revision + 1
          where digest = $1 and estado = 'en_examen'",
        digest,
        &examen.importa,
        Json(&examen.hallazgos) as _,
        i64::try_from(examen.ms).unwrap_or(i64::MAX),
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn refused(tx: &mut Tx, digest: &str, faltas: &[FaltaExamen]) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update complementos_versiones set estado = 'rechazada', faltas = $2, examinada_en = $3, revision = revision + 1 where digest = $1 and estado = 'en_examen'",
        digest,
        Json(faltas) as _,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What the platform decided.
pub async fn decide(tx: &mut Tx, digest: &str, estado: EstadoVersion, motivo: Option<&str>) -> Result<(), Problem> {
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    let done = sqlx::query!(
        "update complementos_versiones set estado = $2, motivo = $3, revisada_en = $4, revisada_por = $5, revision = revision + 1 where digest = $1",
        digest,
        estado.clave(),
        motivo,
        now as _,
        author
    )
    .execute(&mut **tx)
    .await
    .on_constraint("complementos_versiones_numero", || Problem::new(VERSION_REPETIDA).detail("Ya se aprobó otra con ese número."))?;
    // Nobody but the platform changes what it may see.
    if done.rows_affected() == 0 { Err(Problem::forbidden()) } else { Ok(()) }
}

pub async fn withdrawn(tx: &mut Tx) -> Result<Vec<String>, Problem> {
    Ok(sqlx::query_scalar!("select digest from complementos_versiones where estado = 'retirada'").fetch_all(&mut **tx).await?)
}
