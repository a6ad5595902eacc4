//! All that deciding on a booking needs, in one round trip: what the sede works with is remembered, what is taken is looked at.
use super::marco::{self, Marco, Pieza};
use crate::model::{Agenda, Conflicto, Oferta};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    FieldError, Problem, Tx,
    ids::{AmbienteId, EquipoId, MascotaId, SedeId, ServicioId, UsuarioId},
};
use sqlx::{PgConnection, types::Json};
use std::sync::Arc;
use uuid::Uuid;

/// What is known about a wished booking.
#[derive(Debug)]
pub struct Contexto {
    pub agenda: Arc<Agenda>,
    pub sede_activa: bool,
    pub oferta: Oferta,
    pub servicio_activo: bool,
    /// Vets who give the service; `None` = all.
    pub medicos_del_servicio: Option<Vec<UsuarioId>>,
    /// Active vets: the one asked for, or all of the chain.
    pub medicos: Vec<UsuarioId>,
    /// Active rooms of the kind that the service needs, in the order in which to try them.
    pub ambientes: Vec<AmbienteId>,
    pub equipos: Vec<Pieza>,
    /// Of vets, rooms and equipment, those that are taken in the slot.
    pub ocupados: Vec<Uuid>,
    /// All that is taken then of what could serve, where that was looked up already: the vet asked for is.
    pub conflictos: Option<Vec<Conflicto>>,
    pub fallecida: bool,
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

/// Looks everything up.
pub async fn contexto(tx: &mut Tx, deseo: &Deseo) -> Result<Contexto, Problem> {
    if let Some(marco) = marco::recordado(tx, deseo.sede, deseo.inicio) {
        let ofrecido = Ofrecido::new(deseo, &marco);
        let hallado = mirar(tx, deseo, &ofrecido).await?;
        if hallado.version.is_some() && hallado.version == marco.version {
            marco::was_known(tx);
            return build(deseo, Some((marco, ofrecido)), hallado);
        }
    }
    let known = marco::marco(tx, deseo.sede, deseo.inicio).await?.map(|marco| {
        let ofrecido = Ofrecido::new(deseo, &marco);
        (marco, ofrecido)
    });
    let hallado = match &known {
        Some((_, ofrecido)) => mirar(tx, deseo, ofrecido).await?,
        None => mirar(tx, deseo, &Ofrecido::default()).await?,
    };
    build(deseo, known, hallado)
}

/// What a sede has for the wish.
#[derive(Default)]
struct Ofrecido {
    /// `None` if there is no such service.
    oferta: Option<Oferta>,
    medicos: Vec<UsuarioId>,
    ambientes: Vec<AmbienteId>,
    equipos: Vec<Pieza>,
}

impl Ofrecido {
    fn new(deseo: &Deseo, marco: &Marco) -> Self {
        let Some(servicio) = marco.servicio(deseo.servicio) else { return Self::default() };
        let mut oferta = servicio.oferta.clone();
        oferta.duracion_min = deseo.duracion_min.unwrap_or(oferta.duracion_min);
        let medicos = marco.medicos().iter().copied().filter(|id| deseo.medico.is_none_or(|medico| medico == *id)).collect();
        let (ambientes, equipos) = (marco.ambientes(&oferta, deseo.medico), marco.equipos(&oferta));
        Self { oferta: Some(oferta), medicos, ambientes, equipos }
    }
}

struct Hallado {
    version: Option<i64>,
    mascota: Option<Uuid>,
    fallecida: Option<bool>,
    ocupados: Vec<Uuid>,
    conflictos: Option<Json<Vec<Conflicto>>>,
}

/// Looks at the pet and at what is taken. With the vet asked for taken, that is the end of it: all that is in the way comes
/// with the same answer.
async fn mirar(tx: &mut Tx, deseo: &Deseo, ofrecido: &Ofrecido) -> Result<Hallado, Problem> {
    let equipos: Vec<EquipoId> = ofrecido.equipos.iter().map(|pieza| pieza.id).collect();
    let slot = ofrecido.oferta.as_ref().map(|oferta| oferta.slot(deseo.inicio));
    let (desde, hasta) = slot.map_or((deseo.inicio, deseo.inicio), |slot| (slot.desde, slot.hasta));
    let pregunta = Pregunta {
        sede: deseo.sede,
        mascota: deseo.mascota,
        medico: deseo.medico,
        medicos: &ofrecido.medicos,
        ambientes: &ofrecido.ambientes,
        equipos: &equipos,
        desde,
        hasta,
        ahora: tx.now(),
    };
    Ok(preguntar(tx, &pregunta).await?)
}

/// Whether any of these is taken then.
struct Pregunta<'a> {
    sede: SedeId,
    mascota: Option<MascotaId>,
    medico: Option<UsuarioId>,
    medicos: &'a [UsuarioId],
    ambientes: &'a [AmbienteId],
    equipos: &'a [EquipoId],
    desde: Timestamp,
    hasta: Timestamp,
    ahora: Timestamp,
}

