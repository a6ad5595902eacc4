//! Calendars. What the holder of a link sees is told by functions: a link has no sede.
use crate::model::{Calendario, EnCalendario, Estado};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CalendarioId, CitaId, SedeId, UsuarioId},
};
use uuid::Uuid;

pub async fn insert(tx: &mut Tx, calendario: &Calendario, resumen: &[u8]) -> Result<(), Problem> {
    sqlx::query!(
        "insert into calendarios (id, resumen, sede_id, medico_id, creado_por, creado_en) values ($1, $2, $3, $4, $5, $6)",
        calendario.id as _,
        resumen,
        calendario.sede_id as _,
        calendario.medico_id as _,
        calendario.creado_por as _,
        calendario.creado_en.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

struct Fila {
    id: CalendarioId,
    sede_id: Option<SedeId>,
    medico_id: Option<UsuarioId>,
    creado_por: UsuarioId,
    creado_en: Timestamp,
    usado_en: Option<jiff_sqlx::Timestamp>,
    revocado_en: Option<jiff_sqlx::Timestamp>,
}

impl From<Fila> for Calendario {
    fn from(f: Fila) -> Self {
        Self {
            id: f.id,
            sede_id: f.sede_id,
            medico_id: f.medico_id,
            creado_por: f.creado_por,
            creado_en: f.creado_en,
            usado_en: f.usado_en.map(|at| at.to_jiff()),
            revocado_en: f.revocado_en.map(|at| at.to_jiff()),
        }
    }
}

/// Of whom calendars are wanted: somebody's own, and those of the sedes (`None`: all) that they set up.
pub struct Alcance {
    pub propio: UsuarioId,
    pub cadena: bool,
    pub sedes: Vec<SedeId>,
}

/// The newest first, revoked ones included.
pub async fn list(tx: &mut Tx, alcance: &Alcance, after: Option<CalendarioId>, limit: i64) -> Result<Vec<Calendario>, Problem> {
    let filas = sqlx::query_as!(
        Fila,
        "select id, sede_id, medico_id, creado_por, creado_en, usado_en, revocado_en
             from calendarios
            where (creado_por = $1 or $2 or sede_id = any ($3)) and ($4::uuid is null or id < $4) order by id desc limit $5",
        alcance.propio as _,
        alcance.cadena,
        &alcance.sedes as &[SedeId],
        after as _,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(Calendario::from).collect())
}

/// Ends a calendar within reach; `None` if there is none that still goes.
pub async fn revocar(tx: &mut Tx, id: CalendarioId, alcance: &Alcance) -> Result<Option<Calendario>, Problem> {
    let now = tx.now();
    let fila = sqlx::query_as!(
        Fila,
        "update calendarios set revocado_en = $5
            where id = $1 and revocado_en is null and (creado_por = $2 or $3 or sede_id = any ($4))
           returning id, sede_id, medico_id, creado_por, creado_en, usado_en, revocado_en",
        id as _,
        alcance.propio as _,
        alcance.cadena,
        &alcance.sedes as &[SedeId],
        now.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(fila.map(Calendario::from))
}

/// What a link opens: id, last use, name of the sede and of the vet.
pub struct Abierto {
    pub id: CalendarioId,
    pub usado_en: Option<Timestamp>,
    pub sede: Option<String>,
    pub medico: Option<String>,
}

pub async fn abrir(tx: &mut Tx, resumen: &[u8]) -> Result<Option<Abierto>, Problem> {
    let fila = sqlx::query!(r#"select id as "id!: CalendarioId", usado_en, sede, medico from calendario_abierto($1)"#, resumen)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(fila.map(|f| Abierto { id: f.id, usado_en: f.usado_en.map(|at| at.to_jiff()), sede: f.sede, medico: f.medico }))
}

/// Notes that it was read.
pub async fn usar(tx: &mut Tx, id: CalendarioId) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!("update calendarios set usado_en = $2 where id = $1", id as _, now.to_sqlx() as _).execute(&mut **tx).await?;
    Ok(())
}

pub async fn citas(tx: &mut Tx, resumen: &[u8], desde: Timestamp, hasta: Timestamp) -> Result<Vec<EnCalendario>, Problem> {
    Ok(sqlx::query_as!(
        EnCalendario,
        r#"select id as "id!: CitaId", inicio as "inicio!", fin as "fin!", estado as "estado!: Estado", version as "version!",
                  actualizado_en as "actualizado_en!", sede as "sede!", ambiente, inicial as "inicial!"
             from calendario_citas($1, $2, $3)"#,
        resumen,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Whether they are of this chain: a calendar of nobody would stay empty for ever.
pub async fn existen(tx: &mut Tx, sede: Option<SedeId>, medico: Option<UsuarioId>) -> Result<(bool, bool), Problem> {
    let fila = sqlx::query!(
        r#"select ($1::uuid is null or exists (select from v_sedes where id = $1)) as "sede!",
                  ($2::uuid is null or exists (select from v_medicos where id = $2)) as "medico!""#,
        sede.map(Uuid::from),
        medico.map(Uuid::from),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((fila.sede, fila.medico))
}
