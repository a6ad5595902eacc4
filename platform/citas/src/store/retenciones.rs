//! Holds: rows of `citas` with an end.
use super::citas::unless_taken;
use crate::model::{Cita, Retencion};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, EquipoId, SedeId},
};

pub async fn retencion(tx: &mut Tx, id: CitaId) -> Result<Option<Retencion>, Problem> {
    let retencion = sqlx::query_as!(
        Retencion,
        r#"select id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, retenida_hasta as "retenida_hasta!", version,
                  array(select e.equipo_id from citas_equipos e where e.cita_id = $1 order by 1) as "equipos!: Vec<EquipoId>"
             from citas where id = $1 and retenida_hasta is not null and activa"#,
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(retencion)
}

/// Holds the hold until the transaction ends.
pub async fn lock_retencion(tx: &mut Tx, id: CitaId) -> Result<Option<Retencion>, Problem> {
    let there = sqlx::query_scalar!(
        r#"select true as "there!" from citas where id = $1 and retenida_hasta is not null and activa for update"#,
        id as _
    );
    if there.fetch_optional(&mut **tx).await?.is_none() {
        return Ok(None);
    }
    retencion(tx, id).await
}

/// The holds of a sede that are not over, in order of start.
pub async fn retenciones(tx: &mut Tx, sede: SedeId) -> Result<Vec<Retencion>, Problem> {
    let now = tx.now();
    let filas = sqlx::query_as!(
        Retencion,
        r#"select id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, retenida_hasta as "retenida_hasta!", version,
                  array(select e.equipo_id from citas_equipos e where e.cita_id = citas.id order by 1) as "equipos!: Vec<EquipoId>"
             from citas where sede_id = $1 and retenida_hasta > $2 and activa order by inicio, id"#,
        sede as _,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas)
}

/// Turns a hold into the appointment. `false`: the pet or the vet is taken after all, and nothing was written.
pub async fn confirmar(tx: &mut Tx, cita: &Cita) -> Result<bool, Problem> {
    let now = tx.now();
    tx.mark().await?;
    let done = sqlx::query!(
        "update citas set retenida_hasta = null, mascota_id = $2, motivo = $3, version = $4, actualizado_en = $5 where id = $1",
        cita.id as _,
        cita.mascota_id as _,
        cita.motivo,
        cita.version,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await
    .map(drop);
    unless_taken(tx, done).await
}

/// `false`: there was none any more.
pub async fn soltar(tx: &mut Tx, id: CitaId) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select retencion_soltar($1) as "done!""#, id as _).fetch_one(&mut **tx).await?)
}
