//! Appointments by the thousand, and what a whole chain's agenda looks like.
use crate::{
    importar::{CitaImportada, Recuento, VisitaImportada},
    model::{Agenda, Bloqueado, Estado, Excepcion, TramoMedico, TramoSemanal, Triaje, TurnoDeMedico},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, SedeId, UsuarioId, VisitaId},
};
use sqlx::types::Json;
use std::collections::HashSet;
use uuid::Uuid;

/// Takes turns with whoever books these vets in another of their sedes, in one fixed order: row by row, as the insertion
/// itself asks for them, two batches would block each other.
pub async fn bloquear_entre_sedes(tx: &mut Tx, lote: &[CitaImportada]) -> Result<(), Problem> {
    let medicos: Vec<Uuid> = lote.iter().map(|cita| cita.medico_id.0).collect();
    sqlx::query!(
        "select pg_advisory_xact_lock(k) from (
           select hashtextextended(tenant_actual()::text || p.medico_id::text, 0) as k from planes_medicos p
            where p.medico_id = any ($1) group by p.medico_id having count(distinct p.sede_id) > 1 order by 1) claves",
        &medicos
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn importar(tx: &mut Tx, lote: &[CitaImportada]) -> Result<Vec<CitaId>, Problem> {
    let author = tx.author();
    let ids: Vec<CitaId> = lote.iter().map(|_| CitaId::new()).collect();
    let column = |get: fn(&CitaImportada) -> Uuid| lote.iter().map(get).collect::<Vec<Uuid>>();
    let times = |get: fn(&CitaImportada) -> Timestamp| lote.iter().map(|c| get(c).to_sqlx()).collect::<Vec<_>>();
    let ambientes: Vec<Option<Uuid>> = lote.iter().map(|c| c.ambiente_id.map(Uuid::from)).collect();
    let estados: Vec<Estado> = lote.iter().map(|c| c.estado).collect();
    let activas: Vec<bool> = lote.iter().map(|c| c.estado.activa()).collect();
    let motivos: Vec<Option<&str>> = lote.iter().map(|c| c.motivo.as_deref()).collect();
    let anuladas: Vec<Option<&str>> = lote.iter().map(|c| c.anulada_motivo.as_deref()).collect();
    let done = sqlx::query_scalar!(
        "insert into citas (id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, ocupado_desde, ocupado_hasta,
                            estado, activa, motivo, anulada_motivo, creado_en, actualizado_en, creado_por)
         select q.*, $17 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::timestamptz[], $8::timestamptz[],
                                     $9::timestamptz[], $10::timestamptz[], $11::text[], $12::bool[], $13::text[], $14::text[],
                                     $15::timestamptz[], $16::timestamptz[]) q
         on conflict do nothing returning id",
        &ids as _,
        &column(|c| c.sede_id.into()),
        &column(|c| c.mascota_id.into()),
        &column(|c| c.medico_id.into()),
        &column(|c| c.servicio_id.into()),
        &ambientes as &[Option<Uuid>],
        times(|c| c.inicio) as _,
        times(|c| c.fin) as _,
        times(|c| c.ocupado_desde) as _,
        times(|c| c.ocupado_hasta) as _,
        &estados as _,
        &activas,
        &motivos as &[Option<&str>],
        &anuladas as &[Option<&str>],
        times(|c| c.creado_en) as _,
        times(|c| c.actualizado_en) as _,
        author,
    )
    .fetch_all(&mut **tx)
    .await?;
    let there: HashSet<CitaId> = done.iter().copied().collect();
    let taken = || ids.iter().zip(lote).filter(|(id, _)| there.contains(id));
    equipos(tx, taken()).await?;
    visitas(tx, taken()).await?;
    Ok(done)
}

