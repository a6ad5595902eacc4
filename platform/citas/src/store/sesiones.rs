//! Codes that owners asked for, and the sessions that they opened.
use crate::model::CanalCodigo;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, SedeId},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Codes of an address or phone and of a network since some time.
pub async fn codigos_desde(tx: &mut Tx, destino: &[u8], red: &[u8], desde: Timestamp) -> Result<(i64, i64), Problem> {
    let fila = sqlx::query!(
        r#"select (select count(*) from autoreserva_sesiones where correo_indice = $1 and creada_en > $3) as "destino!",
                  (select count(*) from autoreserva_sesiones where red = $2 and creada_en > $3) as "red!""#,
        destino,
        red,
        desde.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((fila.destino, fila.red))
}

/// A code that somebody asked for.
pub struct Pedida<'a> {
    pub id: Uuid,
    pub solicitud: &'a [u8],
    pub canal: CanalCodigo,
    /// Of where it goes.
    pub indice: &'a [u8],
    pub sellado: &'a str,
    pub red: &'a [u8],
    pub codigo: &'a [u8],
    pub vence_en: Timestamp,
}

pub async fn insert_pedida(tx: &mut Tx, pedida: &Pedida<'_>) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "insert into autoreserva_sesiones (id, solicitud, canal, correo_indice, correo_sellado, red, codigo, creada_en, vence_en)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        pedida.id,
        pedida.solicitud,
        pedida.canal as _,
        pedida.indice,
        pedida.sellado,
        pedida.red,
        pedida.codigo,
        now.to_sqlx() as _,
        pedida.vence_en.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A try, counted.
pub struct Intento {
    pub id: Uuid,
    pub codigo: Vec<u8>,
    pub intentos: i16,
}

/// Counts a try before it is looked at; `None` if there are none left, or the code is over or used.
pub async fn intentar(tx: &mut Tx, solicitud: &[u8], max: i16) -> Result<Option<Intento>, Problem> {
    let now = tx.now();
    let intento = sqlx::query_as!(
        Intento,
        "update autoreserva_sesiones set intentos = intentos + 1
          where solicitud = $1 and sesion is null and intentos < $2 and vence_en > $3 returning id, codigo, intentos",
        solicitud,
        max,
        now.to_sqlx() as _,
    );
    Ok(intento.fetch_optional(&mut **tx).await?)
}

pub async fn abrir_sesion(tx: &mut Tx, id: Uuid, sesion: &[u8], hasta: Timestamp) -> Result<(), Problem> {
    sqlx::query!("update autoreserva_sesiones set sesion = $2, sesion_hasta = $3 where id = $1", id, sesion, hasta.to_sqlx() as _)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Who proved an address or a phone.
pub struct Sesion {
    pub id: Uuid,
    pub canal: CanalCodigo,
    /// Of what was proved.
    pub indice: Vec<u8>,
    pub sellado: String,
    pub hasta: Timestamp,
    pub cita_id: Option<CitaId>,
    pub sede_id: Option<SedeId>,
}

/// A session that is good, held until the transaction ends.
pub async fn lock_sesion(tx: &mut Tx, sesion: &[u8]) -> Result<Option<Sesion>, Problem> {
    let now = tx.now();
    let fila = sqlx::query!(
        r#"select id, canal as "canal: CanalCodigo", correo_indice, correo_sellado, sesion_hasta as "hasta!", cita_id as "cita_id: CitaId", sede_id as "sede_id: SedeId"
             from autoreserva_sesiones where sesion = $1 and sesion_hasta > $2 for update"#,
        sesion,
        now.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(fila.map(|f| Sesion {
        id: f.id,
        canal: f.canal,
        indice: f.correo_indice,
        sellado: f.correo_sellado,
        hasta: f.hasta.to_jiff(),
        cita_id: f.cita_id,
        sede_id: f.sede_id,
    }))
}

/// What a session holds or booked.
pub async fn ligar(tx: &mut Tx, id: Uuid, cita: Option<(CitaId, SedeId)>) -> Result<(), Problem> {
    let (cita, sede) = cita.unzip();
    sqlx::query!("update autoreserva_sesiones set cita_id = $2, sede_id = $3 where id = $1", id, cita as _, sede as _)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Deletes codes and sessions of before. Role `huella_jobs`.
pub async fn olvidar_codigos(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from autoreserva_sesiones s using (select tenant_id, id from autoreserva_sesiones where creada_en < $1 limit $2) v
          where s.tenant_id = v.tenant_id and s.id = v.id",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
