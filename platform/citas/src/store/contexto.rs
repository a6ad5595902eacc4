//! All that deciding on a booking needs, in one round trip.
use crate::model::{Agenda, Bloqueado, Excepcion, Oferta, TramoMedico, TramoSemanal, TurnoDeMedico};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use kernel::{
    FieldError, Problem, Tx,
    ids::{AmbienteId, EquipoId, MascotaId, SedeId, ServicioId, UsuarioId},
};
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

/// What the database knows about a wished booking.
#[derive(Debug)]
pub struct Contexto {
    pub agenda: Agenda,
    pub sede_activa: bool,
    pub oferta: Oferta,
    pub servicio_activo: bool,
    /// Vets who give the service; `None` = all.
    pub medicos_del_servicio: Option<Vec<UsuarioId>>,
    /// Active vets: the one asked for, or all of the chain.
    pub medicos: Vec<UsuarioId>,
    /// Active rooms of the kind that the service needs, by name; of one vet, beginning with another room for every vet
    /// of the sede, so that a vet tends to stay in a room and two who are booked at once do not want the same.
    pub ambientes: Vec<AmbienteId>,
    pub equipos: Vec<Pieza>,
    /// Of vets, rooms and equipment, those that are taken in the slot.
    pub ocupados: Vec<Uuid>,
    pub fallecida: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Pieza {
    pub id: EquipoId,
    pub tipo: String,
}

struct Fila {
    zona_horaria: Option<String>,
    sede_activa: Option<bool>,
    atiende_feriados: Option<bool>,
    duracion_min: Option<i32>,
    antes_min: Option<i32>,
    despues_min: Option<i32>,
    ambiente_tipo: Option<String>,
    equipos_tipos: Option<Vec<String>>,
    servicio_activo: Option<bool>,
    medicos_del_servicio: Option<Vec<Uuid>>,
    mascota_id: Option<Uuid>,
    fallecida: Option<bool>,
    feriados: Vec<jiff_sqlx::Date>,
    horarios: Json<Vec<TramoSemanal>>,
    planes: Json<Vec<TramoMedico>>,
    excepciones: Json<Vec<Excepcion>>,
    turnos: Json<Vec<TurnoDeMedico>>,
    bloqueos: Json<Vec<Bloqueado>>,
    medicos: Option<Vec<Uuid>>,
    ambientes: Option<Vec<Uuid>>,
    equipos: Json<Vec<Pieza>>,
    ocupados: Vec<Uuid>,
}

/// What is asked about.
pub struct Deseo {
    pub sede: SedeId,
    /// A hold may have none yet.
    pub mascota: Option<MascotaId>,
    pub servicio: ServicioId,
    /// `None`: any.
    pub medico: Option<UsuarioId>,
    pub inicio: Timestamp,
    /// Another length than the service's.
    pub duracion_min: Option<i32>,
}

/// Looks everything up. The agenda is of that day and the next: a visit may go on past midnight.
pub async fn contexto(tx: &mut Tx, deseo: &Deseo) -> Result<Contexto, Problem> {
    let now = tx.now();
    let fila = sqlx::query_as!(
        Fila,
        r#"select s.zona_horaria as "zona_horaria?", s.activa as sede_activa, s.atiende_feriados,
                  coalesce($6, v.duracion_min) as duracion_min, v.antes_min, v.despues_min, v.ambiente_tipo, v.equipos_tipos, v.activo as servicio_activo,
                  v.medicos as "medicos_del_servicio", m.id as mascota_id, m.fallecida_en is not null as fallecida,
                  array(select f.fecha from feriados f where f.fecha in (d.fecha, d.fecha + 1) and starts_with(coalesce(s.ubigeo, ''), f.ambito)) as "feriados!: Vec<jiff_sqlx::Date>",
                  (select coalesce(json_agg(json_build_object('dia', h.dia, 'desde', h.desde, 'hasta', h.hasta)), '[]')
                     from horarios_sede h where h.sede_id = s.id and h.dia in (d.dia, d.manana)) as "horarios!: Json<Vec<TramoSemanal>>",
                  (select coalesce(json_agg(json_build_object('medico_id', p.medico_id, 'dia', p.dia, 'desde', p.desde, 'hasta', p.hasta)), '[]')
                     from planes_medicos p where p.sede_id = s.id and p.dia in (d.dia, d.manana) and (p.medico_id = $4 or $4 is null)) as "planes!: Json<Vec<TramoMedico>>",
                  (select coalesce(json_agg(json_build_object('medico_id', e.medico_id, 'fecha', e.fecha, 'abierto', e.abierto, 'desde', e.desde, 'hasta', e.hasta)), '[]')
                     from excepciones e where e.sede_id = s.id and e.fecha in (d.fecha, d.fecha + 1)) as "excepciones!: Json<Vec<Excepcion>>",
                  (select coalesce(json_agg(t.turno), '[]') from v_turnos t where t.sede_id = s.id and t.desde <= d.fecha + 1 and t.hasta >= d.fecha and (t.medico_id = $4 or $4 is null)) as "turnos!: Json<Vec<TurnoDeMedico>>",
                  (select coalesce(json_agg(b.bloqueo), '[]') from v_bloqueos b where b.sede_id = s.id and b.hasta > $5 - interval '4 hours' and b.desde < $5 + interval '16 hours') as "bloqueos!: Json<Vec<Bloqueado>>",
                  r.medicos, r.ambientes,
                  (select coalesce(json_agg(json_build_object('id', e.id, 'tipo', e.tipo) order by e.nombre), '[]')
                     from v_equipos e where e.id = any (r.equipos)) as "equipos!: Json<Vec<Pieza>>",
                  array(select recursos_ocupados(s.id, r.medicos, r.ambientes, r.equipos,
                          $5 - make_interval(mins => v.antes_min), $5 + make_interval(mins => coalesce($6, v.duracion_min) + v.despues_min), $7)) as "ocupados!"
             from (select) nada
             left join v_sedes s on s.id = $1
             left join v_servicios v on v.id = $3
             left join v_mascotas m on m.id = $2
             left join lateral (select fecha, extract(isodow from fecha)::smallint as dia, extract(isodow from fecha + 1)::smallint as manana
                                  from (select ($5::timestamptz at time zone s.zona_horaria)::date as fecha) hoy) d on true
             left join lateral (select
                  case when $4::uuid is null then (select array_agg(id) from v_medicos where activo)
                       else (select array_agg(id) from v_medicos where activo and id = $4) end as medicos,
                  (select array_agg(a.id order by (a.lugar + (select count(distinct p.medico_id) from planes_medicos p
                                                               where p.sede_id = s.id and p.medico_id < $4)) % a.todos)
                     from (select a.id, row_number() over (order by a.nombre) - 1 as lugar, count(*) over () as todos
                             from v_ambientes a where a.sede_id = s.id and a.activo and a.tipo = v.ambiente_tipo) a) as ambientes,
                  (select array_agg(e.id) from v_equipos e where e.sede_id = s.id and e.activo and e.tipo = any (v.equipos_tipos)) as equipos
                  offset 0) r on true"#,
        deseo.sede as _,
        deseo.mascota as _,
        deseo.servicio as _,
        deseo.medico as _,
        deseo.inicio.to_sqlx() as _,
        deseo.duracion_min,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    build(deseo, fila)
}

fn build(deseo: &Deseo, fila: Fila) -> Result<Contexto, Problem> {
    let mut missing = Vec::new();
    let mut require = |there: bool, pointer: &'static str| {
        if !there {
            missing.push(FieldError::new(pointer, "no existe"));
        }
    };
    require(fila.zona_horaria.is_some(), "/sede_id");
    require(fila.servicio_activo.is_some(), "/servicio_id");
    require(deseo.mascota.is_none() || fila.mascota_id.is_some(), "/mascota_id");
    Problem::check(missing)?;
    let zona = TimeZone::get(&fila.zona_horaria.unwrap_or_default()).map_err(Problem::internal)?;
    Ok(Contexto {
        agenda: Agenda {
            sede_id: deseo.sede,
            zona,
            atiende_feriados: fila.atiende_feriados.unwrap_or_default(),
            horarios: fila.horarios.0,
            planes: fila.planes.0,
            excepciones: fila.excepciones.0,
            feriados: fila.feriados.into_iter().map(Date::from).collect(),
            turnos: fila.turnos.0,
            bloqueos: fila.bloqueos.0,
        },
        sede_activa: fila.sede_activa.unwrap_or_default(),
        oferta: Oferta {
            duracion_min: fila.duracion_min.unwrap_or_default(),
            antes_min: fila.antes_min.unwrap_or_default(),
            despues_min: fila.despues_min.unwrap_or_default(),
            ambiente_tipo: fila.ambiente_tipo,
            equipos_tipos: fila.equipos_tipos.unwrap_or_default(),
        },
        servicio_activo: fila.servicio_activo.unwrap_or_default(),
        medicos_del_servicio: fila.medicos_del_servicio.map(|ids| ids.into_iter().map(UsuarioId).collect()),
        medicos: fila.medicos.unwrap_or_default().into_iter().map(UsuarioId).collect(),
        ambientes: fila.ambientes.unwrap_or_default().into_iter().map(AmbienteId).collect(),
        equipos: fila.equipos.0,
        ocupados: fila.ocupados,
        fallecida: fila.fallecida.unwrap_or_default(),
    })
}

/// How many appointments each vet of a sede has between two instants, in all sedes of the chain.
pub async fn citas_del_dia(
    tx: &mut Tx,
    sede: SedeId,
    medicos: &[UsuarioId],
    desde: Timestamp,
    hasta: Timestamp,
) -> Result<Vec<(UsuarioId, i64)>, Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select medico_id as "medico_id!", count(*) as "citas!" from medicos_ocupados($1, $2, $3, $4, $5) where inicio >= $3 and inicio < $4 group by 1"#,
        medicos as _,
        &[sede] as &[SedeId],
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(|fila| (UsuarioId(fila.medico_id), fila.citas)).collect())
}
