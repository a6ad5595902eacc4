//! One appointment: read, write, move, and what stands in its way.
use crate::model::{AnuladaPor, Cita, Conflicto, Estado, Opciones, Retencion, Slot};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, CitaId, EquipoId, MascotaId, SedeId, ServicioId, UsuarioId},
};
use uuid::Uuid;

pub async fn find(tx: &mut Tx, id: CitaId) -> Result<Option<Cita>, Problem> {
    let cita = sqlx::query_as!(
        Cita,
        r#"select id, sede_id, mascota_id as "mascota_id!", medico_id, servicio_id, ambiente_id, inicio, fin, estado, motivo, anulada_motivo,
                anulada_por as "anulada_por: AnuladaPor", sobrecupo, sobrecupo_motivo, serie_id, version,
                array(select e.equipo_id from citas_equipos e where e.cita_id = $1 order by 1) as "equipos!: Vec<EquipoId>"
           from citas where id = $1 and retenida_hasta is null"#,
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
        r#"select id, sede_id, mascota_id as "mascota_id!", medico_id, servicio_id, ambiente_id, inicio, fin, estado, motivo, anulada_motivo,
                anulada_por as "anulada_por: AnuladaPor", sobrecupo, sobrecupo_motivo, serie_id, version,
                array(select e.equipo_id from citas_equipos e where e.cita_id = $1 order by 1) as "equipos!: Vec<EquipoId>"
           from citas where id = $1 and retenida_hasta is null for update"#,
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(cita)
}

/// A row to be: an appointment, or a hold, which has an end and perhaps no pet.
pub struct Alta<'a> {
    pub id: CitaId,
    pub sede: SedeId,
    pub mascota: Option<MascotaId>,
    pub medico: UsuarioId,
    pub servicio: ServicioId,
    pub ambiente: Option<AmbienteId>,
    pub equipos: &'a [EquipoId],
    pub motivo: Option<&'a str>,
    /// The reason of an authorised override.
    pub sobrecupo: Option<&'a str>,
    pub retenida_hasta: Option<Timestamp>,
    pub estado: Estado,
}

impl<'a> From<&'a Cita> for Alta<'a> {
    fn from(cita: &'a Cita) -> Self {
        Self {
            id: cita.id,
            sede: cita.sede_id,
            mascota: Some(cita.mascota_id),
            medico: cita.medico_id,
            servicio: cita.servicio_id,
            ambiente: cita.ambiente_id,
            equipos: &cita.equipos,
            motivo: cita.motivo.as_deref(),
            sobrecupo: cita.sobrecupo_motivo.as_deref(),
            retenida_hasta: None,
            estado: cita.estado,
        }
    }
}

impl<'a> From<&'a Retencion> for Alta<'a> {
    fn from(retencion: &'a Retencion) -> Self {
        Self {
            id: retencion.id,
            sede: retencion.sede_id,
            mascota: retencion.mascota_id,
            medico: retencion.medico_id,
            servicio: retencion.servicio_id,
            ambiente: retencion.ambiente_id,
            equipos: &retencion.equipos,
            motivo: None,
            sobrecupo: None,
            retenida_hasta: Some(retencion.retenida_hasta),
            estado: Estado::Programada,
        }
    }
}

/// Books, unless something is taken or too far away: `false`, and nothing is left behind. Speculative insertion (`on
/// conflict do nothing`) waits for a racing booking without deadlocks; one untargeted clause covers vet, room and pet,
/// and the equipment's own table follows in the same statement.
pub async fn insert(tx: &mut Tx, alta: Alta<'_>, slot: &Slot) -> Result<bool, Problem> {
    // Only equipment can refuse after the appointment itself went in.
    let guarded = !alta.equipos.is_empty();
    if guarded {
        tx.mark().await?;
    }
    let there = insert_cita(tx, &alta, slot).await? && (!guarded || insert_equipos(tx, &alta, slot).await?);
    if !there && guarded {
        tx.back_to_mark().await?;
    }
    Ok(there)
}

