//! The agendas of one or several sedes over a range of days, and what is taken in them.
use crate::model::{Agenda, Bloqueado, Excepcion, Ocupacion, TramoMedico, TramoSemanal, TurnoDeMedico};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{SedeId, ServicioId, UsuarioId},
};
use sqlx::types::Json;
use uuid::Uuid;

use super::contexto::Pieza;

/// A sede with what it has for one service.
pub struct Recinto {
    pub agenda: Agenda,
    pub ambientes: Vec<Uuid>,
    pub equipos: Vec<Pieza>,
    /// Active vets with a plan or a shift here.
    pub medicos: Vec<UsuarioId>,
}

/// The active sedes among `sedes` (all visible ones if `None`).
pub async fn recintos(
    tx: &mut Tx,
    sedes: Option<&[SedeId]>,
    servicio: ServicioId,
    medico: Option<UsuarioId>,
    desde: Date,
    hasta: Date,
) -> Result<Vec<Recinto>, Problem> {
    let filas = sqlx::query!(
        r#"select s.id as "id!", s.zona_horaria as "zona_horaria!", s.atiende_feriados as "atiende_feriados!",
                  array(select f.fecha from feriados f where f.fecha between $4 and $5 and starts_with(coalesce(s.ubigeo, ''), f.ambito)) as "feriados!: Vec<jiff_sqlx::Date>",
                  (select coalesce(json_agg(json_build_object('dia', h.dia, 'desde', h.desde, 'hasta', h.hasta)), '[]')
                     from horarios_sede h where h.sede_id = s.id) as "horarios!: Json<Vec<TramoSemanal>>",
                  (select coalesce(json_agg(json_build_object('medico_id', p.medico_id, 'dia', p.dia, 'desde', p.desde, 'hasta', p.hasta)), '[]')
                     from planes_medicos p where p.sede_id = s.id and (p.medico_id = $3 or $3 is null)) as "planes!: Json<Vec<TramoMedico>>",
                  (select coalesce(json_agg(json_build_object('medico_id', e.medico_id, 'fecha', e.fecha, 'abierto', e.abierto, 'desde', e.desde, 'hasta', e.hasta)), '[]')
                     from excepciones e where e.sede_id = s.id and e.fecha between $4 and $5) as "excepciones!: Json<Vec<Excepcion>>",
                  (select coalesce(json_agg(t.turno), '[]') from v_turnos t where t.sede_id = s.id and t.desde <= $5 and t.hasta >= $4 and (t.medico_id = $3 or $3 is null)) as "turnos!: Json<Vec<TurnoDeMedico>>",
                  (select coalesce(json_agg(b.bloqueo), '[]') from v_bloqueos b where b.sede_id = s.id and b.hasta > ($4::date - 1)::timestamp at time zone 'UTC' and b.desde < ($5::date + 2)::timestamp at time zone 'UTC') as "bloqueos!: Json<Vec<Bloqueado>>",
                  array(select d.id from v_medicos d where d.activo and (d.id = $3 or $3 is null) and (v.medicos is null or d.id = any (v.medicos))) as "medicos!",
                  array(select a.id from v_ambientes a where a.sede_id = s.id and a.activo and a.tipo = v.ambiente_tipo) as "ambientes!",
                  (select coalesce(json_agg(json_build_object('id', e.id, 'tipo', e.tipo)), '[]')
                     from v_equipos e where e.sede_id = s.id and e.activo and e.tipo = any (v.equipos_tipos)) as "equipos!: Json<Vec<Pieza>>"
             from v_sedes s join v_servicios v on v.id = $2
            where s.activa and sede_visible(s.id) and (s.id = any ($1) or $1 is null)
            order by s.nombre"#,
        sedes as Option<&[SedeId]>,
        servicio as _,
        medico as _,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    filas
        .into_iter()
        .map(|f| {
            let agenda = Agenda {
                sede_id: SedeId(f.id),
                zona: TimeZone::get(&f.zona_horaria).map_err(Problem::internal)?,
                atiende_feriados: f.atiende_feriados,
                horarios: f.horarios.0,
                planes: f.planes.0,
                excepciones: f.excepciones.0,
                feriados: f.feriados.into_iter().map(Date::from).collect(),
                turnos: f.turnos.0,
                bloqueos: f.bloqueos.0,
            };
            let medicos = agenda.medicos().into_iter().filter(|id| f.medicos.contains(&id.0)).collect();
            Ok(Recinto { agenda, ambientes: f.ambientes, equipos: f.equipos.0, medicos })
        })
        .collect()
}

/// Whose occupation is asked for.
pub struct Alcance<'a> {
    pub medicos: &'a [UsuarioId],
    pub sedes: &'a [SedeId],
    pub desde: Timestamp,
    pub hasta: Timestamp,
}

/// Adds when vets (in every sede of the chain, with the way from there) and rooms and equipment (of these sedes) are taken.
pub async fn ambitos_de_ocupacion(tx: &mut Tx, alcance: &Alcance<'_>, ocupacion: &mut Ocupacion) -> Result<(), Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select sede_id as "sede!", medico_id as "recurso!", desde as "desde!", hasta as "hasta!" from medicos_ocupados($1, $2, $3, $4, $5)
           union all
           select sede_id, ambiente_id, ocupado_desde, ocupado_hasta from citas
            where sede_id = any ($2) and activa and ambiente_id is not null and inicio >= $3 - interval '20 hours' and inicio < $4 + interval '4 hours'
              and (retenida_hasta is null or retenida_hasta > $5)
           union all
           select e.sede_id, e.equipo_id, e.ocupado_desde, e.ocupado_hasta from citas_equipos e
            where e.sede_id = any ($2) and e.activa and e.ocupado_desde >= $3 - interval '20 hours' and e.ocupado_desde < $4
              and not exists (select from citas c where c.id = e.cita_id and c.retenida_hasta <= $5)"#,
        alcance.medicos as _,
        alcance.sedes as _,
        alcance.desde.to_sqlx() as _,
        alcance.hasta.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    for fila in filas {
        ocupacion.add(SedeId(fila.sede), fila.recurso, fila.desde.into(), fila.hasta.into());
    }
    Ok(())
}

/// What a service takes; `None` if there is no such service or it is not active.
pub async fn oferta(tx: &mut Tx, servicio: ServicioId) -> Result<Option<crate::model::Oferta>, Problem> {
    let oferta = sqlx::query_as!(
        crate::model::Oferta,
        r#"select duracion_min as "duracion_min!", antes_min as "antes_min!", despues_min as "despues_min!", ambiente_tipo, equipos_tipos as "equipos_tipos!"
             from v_servicios where id = $1 and activo"#,
        servicio as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(oferta)
}