async fn preguntar(db: &mut PgConnection, pregunta: &Pregunta<'_>) -> Result<Hallado, sqlx::Error> {
    sqlx::query_as!(
        Hallado,
        r#"select (select v.version from v_version_agenda v) as version, m.id as "mascota?", m.fallecida_en is not null as fallecida,
                  o.ids as "ocupados!",
                  case when $9::uuid = any(o.ids) then (select coalesce(json_agg(k), '[]')
                         from citas_conflictos($1, $3, $4, $2, $5, $6, $7, null, $8) k) end as "conflictos: Json<Vec<Conflicto>>"
             from (select array(select recursos_ocupados($1, $3, $4, $5, $6, $7, $8)) as ids offset 0) o left join v_mascotas m on m.id = $2"#,
        pregunta.sede as _,
        pregunta.mascota as _,
        pregunta.medicos as _,
        pregunta.ambientes as _,
        pregunta.equipos as _,
        pregunta.desde.to_sqlx() as _,
        pregunta.hasta.to_sqlx() as _,
        pregunta.ahora.to_sqlx() as _,
        pregunta.medico as _,
    )
    .fetch_one(db)
    .await
}

/// Asks a new connection what every booking asks, about nobody. The first time costs PostgreSQL some 20 ms, which is a lot when
/// two hundred want one hour at the moment in which a server starts.
pub async fn calentar(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    let (sede, medico, ambiente, equipo) = (SedeId(Uuid::nil()), UsuarioId(Uuid::nil()), AmbienteId(Uuid::nil()), EquipoId(Uuid::nil()));
    let then = Timestamp::UNIX_EPOCH;
    let nobody = Pregunta {
        sede,
        mascota: None,
        medico: Some(medico),
        medicos: &[medico],
        ambientes: &[ambiente],
        equipos: &[equipo],
        desde: then,
        hasta: then,
        ahora: then,
    };
    preguntar(db, &nobody).await?;
    sqlx::query!(
        "select from citas_conflictos($1, array[$2::uuid], array[$3::uuid], $2, array[$4::uuid], $5, $5, null, $5)",
        sede as _,
        medico as _,
        ambiente as _,
        equipo as _,
        then.to_sqlx() as _
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

fn build(deseo: &Deseo, known: Option<(Arc<Marco>, Ofrecido)>, hallado: Hallado) -> Result<Contexto, Problem> {
    let mut missing = Vec::new();
    let mut require = |there: bool, pointer: &'static str| {
        if !there {
            missing.push(FieldError::new(pointer, "no existe"));
        }
    };
    let servicio = known.as_ref().and_then(|(marco, _)| marco.servicio(deseo.servicio).cloned());
    require(known.is_some(), "/sede_id");
    require(known.is_none() || servicio.is_some(), "/servicio_id");
    require(deseo.mascota.is_none() || hallado.mascota.is_some(), "/mascota_id");
    Problem::check(missing)?;
    let (Some((marco, ofrecido)), Some(servicio)) = (known, servicio) else { return Err(Problem::not_found()) };
    Ok(Contexto {
        agenda: marco.agenda.clone(),
        sede_activa: marco.activa,
        oferta: ofrecido.oferta.unwrap_or(servicio.oferta),
        servicio_activo: servicio.activo,
        medicos_del_servicio: servicio.medicos,
        medicos: ofrecido.medicos,
        ambientes: ofrecido.ambientes,
        equipos: ofrecido.equipos,
        ocupados: hallado.ocupados,
        conflictos: hallado.conflictos.map(|Json(conflictos)| conflictos),
        fallecida: hallado.fallecida.unwrap_or_default(),
    })
}
