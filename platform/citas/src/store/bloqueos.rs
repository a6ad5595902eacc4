//! Blocked periods.
use crate::model::Bloqueo;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, BloqueoId, EquipoId, SedeId},
};

/// Holds a sede, so that who books in it waits, and waits for who is booking; `false`: there is none.
pub async fn lock_sede(tx: &mut Tx, sede: SedeId) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select sede_en_exclusiva($1) as "there!""#, sede as _).fetch_one(&mut **tx).await?)
}

/// Whether a room and a piece of equipment, as far as they are named, are of this sede.
pub async fn recursos_de_sede(
    tx: &mut Tx,
    sede: SedeId,
    ambiente: Option<AmbienteId>,
    equipo: Option<EquipoId>,
) -> Result<(bool, bool), Problem> {
    let row = sqlx::query!(
        r#"select $2::uuid is null or exists (select from v_ambientes where id = $2 and sede_id = $1) as "ambiente!",
                  $3::uuid is null or exists (select from v_equipos where id = $3 and sede_id = $1) as "equipo!""#,
        sede as _,
        ambiente as _,
        equipo as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.ambiente, row.equipo))
}

pub async fn insert_bloqueo(tx: &mut Tx, b: &Bloqueo) -> Result<(), Problem> {
    let author = tx.author();
    sqlx::query!(
        "insert into bloqueos (id, sede_id, medico_id, ambiente_id, equipo_id, desde, hasta, motivo, creado_en, creado_por)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        b.id as _,
        b.sede_id as _,
        b.medico_id as _,
        b.ambiente_id as _,
        b.equipo_id as _,
        b.desde.to_sqlx() as _,
        b.hasta.to_sqlx() as _,
        b.motivo,
        b.creado_en.to_sqlx() as _,
        author
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn bloqueo(tx: &mut Tx, id: BloqueoId) -> Result<Option<Bloqueo>, Problem> {
    Ok(sqlx::query_as!(
        Bloqueo,
        "select id, sede_id, medico_id, ambiente_id, equipo_id, desde, hasta, motivo, creado_en from bloqueos where id = $1",
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// Those that reach into a time, in order.
pub async fn bloqueos(tx: &mut Tx, sede: SedeId, desde: Timestamp, hasta: Timestamp) -> Result<Vec<Bloqueo>, Problem> {
    Ok(sqlx::query_as!(
        Bloqueo,
        "select id, sede_id, medico_id, ambiente_id, equipo_id, desde, hasta, motivo, creado_en from bloqueos
          where sede_id = $1 and hasta > $2 and desde < $3 order by desde, id",
        sede as _,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// The block that was taken away, if the caller sees its sede.
pub async fn delete_bloqueo(tx: &mut Tx, id: BloqueoId) -> Result<Option<Bloqueo>, Problem> {
    Ok(sqlx::query_as!(
        Bloqueo,
        "delete from bloqueos where id = $1 returning id, sede_id, medico_id, ambiente_id, equipo_id, desde, hasta, motivo, creado_en",
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?)
}
