//! One appointment: read, write, move, and what stands in its way.
use crate::model::{Cita, Conflicto, Opciones, Slot};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, CitaId, EquipoId, MascotaId, UsuarioId},
};
use uuid::Uuid;

pub async fn find(tx: &mut Tx, id: CitaId) -> Result<Option<Cita>, Problem> {
    let cita = sqlx::query_as!(
        Cita,
        r#"select id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, estado, motivo, anulada_motivo, sobrecupo, version,
                array(select e.equipo_id from citas_equipos e where e.cita_id = $1 order by 1) as "equipos!: Vec<EquipoId>"
           from citas where id = $1"#,
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(cita)
}

/// Like `find`, and holds the row until the transaction ends.
pub async fn lock(tx: &mut Tx, id: CitaId) -> Result<Option<Cita>, Problem> {
    let cita = sqlx::query_as!(
        Cita,
        r#"select id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, estado, motivo, anulada_motivo, sobrecupo, version,
                array(select e.equipo_id from citas_equipos e where e.cita_id = $1 order by 1) as "equipos!: Vec<EquipoId>"
           from citas where id = $1 for update"#,
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(cita)
}

/// Books, unless something is taken: `false`, and nothing is left behind. Speculative insertion (`on conflict do
/// nothing`) waits for a racing booking without deadlocks; one untargeted clause covers vet, room and pet, and the
/// equipment's own table follows in the same statement.
pub async fn insert(tx: &mut Tx, cita: &Cita, slot: &Slot) -> Result<bool, Problem> {
    let (now, author) = (tx.now(), tx.author());
    // Only equipment can refuse after the appointment itself went in.
    let guarded = !cita.equipos.is_empty();
    if guarded {
        tx.mark().await?;
    }
    let fila = sqlx::query!(
        r#"with c as (
             insert into citas (id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, ocupado_desde, ocupado_hasta,
                                estado, activa, motivo, creado_en, creado_por, actualizado_en)
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'programada', true, $11, $12, $13, $12 where medico_activo($4)
             on conflict do nothing returning id),
           e as (
             insert into citas_equipos (cita_id, sede_id, equipo_id, ocupado_desde, ocupado_hasta, activa)
             select c.id, $2, q.id, $9, $10, true from c, unnest($14::uuid[]) with ordinality q(id, n) order by q.n
             on conflict do nothing returning equipo_id)
           select (select count(*) from c) as "citas!", (select count(*) from e) as "equipos!""#,
        cita.id as _,
        cita.sede_id as _,
        cita.mascota_id as _,
        cita.medico_id as _,
        cita.servicio_id as _,
        cita.ambiente_id as _,
        slot.inicio.to_sqlx() as _,
        slot.fin.to_sqlx() as _,
        slot.desde.to_sqlx() as _,
        slot.hasta.to_sqlx() as _,
        cita.motivo,
        now.to_sqlx() as _,
        author,
        &cita.equipos as &[EquipoId],
    )
    .fetch_one(&mut **tx)
    .await?;
    let there = fila.citas == 1 && fila.equipos == cita.equipos.len() as i64;
    if !there && guarded {
        tx.back_to_mark().await?;
    }
    Ok(there)
}

/// `false`, with everything since the mark taken back, if an exclusion constraint refused.
async fn unless_taken(tx: &mut Tx, done: Result<(), sqlx::Error>) -> Result<bool, Problem> {
    const EXCLUSION_VIOLATION: &str = "23P01";
    match done {
        Ok(()) => Ok(true),
        Err(error) if error.as_database_error().and_then(|db| db.code()).is_some_and(|code| code == EXCLUSION_VIOLATION) => {
            tx.back_to_mark().await?;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes the state; an appointment that is over or cancelled frees all it occupied. `false`: one that occupies it
/// again found it taken.
pub async fn save_estado(tx: &mut Tx, cita: &Cita) -> Result<bool, Problem> {
    let now = tx.now();
    tx.mark().await?;
    let done = sqlx::query!(
        "with c as (
           update citas set estado = $2, activa = $3, anulada_motivo = $4, version = $5, actualizado_en = $6 where id = $1)
         update citas_equipos set activa = $3 where cita_id = $1 and activa is distinct from $3",
        cita.id as _,
        cita.estado as _,
        cita.estado.activa(),
        cita.anulada_motivo,
        cita.version,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await
    .map(drop);
    unless_taken(tx, done).await
}

pub async fn save_motivo(tx: &mut Tx, cita: &Cita) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "update citas set motivo = $2, version = $3, actualizado_en = $4 where id = $1",
        cita.id as _,
        cita.motivo,
        cita.version,
        now.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether a vet works in the chain, and goes on doing so until the transaction ends.
async fn medico_activo(tx: &mut Tx, medico: UsuarioId) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select medico_activo($1) as "activo!""#, medico as _).fetch_one(&mut **tx).await?)
}

/// Writes a moved appointment. `false`: something is taken or the vet was deactivated just now, and nothing was written.
pub async fn mover(tx: &mut Tx, cita: &Cita, slot: &Slot) -> Result<bool, Problem> {
    if !medico_activo(tx, cita.medico_id).await? {
        return Ok(false);
    }
    tx.mark().await?;
    let done = write_moved(tx, cita, slot).await;
    unless_taken(tx, done).await
}

async fn write_moved(tx: &mut Tx, cita: &Cita, slot: &Slot) -> Result<(), sqlx::Error> {
    let now = tx.now();
    // Its equipment refers to the appointment's sede, so it goes first and comes back after.
    sqlx::query!("delete from citas_equipos where cita_id = $1", cita.id as _).execute(&mut **tx).await?;
    sqlx::query!(
        "update citas set sede_id = $2, medico_id = $3, servicio_id = $4, ambiente_id = $5, inicio = $6, fin = $7, ocupado_desde = $8,
                ocupado_hasta = $9, motivo = $10, version = $11, actualizado_en = $12 where id = $1",
        cita.id as _,
        cita.sede_id as _,
        cita.medico_id as _,
        cita.servicio_id as _,
        cita.ambiente_id as _,
        slot.inicio.to_sqlx() as _,
        slot.fin.to_sqlx() as _,
        slot.desde.to_sqlx() as _,
        slot.hasta.to_sqlx() as _,
        cita.motivo,
        cita.version,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into citas_equipos (cita_id, sede_id, equipo_id, ocupado_desde, ocupado_hasta, activa)
         select $1, $2, q.id, $3, $4, true from unnest($5::uuid[]) with ordinality q(id, n) order by q.n",
        cita.id as _,
        cita.sede_id as _,
        slot.desde.to_sqlx() as _,
        slot.hasta.to_sqlx() as _,
        &cita.equipos as &[EquipoId],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Locks these until the transaction ends, in one fixed order, so that two changes that want each other's places
/// queue up instead of blocking each other.
pub async fn bloquear(tx: &mut Tx, ids: &[Uuid]) -> Result<(), Problem> {
    sqlx::query!(
        "select pg_advisory_xact_lock(k) from (select distinct hashtextextended(tenant_actual()::text || r::text, 0) as k from unnest($1::uuid[]) r order by 1) claves",
        ids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// All that is taken in a slot of what could serve, in every sede of the chain; `excepto` does not count.
pub async fn conflictos(
    tx: &mut Tx,
    mascota: MascotaId,
    slot: &Slot,
    opciones: &Opciones,
    excepto: Option<CitaId>,
) -> Result<Vec<Conflicto>, Problem> {
    let conflictos = sqlx::query_as!(
        Conflicto,
        r#"select recurso as "recurso!", recurso_id as "recurso_id!", inicio as "inicio!", fin as "fin!", sede_id as "sede_id: _", cita_id as "cita_id: _", mascota_id as "mascota_id: _"
             from citas_conflictos($1, $2, $3, $4, $5, $6, $7)"#,
        &opciones.medicos as &[UsuarioId],
        opciones.ambientes.as_deref().unwrap_or_default() as &[AmbienteId],
        mascota as _,
        &opciones.equipos_todos() as &[EquipoId],
        slot.desde.to_sqlx() as _,
        slot.hasta.to_sqlx() as _,
        excepto as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(conflictos)
}

/// All that is taken of what an appointment itself occupies, or would if it were active.
pub async fn conflictos_de(tx: &mut Tx, cita: &Cita) -> Result<Vec<Conflicto>, Problem> {
    let conflictos = sqlx::query_as!(
        Conflicto,
        r#"select x.recurso as "recurso!", x.recurso_id as "recurso_id!", x.inicio as "inicio!", x.fin as "fin!", x.sede_id as "sede_id: _", x.cita_id as "cita_id: _", x.mascota_id as "mascota_id: _"
             from citas c, citas_conflictos(array[c.medico_id], array_remove(array[c.ambiente_id], null), c.mascota_id, $2, c.ocupado_desde, c.ocupado_hasta, c.id) x
            where c.id = $1"#,
        cita.id as _,
        &cita.equipos as &[EquipoId],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(conflictos)
}