async fn visitas(tx: &mut Tx, citas: impl Iterator<Item = (&CitaId, &CitaImportada)>) -> Result<(), Problem> {
    let author = tx.author();
    let all: Vec<(CitaId, &CitaImportada, VisitaImportada)> = citas.filter_map(|(id, cita)| Some((*id, cita, cita.visita?))).collect();
    let ids: Vec<VisitaId> = all.iter().map(|_| VisitaId::new()).collect();
    let citas: Vec<CitaId> = all.iter().map(|(id, ..)| *id).collect();
    let column = |get: fn(&CitaImportada) -> Uuid| all.iter().map(|(_, cita, _)| get(cita)).collect::<Vec<Uuid>>();
    let times = |get: fn(&VisitaImportada) -> Timestamp| all.iter().map(|(.., visita)| get(visita).to_sqlx()).collect::<Vec<_>>();
    let triajes: Vec<Option<Triaje>> = all.iter().map(|(.., visita)| visita.triaje).collect();
    sqlx::query!(
        "insert into visitas (id, cita_id, sede_id, mascota_id, servicio_id, medico_id, triaje, llegada_en, consulta_en, consulta_fin_en, fin_en,
                              sin_cita, registrada_por)
         select q.*, false, $12 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[],
                                            $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[]) q",
        &ids as _,
        &citas as _,
        &column(|c| c.sede_id.into()),
        &column(|c| c.mascota_id.into()),
        &column(|c| c.servicio_id.into()),
        &column(|c| c.medico_id.into()),
        &triajes as _,
        times(|v| v.llegada_en) as _,
        times(|v| v.consulta_en) as _,
        times(|v| v.consulta_fin_en) as _,
        times(|v| v.fin_en) as _,
        author,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn equipos(tx: &mut Tx, citas: impl Iterator<Item = (&CitaId, &CitaImportada)>) -> Result<(), Problem> {
    let all: Vec<_> = citas.flat_map(|(id, cita)| cita.equipos.iter().map(move |equipo| (*id, cita, *equipo))).collect();
    let ids: Vec<CitaId> = all.iter().map(|(id, ..)| *id).collect();
    let sedes: Vec<SedeId> = all.iter().map(|(_, cita, _)| cita.sede_id).collect();
    let equipos: Vec<Uuid> = all.iter().map(|(_, _, equipo)| equipo.0).collect();
    let desde: Vec<jiff_sqlx::Timestamp> = all.iter().map(|(_, cita, _)| cita.ocupado_desde.to_sqlx()).collect();
    let hasta: Vec<jiff_sqlx::Timestamp> = all.iter().map(|(_, cita, _)| cita.ocupado_hasta.to_sqlx()).collect();
    let activas: Vec<bool> = all.iter().map(|(_, cita, _)| cita.estado.activa()).collect();
    sqlx::query!(
        "insert into citas_equipos (cita_id, sede_id, equipo_id, ocupado_desde, ocupado_hasta, activa)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::bool[])",
        &ids as _,
        &sedes as _,
        &equipos,
        &desde as _,
        &hasta as _,
        &activas,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The agendas of the active sedes, or of one of them, with all that is dated from `desde` to `hasta`.
pub async fn agendas(tx: &mut Tx, sede: Option<SedeId>, desde: Date, hasta: Date) -> Result<Vec<Agenda>, Problem> {
    let filas = sqlx::query!(
        r#"select s.id as "id!", s.zona_horaria as "zona_horaria!", s.atiende_feriados as "atiende_feriados!",
                  array(select f.fecha from v_feriados_agenda f where f.fecha between $1 and $2 and starts_with(coalesce(s.ubigeo, ''), f.ambito)) as "feriados!: Vec<jiff_sqlx::Date>",
                  (select coalesce(json_agg(json_build_object('dia', h.dia, 'desde', h.desde, 'hasta', h.hasta)), '[]')
                     from horarios_sede h where h.sede_id = s.id) as "horarios!: Json<Vec<TramoSemanal>>",
                  (select coalesce(json_agg(json_build_object('medico_id', p.medico_id, 'dia', p.dia, 'desde', p.desde, 'hasta', p.hasta)), '[]')
                     from planes_medicos p where p.sede_id = s.id) as "planes!: Json<Vec<TramoMedico>>",
                  (select coalesce(json_agg(json_build_object('medico_id', e.medico_id, 'fecha', e.fecha, 'abierto', e.abierto, 'desde', e.desde, 'hasta', e.hasta)), '[]')
                     from excepciones e where e.sede_id = s.id and e.fecha between $1 and $2) as "excepciones!: Json<Vec<Excepcion>>",
                  (select coalesce(json_agg(t.turno), '[]') from v_turnos t where t.sede_id = s.id and t.desde <= $2 and t.hasta >= $1) as "turnos!: Json<Vec<TurnoDeMedico>>",
                  (select coalesce(json_agg(b.bloqueo), '[]') from v_bloqueos b where b.sede_id = s.id and b.hasta > ($1::date - 1)::timestamp at time zone 'UTC' and b.desde < ($2::date + 2)::timestamp at time zone 'UTC') as "bloqueos!: Json<Vec<Bloqueado>>"
             from v_sedes s where s.activa and sede_visible(s.id) and (s.id = $3 or $3 is null) order by s.codigo"#,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
        sede as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let zona = |zona: &str| TimeZone::get(zona).map_err(Problem::internal);
    filas
        .into_iter()
        .map(|f| {
            Ok(Agenda {
                sede_id: SedeId(f.id),
                zona: zona(&f.zona_horaria)?,
                atiende_feriados: f.atiende_feriados,
                horarios: f.horarios.0,
                planes: f.planes.0,
                excepciones: f.excepciones.0,
                feriados: f.feriados.into_iter().map(Date::from).collect(),
                turnos: f.turnos.0,
                bloqueos: f.bloqueos.0,
            })
        })
        .collect()
}

/// The active vets of the chain.
pub async fn medicos(tx: &mut Tx) -> Result<HashSet<UsuarioId>, Problem> {
    let ids = sqlx::query_scalar!(r#"select id as "id!" from v_medicos where activo"#).fetch_all(&mut **tx).await?;
    Ok(ids.into_iter().map(UsuarioId).collect())
}

pub async fn recuento(tx: &mut Tx, desde: Timestamp, hasta: Timestamp) -> Result<Vec<Recuento>, Problem> {
    let filas = sqlx::query_as!(
        Recuento,
        r#"select sede_id, estado, count(*) as "citas!",
                  sum(extract(epoch from ocupado_hasta - ocupado_desde) / 60)::bigint as "minutos!", max(inicio) as "ultima!"
             from citas where inicio >= $1 and inicio < $2 and retenida_hasta is null group by sede_id, estado"#,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas)
}
