//! Series: many slots in few statements.
use super::citas::Lugar;
use crate::model::{Cita, Conflicto, Slot};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, CitaId, EquipoId, MascotaId, SedeId, SerieId, UsuarioId},
};
use uuid::Uuid;

fn edges(slots: &[Slot]) -> (Vec<jiff_sqlx::Timestamp>, Vec<jiff_sqlx::Timestamp>) {
    slots.iter().map(|slot| (slot.desde.to_sqlx(), slot.hasta.to_sqlx())).unzip()
}

/// For each slot, by its place in the list, all that is taken of what could serve. The slot of `lugar` does not count.
pub async fn conflictos_de_varios(tx: &mut Tx, lugar: &Lugar<'_>, slots: &[Slot]) -> Result<Vec<(usize, Conflicto)>, Problem> {
    let now = tx.now();
    let (desde, hasta) = edges(slots);
    let filas = sqlx::query!(
        r#"select s.n as "n!", c.recurso as "recurso!", c.recurso_id as "recurso_id!", c.inicio as "inicio!", c.fin as "fin!", c.sede_id, c.cita_id,
                  c.mascota_id, c.retenida_hasta
             from unnest($6::timestamptz[], $7::timestamptz[]) with ordinality s(desde, hasta, n),
                  lateral citas_conflictos($1, $2, $3, $4, $5, s.desde, s.hasta, null, $8) c"#,
        lugar.sede as _,
        &lugar.opciones.medicos as &[UsuarioId],
        lugar.opciones.ambientes.as_deref().unwrap_or_default() as &[AmbienteId],
        lugar.mascota as _,
        &lugar.opciones.equipos_todos() as &[EquipoId],
        desde as _,
        hasta as _,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let conflictos = filas.into_iter().map(|fila| {
        let conflicto = Conflicto {
            recurso: fila.recurso,
            recurso_id: fila.recurso_id,
            inicio: fila.inicio.into(),
            fin: fila.fin.into(),
            sede_id: fila.sede_id.map(SedeId),
            cita_id: fila.cita_id.map(CitaId),
            mascota_id: fila.mascota_id.map(MascotaId),
            retenida_hasta: fila.retenida_hasta.map(|hasta| hasta.to_jiff()),
        };
        (usize::try_from(fila.n - 1).unwrap_or_default(), conflicto)
    });
    Ok(conflictos.collect())
}

/// Books all of a series or nothing: `false` if anything is taken or the vet has left. The slots are in time order, so
/// that two series that cross wait for each other in one direction.
pub async fn insert_serie(tx: &mut Tx, serie: SerieId, citas: &[(Cita, Slot)]) -> Result<bool, Problem> {
    let Some((first, _)) = citas.first() else { return Ok(true) };
    let (now, author) = (tx.now(), tx.author());
    tx.mark().await?;
    let ids: Vec<CitaId> = citas.iter().map(|(cita, _)| cita.id).collect();
    let ambientes: Vec<Option<Uuid>> = citas.iter().map(|(cita, _)| cita.ambiente_id.map(Uuid::from)).collect();
    let slots: Vec<Slot> = citas.iter().map(|(_, slot)| *slot).collect();
    let inicios: Vec<jiff_sqlx::Timestamp> = slots.iter().map(|slot| slot.inicio.to_sqlx()).collect();
    let fines: Vec<jiff_sqlx::Timestamp> = slots.iter().map(|slot| slot.fin.to_sqlx()).collect();
    let (desde, hasta) = edges(&slots);
    let (piezas_de, piezas): (Vec<CitaId>, Vec<EquipoId>) =
        citas.iter().flat_map(|(cita, _)| cita.equipos.iter().map(|equipo| (cita.id, *equipo))).unzip();
    let fila = sqlx::query!(
        r#"with c as (
             insert into citas (id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, ocupado_desde, ocupado_hasta,
                                estado, activa, motivo, creado_en, creado_por, actualizado_en, serie_id)
             select q.id, $7, $8, $9, $10, q.ambiente, q.inicio, q.fin, q.desde, q.hasta, 'programada', true, $11, $12, $13, $12, $14
               from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
                    as q(id, ambiente, inicio, fin, desde, hasta)
              where medico_activo($9) order by q.inicio
             on conflict do nothing returning id, ocupado_desde, ocupado_hasta),
           e as (
             insert into citas_equipos (cita_id, sede_id, equipo_id, ocupado_desde, ocupado_hasta, activa)
             select c.id, $7, p.equipo, c.ocupado_desde, c.ocupado_hasta, true
               from unnest($15::uuid[], $16::uuid[]) as p(cita, equipo) join c on c.id = p.cita order by c.ocupado_desde, p.equipo
             on conflict do nothing returning equipo_id)
           select (select count(*) from c) as "citas!", (select count(*) from e) as "equipos!""#,
        &ids as _,
        &ambientes as &[Option<Uuid>],
        inicios as _,
        fines as _,
        desde as _,
        hasta as _,
        first.sede_id as _,
        first.mascota_id as _,
        first.medico_id as _,
        first.servicio_id as _,
        first.motivo,
        now.to_sqlx() as _,
        author,
        serie as _,
        &piezas_de as _,
        &piezas as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    let whole = fila.citas == citas.len() as i64 && fila.equipos == piezas.len() as i64;
    if !whole {
        tx.back_to_mark().await?;
    }
    Ok(whole)
}

/// Deletes the holds that are over and stand in any of the slots.
pub async fn soltar_vencidas_de_varios(tx: &mut Tx, lugar: &Lugar<'_>, slots: &[Slot]) -> Result<(), Problem> {
    let now = tx.now();
    let (desde, hasta) = edges(slots);
    sqlx::query!(
        "select retenciones_soltar($1, $2, $3, $4, s.desde, s.hasta, $7) from unnest($5::timestamptz[], $6::timestamptz[]) s(desde, hasta)",
        &lugar.opciones.medicos as &[UsuarioId],
        lugar.opciones.ambientes.as_deref().unwrap_or_default() as &[AmbienteId],
        lugar.mascota as _,
        &lugar.opciones.equipos_todos() as &[EquipoId],
        desde as _,
        hasta as _,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

/// The appointments of a series that begin at `desde` or later and can still be changed, in time order.
pub async fn de_la_serie(tx: &mut Tx, serie: SerieId, desde: jiff::Timestamp) -> Result<Vec<CitaId>, Problem> {
    let ids = sqlx::query_scalar!(
        r#"select id from citas where serie_id = $1 and inicio >= $2 and estado in ('programada', 'confirmada') order by inicio, id"#,
        serie as _,
        desde.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(ids)
}