async fn insert_cita(tx: &mut Tx, alta: &Alta<'_>, slot: &Slot) -> Result<bool, Problem> {
    let (now, author) = (tx.now(), tx.author());
    let done = sqlx::query!(
        "insert into citas (id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, ocupado_desde, ocupado_hasta,
                            estado, activa, motivo, creado_en, creado_por, actualizado_en, sobrecupo, sobrecupo_motivo, retenida_hasta)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $16, true, $11, $12, $13, $12, $14::text is not null, $14, $15 where medico_activo($4)
         on conflict do nothing",
        alta.id as _,
        alta.sede as _,
        alta.mascota as _,
        alta.medico as _,
        alta.servicio as _,
        alta.ambiente as _,
        slot.inicio.to_sqlx() as _,
        slot.fin.to_sqlx() as _,
        slot.desde.to_sqlx() as _,
        slot.hasta.to_sqlx() as _,
        alta.motivo,
        now.to_sqlx() as _,
        author,
        alta.sobrecupo,
        alta.retenida_hasta.map(|hasta| hasta.to_sqlx()) as _,
        alta.estado as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn insert_equipos(tx: &mut Tx, alta: &Alta<'_>, slot: &Slot) -> Result<bool, Problem> {
    let done = sqlx::query!(
        "insert into citas_equipos (cita_id, sede_id, equipo_id, ocupado_desde, ocupado_hasta, activa)
         select $1, $2, q.id, $3, $4, true from unnest($5::uuid[]) with ordinality q(id, n) order by q.n
         on conflict do nothing",
        alta.id as _,
        alta.sede as _,
        slot.desde.to_sqlx() as _,
        slot.hasta.to_sqlx() as _,
        alta.equipos as &[EquipoId],
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == alta.equipos.len() as u64)
}

/// `false`, with everything since the mark taken back, if an exclusion constraint refused.
pub async fn unless_taken(tx: &mut Tx, done: Result<(), sqlx::Error>) -> Result<bool, Problem> {
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

/// Writes the state; an appointment that is over or cancelled frees all it occupied, a consultation that ended early the rest. `false`: one that occupies it
/// again found it taken.
pub async fn save_estado(tx: &mut Tx, cita: &Cita) -> Result<bool, Problem> {
    let now = tx.now();
    tx.mark().await?;
    let done = sqlx::query!(
        "with c as (
           update citas set estado = $2, activa = $3, anulada_motivo = $4, anulada_por = $7, version = $5, actualizado_en = $6,
                  ocupado_hasta = case when $2 in ('por_cobrar', 'terminada') then greatest(least(ocupado_hasta, date_trunc('minute', $6::timestamptz)), inicio + interval '1 minute')
                                       when $2 = 'en_consulta' then greatest(ocupado_hasta, fin) else ocupado_hasta end
            where id = $1 returning id, ocupado_hasta)
         update citas_equipos e set activa = $3, ocupado_hasta = c.ocupado_hasta from c
          where e.cita_id = c.id and (e.activa, e.ocupado_hasta) is distinct from ($3, c.ocupado_hasta)",
        cita.id as _,
        cita.estado as _,
        cita.estado.activa(),
        cita.anulada_motivo,
        cita.version,
        now.to_sqlx() as _,
        cita.anulada_por as _,
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
                ocupado_hasta = $9, motivo = $10, version = $11, actualizado_en = $12, sobrecupo = $13, sobrecupo_motivo = $14 where id = $1",
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
        cita.sobrecupo,
        cita.sobrecupo_motivo,
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

/// A slot of a sede and what could serve in it.
#[derive(Clone, Copy)]
pub struct Lugar<'a> {
    pub sede: SedeId,
    pub mascota: Option<MascotaId>,
    pub slot: &'a Slot,
    pub opciones: &'a Opciones,
    /// An appointment that does not count.
    pub excepto: Option<CitaId>,
}

/// All that is taken in a slot of what could serve, in every sede of the chain.
pub async fn conflictos(tx: &mut Tx, lugar: &Lugar<'_>) -> Result<Vec<Conflicto>, Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select recurso as "recurso!", recurso_id as "recurso_id!", inicio as "inicio!", fin as "fin!", sede_id, cita_id, mascota_id, retenida_hasta
             from citas_conflictos($1, $2, $3, $4, $5, $6, $7, $8, $9)"#,
        lugar.sede as _,
        &lugar.opciones.medicos as &[UsuarioId],
        lugar.opciones.ambientes.as_deref().unwrap_or_default() as &[AmbienteId],
        lugar.mascota as _,
        &lugar.opciones.equipos_todos() as &[EquipoId],
        lugar.slot.desde.to_sqlx() as _,
        lugar.slot.hasta.to_sqlx() as _,
        lugar.excepto as _,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let conflictos = filas.into_iter().map(|fila| Conflicto {
        recurso: fila.recurso,
        recurso_id: fila.recurso_id,
        inicio: fila.inicio.into(),
        fin: fila.fin.into(),
        sede_id: fila.sede_id.map(SedeId),
        cita_id: fila.cita_id.map(CitaId),
        mascota_id: fila.mascota_id.map(MascotaId),
        retenida_hasta: fila.retenida_hasta.map(|hasta| hasta.to_jiff()),
    });
    Ok(conflictos.collect())
}

/// Deletes the holds that are over and stand in a slot.
pub async fn soltar_vencidas(tx: &mut Tx, lugar: &Lugar<'_>) -> Result<i32, Problem> {
    let now = tx.now();
    let count = sqlx::query_scalar!(
        r#"select retenciones_soltar($1, $2, $3, $4, $5, $6, $7) as "count!""#,
        &lugar.opciones.medicos as &[UsuarioId],
        lugar.opciones.ambientes.as_deref().unwrap_or_default() as &[AmbienteId],
        lugar.mascota as _,
        &lugar.opciones.equipos_todos() as &[EquipoId],
        lugar.slot.desde.to_sqlx() as _,
        lugar.slot.hasta.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(count)
}

/// What an appointment itself occupies.
pub async fn slot(tx: &mut Tx, id: CitaId) -> Result<Slot, Problem> {
    let fila =
        sqlx::query!("select inicio, fin, ocupado_desde, ocupado_hasta from citas where id = $1", id as _).fetch_one(&mut **tx).await?;
    Ok(Slot { inicio: fila.inicio.into(), fin: fila.fin.into(), desde: fila.ocupado_desde.into(), hasta: fila.ocupado_hasta.into() })
}
